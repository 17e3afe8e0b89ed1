/**
 * What an app's tests ask of the broker, in terms of its tasks: which jobs there are and with what payload, how they
 * ended, and what happens when the process that runs one of them dies.
 *
 * Works on any broker; under TestClock use `MemoryBroker.layer`. For production code there is the `Inspector`.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { Broker } from "../broker/Broker.ts"
import { Inspector } from "../broker/Inspector.ts"
import type { BrokerError } from "../job/BrokerError.ts"
import type { Job } from "../job/Job.ts"
import type { JobId } from "../job/JobId.ts"
import { all as allStates, isFinal } from "../job/JobState.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import type * as Task from "../task/Task.ts"

/** One job of a task: the whole job, with its payload as the task's newest version has it. */
export interface TestJob<Payload> extends Omit<Job, "payload"> {
  readonly payload: Payload
}

/**
 * All jobs of a task, in the order in which they were enqueued (where the broker made the ids). A job that was kept for
 * no time after its end is not among them. A payload that the task can't read is a defect.
 */
export const jobs = <T extends Task.Any>(
  task: T
): Effect.Effect<ReadonlyArray<TestJob<Task.Payload<T>>>, BrokerError, Inspector> =>
  Effect.map(
    allOf(task.queue),
    (all) => all.filter((job) => job.task === task._tag).toSorted(byArrival).map((job) => decoded(task, job))
  )

/** One job of a task. That there is no such job is a defect. */
export const job = <T extends Task.Any>(
  task: T,
  id: JobId
): Effect.Effect<TestJob<Task.Payload<T>>, BrokerError, Inspector> =>
  Effect.flatMap(
    Inspector.use((inspector) => inspector.job(task.queue, id)),
    Option.match({
      onNone: () => Effect.die(new Error(`TestBroker: queue "${task.queue.name}" has no job ${id}`)),
      onSome: (found) => Effect.sync(() => decoded(task, found))
    })
  )

/**
 * Waits until every job of the task that is there now has ended, and answers all of its jobs. Wakes by itself: nothing is
 * polled. A job that waits for a time to come waits here too: move TestClock from another fiber.
 */
export const ended = <T extends Task.Any>(
  task: T
): Effect.Effect<ReadonlyArray<TestJob<Task.Payload<T>>>, BrokerError, Broker | Inspector> =>
  Effect.gen(function*() {
    const broker = yield* Broker
    const live = (yield* jobs(task)).filter((one) => !isFinal(one.state))
    yield* Effect.forEach(live, (one) => broker.awaitVerdict(task.queue, one.id), {
      concurrency: "unbounded",
      discard: true
    })
    return yield* jobs(task)
  })

/**
 * Lets the lease of a running job run out at once, as if the process that runs it had died, and rescues it: the attempt
 * counts, and the job waits for its next one or is dead. Its consumer, if alive, learns of it when it next extends the
 * lease. Answers false, and changes nothing, when the job does not run.
 */
export const crash = (task: Task.Any, id: JobId): Effect.Effect<boolean, BrokerError, Broker | Inspector> =>
  Effect.gen(function*() {
    const broker = yield* Broker
    const { lease } = yield* job(task, id)
    if (lease === undefined) return false
    const [extended] = yield* broker.extend(task.queue, [{ id, token: lease.token }], 0)
    if (extended?._tag === "Lost") return false
    let more = true
    while (more) more = (yield* broker.rescue(task.queue, 1000)).more
    return true
  })

const allOf = (queue: JobQueue): Effect.Effect<ReadonlyArray<Job>, BrokerError, Inspector> =>
  Effect.gen(function*() {
    const inspector = yield* Inspector
    const found = new Map<JobId, Job>()
    for (const state of allStates) {
      let cursor: string | undefined
      do {
        const page = yield* inspector.list(queue, state, { cursor, limit: 1000 })
        for (const one of page.jobs) found.set(one.id, one)
        cursor = page.cursor
      } while (cursor !== undefined)
    }
    return [...found.values()]
  })

/** Ids that a broker makes count up, so among those of one millisecond the shorter and then the lower came first. */
const byArrival = (left: Job, right: Job): number =>
  left.enqueuedAtMs - right.enqueuedAtMs || left.id.length - right.id.length || (left.id < right.id ? -1 : 1)

const decoded = <T extends Task.Any>(task: T, found: Job): TestJob<Task.Payload<T>> => {
  const payload = task.definition.decodePayload(found.version, found.payload)
  if (Result.isFailure(payload)) {
    throw new Error(`TestBroker: the payload of job ${found.id} does not fit task "${task._tag}": ${payload.failure}`)
  }
  // `decodePayload` is built from the schema that gives the task its payload type
  return { ...found, payload: payload.success as Task.Payload<T> }
}
