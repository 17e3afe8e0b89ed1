import * as JobQueue from "../../src/task/JobQueue.ts"
import { EventReader } from "../../src/broker/EventReader.ts"
import type { EventPosition, PartitionEvent, PartitionEvents } from "../../src/broker/PartitionEvents.ts"
import { BrokerError, BrokerUnavailable } from "../../src/job/BrokerError.ts"
import * as JobId from "../../src/job/JobId.ts"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"

const queue = JobQueue.make("q", { partitions: 2 })
const places = [0, 1].map((partition) => ({ queue, partition }))
const away = new BrokerError({ reason: new BrokerUnavailable({ operation: "events", detail: "away" }) })

/** What a test puts into the partitions. */
const makeStore = () => {
  const state = {
    events: [[], []] as Array<Array<PartitionEvent>>,
    reads: 0,
    fault: Effect.void as Effect.Effect<void, BrokerError>
  }
  const put = (partition: number, number: number, epoch = 1) =>
    state.events[partition]!.push({
      epoch,
      number,
      atMs: 10 * number,
      event: "enqueued",
      id: JobId.make(partition, `${epoch}-${number}`),
      task: undefined,
      attempt: undefined
    })
  const store: PartitionEvents = {
    record: () => Effect.die(new Error("a reader does not record")),
    eventHints: () => Effect.void,
    events: (place, after) =>
      Effect.suspend(() => {
        state.reads++
        const found = state.events[place.partition]!.filter(({ epoch, number }) =>
          epoch > after.epoch || (epoch === after.epoch && number > after.number)
        )
        return Effect.as(state.fault, found.slice(0, 2))
      })
  }
  return { state, store, put }
}

const recordings = (...positions: ReadonlyArray<EventPosition>) =>
  positions.map((position) => ({ ...position, atMs: 7 }))
const start = recordings({ epoch: 1, number: 0 }, { epoch: 1, number: 0 })

const brief = (events: ReadonlyArray<{ readonly event: string; readonly id?: string }>) =>
  events.map(({ event, id }) => id ?? event)

describe("a reader of events", () => {
  it.effect("reads page after page, and each partition only when there may be something new", () =>
    Effect.gen(function*() {
      const { put, state, store } = makeStore()
      const reader = new EventReader(store, places)
      reader.begin(start, undefined)
      assert.deepStrictEqual(brief(yield* reader.next), ["listening"])
      const waiting = yield* Effect.forkChild(reader.next, { startImmediately: true })
      assert.strictEqual(state.reads, 2)
      for (let number = 1; number <= 3; number++) put(1, number)
      reader.hint(1)
      assert.deepStrictEqual(brief(yield* Fiber.join(waiting)), ["1:1-1", "1:1-2"])
      assert.deepStrictEqual(brief(yield* reader.next), ["1:1-3"])
      assert.strictEqual(state.reads, 4)
    }))

  it.effect("tells a gap where numbers are missing, and where another numbering has begun", () =>
    Effect.gen(function*() {
      const { put, store } = makeStore()
      const reader = new EventReader(store, places)
      reader.begin(start, undefined)
      yield* reader.next
      put(0, 1)
      put(0, 3)
      reader.hint(0)
      const [first, gap, third] = yield* reader.next
      assert.deepStrictEqual(brief([first!, gap!, third!]), ["0:1-1", "gap", "0:1-3"])
      assert.deepInclude(gap, { cursor: "1-2,1-0", atMs: 30 })
      assert.strictEqual(third?.cursor, "1-3,1-0")
      put(0, 2, 5)
      put(0, 3, 5)
      reader.hint(0)
      assert.deepStrictEqual(brief(yield* reader.next), ["gap", "0:5-2", "0:5-3"])
    }))

  it.effect("tells a gap, and begins now, when the store has lost what was read already", () =>
    Effect.gen(function*() {
      const { put, state, store } = makeStore()
      const reader = new EventReader(store, places)
      reader.begin(start, undefined)
      yield* reader.next
      put(0, 1)
      put(0, 2)
      reader.hint(0)
      yield* reader.next
      // a replica takes over that never had the second one
      state.events[0]!.pop()
      const before = reader.standing()
      reader.check(before, recordings({ epoch: 1, number: 1 }, { epoch: 1, number: 0 }))
      put(0, 2)
      assert.deepStrictEqual(brief(yield* reader.next), ["gap"])
      assert.deepStrictEqual(brief(yield* reader.next), ["0:1-2"])
    }))

  it.effect("takes no recording for a loss that was asked for before it read on", () =>
    Effect.gen(function*() {
      const { put, store } = makeStore()
      const reader = new EventReader(store, places)
      reader.begin(start, undefined)
      yield* reader.next
      const before = reader.standing()
      put(0, 1)
      reader.hint(0)
      yield* reader.next
      reader.check(before, start)
      put(0, 2)
      reader.hint(0)
      assert.deepStrictEqual(brief(yield* reader.next), ["0:1-2"])
    }))

  it.effect("goes on where it was after a read that failed", () =>
    Effect.gen(function*() {
      const { put, state, store } = makeStore()
      const reader = new EventReader(store, places)
      reader.begin(start, undefined)
      yield* reader.next
      put(0, 1)
      state.fault = Effect.fail(away)
      assert.strictEqual(yield* Effect.flip(reader.next), away)
      state.fault = Effect.void
      assert.deepStrictEqual(brief(yield* reader.next), ["0:1-1"])
    }))
})
