/**
 * Which queues this process has opened, and with how many partitions. `Routed` asks it before every call.
 *
 * A queue is opened once per process: what was found is remembered for as long as the broker lives, a failure is not. One
 * whose events are to be recorded always is told so the first time that it is opened with that setting.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { BrokerError, PartitionMismatch } from "../job/BrokerError.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import type { PartitionStore } from "./PartitionStore.ts"

/** Runs a call that uses a queue: opens it at its first use. */
export type WhenOpen = <A, R extends Scope.Scope = never>(
  queue: JobQueue,
  use: (count: number) => Effect.Effect<A, BrokerError, R>
) => Effect.Effect<A, BrokerError, R>

/** Runs a call that only looks: a queue that was never used answers `absent`, and stays unused. */
export type WhenKnown = <A>(
  queue: JobQueue,
  absent: A,
  use: (count: number) => Effect.Effect<A, BrokerError>
) => Effect.Effect<A, BrokerError>

/** Both, with one memory. */
export interface Openings {
  readonly whenOpen: WhenOpen
  readonly whenKnown: WhenKnown
}

/** What this needs of a store. */
export type Store = Pick<PartitionStore, "open" | "partitions" | "record">

/** Has the events of queues that ask for it recorded always, once per queue. */
const recorderOf = ({ record }: Store) => {
  const recorded = new Set<string>()
  return {
    isDone: (queue: JobQueue) => queue.recordEvents === "asked" || recorded.has(queue.name),
    run: (queue: JobQueue, count: number): Effect.Effect<unknown, BrokerError> => {
      const places = Array.from({ length: count }, (_, partition) => ({ queue, partition }))
      const recording = Effect.forEach(places, (place) => record(place, Infinity), {
        concurrency: "unbounded",
        discard: true
      })
      return Effect.andThen(recording, Effect.sync(() => recorded.add(queue.name)))
    }
  }
}

/** Remembers what one store answers. */
export const make = (store: Store): Openings => {
  const counts = new Map<string, number>()
  const recorder = recorderOf(store)
  const checked = (queue: JobQueue, stored: number): Effect.Effect<number, BrokerError> => {
    counts.set(queue.name, stored)
    return queue.partitions === undefined || queue.partitions === stored
      ? Effect.succeed(stored)
      : Effect.fail(
        new BrokerError({ reason: new PartitionMismatch({ queue: queue.name, stored, given: queue.partitions }) })
      )
  }
  const found = (queue: JobQueue): Effect.Effect<number, BrokerError> => {
    const stored = counts.get(queue.name)
    return stored === undefined
      ? Effect.tap(store.open(queue), (count) => Effect.sync(() => counts.set(queue.name, count)))
      : checked(queue, stored)
  }
  const opened = (queue: JobQueue): Effect.Effect<number, BrokerError> =>
    recorder.isDone(queue) ? found(queue) : Effect.tap(found(queue), (count) => recorder.run(queue, count))
  return {
    whenOpen: (queue, use) => {
      const count = counts.get(queue.name)
      return count !== undefined && (queue.partitions === undefined || queue.partitions === count) &&
          recorder.isDone(queue)
        ? use(count)
        : Effect.flatMap(Effect.suspend(() => opened(queue)), use)
    },
    whenKnown: (queue, absent, use) =>
      Effect.flatMap(
        Effect.suspend((): Effect.Effect<number | undefined, BrokerError> => {
          const count = counts.get(queue.name)
          return count === undefined ? store.partitions(queue) : Effect.succeed(count)
        }),
        (stored) => stored === undefined ? Effect.succeed(absent) : Effect.flatMap(checked(queue, stored), use)
      )
  }
}
