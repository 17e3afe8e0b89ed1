/**
 * Makes `Events` of a store that keeps events by partition: opens readers, and keeps the recording on while they are open.
 */
import * as Effect from "effect/Effect"
import type { BrokerError } from "../job/BrokerError.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import { EventReader } from "./EventReader.ts"
import { Events, type ReadOptions } from "./Events.ts"
import type { Recording } from "./PartitionEvents.ts"
import type { PartitionStore } from "./PartitionStore.ts"
import type { Place } from "./Place.ts"

/** What this needs of a store. */
export type Store = Pick<PartitionStore, "open" | "partitions" | "record" | "events" | "eventHints">

/** How long (ms) events are recorded beyond the last reader, and how often each reader sees to it. */
const recordMs = 60_000
const refreshMs = 20_000
/** How often (ms) to look whether a queue is used by now. */
const lookMs = 1_000

/** Makes the service. */
export const make = (store: Store): Events["Service"] =>
  Events.of({
    read: (queue, options) =>
      Effect.flatMap(countOf(store, queue), (count) => open(store, placesOf(queue, count), options))
  })

/** All partitions of a queue. */
const placesOf = (queue: JobQueue, count: number): ReadonlyArray<Place> =>
  Array.from({ length: count }, (_, partition) => ({ queue, partition }))

const countOf = Effect.fnUntraced(function*(store: Store, queue: JobQueue): Effect.fn.Return<number, BrokerError> {
  if (queue.partitions !== undefined) return yield* store.open(queue)
  while (true) {
    const count = yield* store.partitions(queue)
    if (count !== undefined) return count
    yield* Effect.sleep(lookMs)
  }
})

const record = (store: Store, places: ReadonlyArray<Place>): Effect.Effect<ReadonlyArray<Recording>, BrokerError> =>
  Effect.forEach(places, (place) => store.record(place, recordMs), { concurrency: "unbounded" })

const open = Effect.fnUntraced(function*(store: Store, places: ReadonlyArray<Place>, options: ReadOptions | undefined) {
  const reader = new EventReader(store, places)
  yield* Effect.forEach(
    places,
    (place) => store.eventHints(place, () => reader.hint(place.partition)),
    { concurrency: "unbounded", discard: true }
  )
  reader.begin(yield* record(store, places), options?.after)
  const refresh = Effect.suspend(() => {
    const before = reader.standing()
    return Effect.map(record(store, places), (recordings) => reader.check(before, recordings))
  })
  // a refresh that fails is no reason to end: whoever reads on finds out by itself whether the broker is there
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(refreshMs), Effect.ignore(refresh))))
  return reader
})
