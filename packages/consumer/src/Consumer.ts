/**
 * Takes jobs out of queues and runs their handlers: the consumer as a layer.
 *
 * `Consumer.layer({ tasks, queues })` asks for a `Broker` and for the handler of each task, consumes from the moment it
 * is built, and stops gracefully when its scope closes. A broker that is away is waited for, and `ConsumerHealth`, which
 * it provides, says so meanwhile; only a queue with another number of partitions is refused.
 */
import { Broker } from "@sluice/core/Broker"
import type { PartitionMismatch } from "@sluice/core/BrokerError"
import * as Handler from "@sluice/core/Handler"
import * as JobQueue from "@sluice/core/JobQueue"
import * as Promoter from "@sluice/core/Promoter"
import * as Pruner from "@sluice/core/Pruner"
import * as Rescuer from "@sluice/core/Rescuer"
import type * as Task from "@sluice/core/Task"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { hostname } from "node:os"
import { pid } from "node:process"
import * as Health from "./ConsumerHealth.ts"
import * as ConsumerOptions from "./ConsumerOptions.ts"
import * as Host from "./Host.ts"
import * as Presence from "./Presence.ts"
import { QueueEngine, stopBoundMs } from "./QueueEngine.ts"
import { SharedSlots } from "./SharedSlots.ts"
import { startCheck } from "./startCheck.ts"

export { type Check, ConsumerHealth } from "./ConsumerHealth.ts"
export type { Options as ProcessOptions, QueueOptions } from "./ConsumerOptions.ts"
export { type Report, stopBoundMs } from "./QueueEngine.ts"

/** The options of a consumer of these tasks. `queues` names exactly the tasks' queues. */
export interface Options<Tasks extends ReadonlyArray<Task.Any>> extends ConsumerOptions.Options {
  /** The tasks to run; each needs its handler's layer. */
  readonly tasks: Tasks
  /** How this process consumes each of the tasks' queues, by name. */
  readonly queues: { readonly [Queue in Task.QueueName<Tasks[number]>]: ConsumerOptions.QueueOptions }
}

/** One queue's settings out of what its tasks give: plain names may stand beside one set of settings, two sets may not. */
const agreed = (name: string, given: ReadonlyArray<JobQueue.JobQueue>): JobQueue.JobQueue => {
  const plain = JobQueue.make(name)
  const own = new Map(given.map((queue) => [JSON.stringify(queue), queue]))
  own.delete(JSON.stringify(plain))
  if (own.size > 1) {
    throw new RangeError(
      `Consumer: the tasks of queue "${name}" give it different settings; let them share one JobQueue`
    )
  }
  return [...own.values()][0] ?? plain
}

/**
 * The tasks without repetitions; one may stand in several queues. Two tasks of one name can't be told apart: a bug in code.
 */
const distinct = (tasks: ReadonlyArray<Task.Any>): ReadonlyArray<Task.Any> => {
  const byName = new Map<string, Task.Any>()
  const byPlace = new Map<string, Task.Any>()
  for (const task of tasks) {
    const other = byName.get(task._tag)
    if (other !== undefined && other.definition !== task.definition) {
      throw new RangeError(`Consumer: two tasks are named "${task._tag}"; a job could not tell which one it is of`)
    }
    byName.set(task._tag, task)
    byPlace.set(`${task.queue.name} ${task._tag}`, task)
  }
  return [...byPlace.values()]
}

const optionsOf = (queues: Readonly<Record<string, ConsumerOptions.QueueOptions>>, name: string) => {
  const options = queues[name]
  if (options === undefined) throw new RangeError(`Consumer: queues has no options for queue "${name}"`)
  return options
}

/**
 * What sets this life's name apart from all others: one that is used again would continue the old life's calls. Eight
 * characters, and not from Effect's Random: two lives under one seed would have the same.
 */
const lifeOf = (): string => {
  const [random] = crypto.getRandomValues(new BigUint64Array(1))
  return (random! % 36n ** 8n).toString(36).padStart(8, "0")
}

/** The maintenance duties, for these queues, as long as the layer lives. */
const maintain = (queues: ReadonlyArray<JobQueue.JobQueue>) =>
  Effect.forEach([Promoter, Rescuer, Pruner], (duty) => Effect.forkScoped(duty.make({ queues })), { discard: true })

