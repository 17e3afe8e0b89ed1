/**
 * What the maintenance duties have in common: a sweep over some queues, again and again, in as many processes as like.
 *
 * Internal; `Promoter`, `Rescuer` and `Pruner` use it. There is no leader: sweeps are safe at any time and from anywhere,
 * and each process starts them at its own random moments. A sweep that fails is logged, once per outage and queue, and
 * the next one comes at its time.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import { Broker, type Swept } from "../broker/Broker.ts"
import type { BrokerError } from "../job/BrokerError.ts"
import * as JobQueue from "../task/JobQueue.ts"

/** How a duty is done. */
export interface Options {
  /** The queues to sweep, by name or by value. */
  readonly queues: ReadonlyArray<string | JobQueue.JobQueue>
  /**
   * The time from the end of one sweep to the start of the next, by this process's clock; each is spread over 0.8 to 1.2
   * times that, and the first comes after 0 to 1 times. 10 ms to a day.
   */
  readonly every?: Duration.Input | undefined
  /** How many jobs one step moves or deletes at most; steps follow each other while there is more. 1 to 1,000. */
  readonly limit?: number | undefined
}

/** What a duty does with one queue: one bounded step. */
export type Step = (
  broker: Broker["Service"],
  queue: JobQueue.JobQueue,
  limit: number
) => Effect.Effect<Swept, BrokerError>

/** What a duty is called and does, and what it does when nothing else is said. */
export interface Duty {
  /** The verb, for log lines. */
  readonly name: string
  readonly step: Step
  readonly every: Duration.Duration
  readonly limit: number
}

const day = Duration.toMillis(Duration.days(1))

/** The options with the duty's defaults, or a `RangeError` that names what is out of range. */
const settle = ({ every, limit, name }: Duty, options: Options) => {
  const everyMs = Duration.toMillis(Duration.fromInputUnsafe(options.every ?? every))
  if (!(everyMs >= 10 && everyMs <= day)) {
    throw new RangeError(`${name}: every is ${everyMs} ms; it has to be from 10 to ${day}`)
  }
  const most = options.limit ?? limit
  if (!Number.isInteger(most) || most < 1 || most > 1000) {
    throw new RangeError(`${name}: limit is ${most}; it has to be a whole number from 1 to 1000`)
  }
  return { everyMs, limit: most, queues: options.queues.map((queue) => JobQueue.from(queue)) }
}

/** Sweeps one queue: steps until there is no more. Answers how many jobs were moved or deleted. */
export const sweep = Effect.fnUntraced(function*(duty: Duty, queue: string | JobQueue.JobQueue, limit = duty.limit) {
  const broker = yield* Broker
  const swept = JobQueue.from(queue)
  let count = 0
  while (true) {
    const step = yield* duty.step(broker, swept, limit)
    count += step.count
    // a step that did nothing will not do more the next time: whoever did it meanwhile is at it
    if (!step.more || step.count === 0) return count
  }
})

/** Sweeps one queue; answers whether that worked, and logs when an outage begins and ends. */
const attempt = Effect.fnUntraced(function*(duty: Duty, queue: JobQueue.JobQueue, limit: number, failing: Set<string>) {
  const exit = yield* Effect.exit(sweep(duty, queue, limit))
  if (Exit.isSuccess(exit)) {
    if (failing.delete(queue.name)) yield* Effect.logInfo(`Sweeps of queue "${queue.name}" (${duty.name}) work again`)
  } else if (!Cause.hasInterruptsOnly(exit.cause) && !failing.has(queue.name)) {
    failing.add(queue.name)
    yield* Effect.logWarning(
      `A sweep of queue "${queue.name}" (${duty.name}) failed; the next comes at its time`,
      exit.cause
    )
  }
})

/** Sweeps for ever. Throws a `RangeError` that names the option when one is out of range. */
export const loop = (duty: Duty, options: Options): Effect.Effect<never, never, Broker> => {
  const { everyMs, limit, queues } = settle(duty, options)
  return Effect.suspend(() => {
    const failing = new Set<string>()
    const round = Effect.forEach(queues, (queue) => attempt(duty, queue, limit, failing), { discard: true })
    const pause = Effect.flatMap(Random.nextBetween(0.8 * everyMs, 1.2 * everyMs), (millis) => Effect.sleep(millis))
    const start = Effect.flatMap(Random.nextBetween(0, everyMs), (millis) => Effect.sleep(millis))
    return Effect.andThen(start, Effect.forever(Effect.andThen(round, pause)))
  })
}