/** What one queue's engine is made of. */
interface Part {
  readonly queue: JobQueue.JobQueue
  readonly tasks: ReadonlyArray<Task.Any>
  readonly settings: ConsumerOptions.QueueSettings
}

/** The queues of these tasks with their settings: what is out of range or contradicts itself is found here. */
const partsOf = (
  tasks: ReadonlyArray<Task.Any>,
  queues: Readonly<Record<string, ConsumerOptions.QueueOptions>>,
  options: ConsumerOptions.Options
): ReadonlyArray<Part> =>
  [...new Set(tasks.map((task) => task.queue.name))].map((name) => {
    const own = tasks.filter((task) => task.queue.name === name)
    return {
      queue: agreed(name, own.map((task) => task.queue)),
      tasks: own,
      settings: ConsumerOptions.queueSettings(optionsOf(queues, name), options)
    }
  })

const start = Effect.fnUntraced(function*(
  tasks: ReadonlyArray<Task.Any>,
  parts: ReadonlyArray<Part>,
  process: ConsumerOptions.Settings,
  options: ConsumerOptions.Options
) {
  const context = yield* Effect.context<Broker>()
  const host = Host.make(context)
  const consumer = `${options.name ?? `${hostname()}-${pid}`}-${lifeOf()}`
  const shared = process.concurrency === undefined ? undefined : new SharedSlots(process.concurrency, host.nowMs)
  const engines = parts.map((part) =>
    new QueueEngine({
      host,
      broker: Context.get(context, Broker),
      queue: part.queue,
      consumer,
      settings: part.settings,
      process,
      shared,
      // the layer's type asks for the handler of each task; here they are looked up by name
      handlers: part.tasks.map((task) => Context.getUnsafe(context, Handler.key(task._tag)))
    })
  )
  engines.forEach((engine) => engine.start())
  const presence = Presence.start({ host, consumer, version: options.version, tasks, engines })
  if (process.maintenance) yield* maintain(engines.map(({ queue }) => queue))
  return { host, process, engines, presence, health: Health.make(consumer, engines, process) }
})

/** Stops the queues, and says so where consumers are listed; all of it within the bound. */
const stop = Effect.fnUntraced(function*(started: Effect.Success<ReturnType<typeof start>>) {
  const { engines, host, presence, process } = started
  const endMs = host.nowMs() + process.graceMs + stopBoundMs
  presence?.stopping()
  yield* Effect.forEach(engines, (engine) => engine.stop(), { concurrency: "unbounded", discard: true })
  if (presence !== undefined) yield* presence.leave(endMs - host.nowMs())
})

const consume = Effect.fnUntraced(function*(
  listed: ReadonlyArray<Task.Any>,
  queues: Readonly<Record<string, ConsumerOptions.QueueOptions>>,
  options: ConsumerOptions.Options
) {
  const process = ConsumerOptions.settings(options)
  const tasks = distinct(listed)
  const parts = partsOf(tasks, queues, options)
  yield* startCheck(yield* Broker, parts.map(({ queue }) => queue))
  return (yield* Effect.acquireRelease(start(tasks, parts, process, options), stop)).health
})

/**
 * Consumes the tasks' queues for as long as the layer lives. When its scope closes it claims nothing more, lets handlers
 * finish within the grace, releases the rest, and ends within `stopBoundMs` after it, whatever the broker does. Under a
 * `TestClock`, set `grace: 0` where a test ends while handlers still run.
 *
 * Fails with `PartitionMismatch`, before anything is claimed, where a queue names another partition count than the one
 * stored at its first use. Options out of range, a queue without options, two tasks of one name, and tasks that disagree
 * about a queue's settings are defects.
 */
export const layer = <const Tasks extends ReadonlyArray<Task.Any>>(
  options: Options<Tasks>
): Layer.Layer<Health.ConsumerHealth, PartitionMismatch, Broker | Task.HandlerOf<Tasks[number]>> =>
  Layer.effect(
    Health.ConsumerHealth,
    Effect.andThen(
      Effect.context<Task.HandlerOf<Tasks[number]>>(),
      consume(options.tasks, options.queues, options)
    )
  )
