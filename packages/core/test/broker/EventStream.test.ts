import { Broker, JobQueue, MemoryBroker } from "@sluice/core"
import * as EventStream from "@sluice/core/EventStream"
import { JobFactory } from "@sluice/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { TestClock } from "effect/testing"

const queue = JobQueue.make("emails", { partitions: 2 })
const enqueue = (count: number) => Broker.use((broker) => broker.enqueue(queue, JobFactory.jobs(count)))

describe("a stream of events", () => {
  it.effect("begins with listening, and goes on behind a cursor where another one ended", () =>
    Effect.gen(function*() {
      // each element asks for the next one: the stream is pulled, and waits where nobody takes
      const first = yield* EventStream.make(queue).pipe(
        Stream.tap(({ event }) => event === "listening" ? enqueue(3) : Effect.void),
        Stream.take(3),
        Stream.runCollect
      )
      assert.deepStrictEqual(first.map(({ event }) => event), ["listening", "enqueued", "enqueued"])
      const rest = yield* EventStream.make(queue, { after: first.at(-1)?.cursor }).pipe(
        Stream.take(2),
        Stream.runCollect
      )
      assert.deepStrictEqual(rest.map(({ event }) => event), ["listening", "enqueued"])
      assert.strictEqual(new Set([...first, ...rest].flatMap((event) => "id" in event ? [event.id] : [])).size, 3)
    }).pipe(Effect.provide(MemoryBroker.layer)))

  it.effect("stops the recording a minute after it has ended", () =>
    Effect.gen(function*() {
      const [listening] = yield* EventStream.make(queue).pipe(Stream.take(1), Stream.runCollect)
      yield* TestClock.adjust("2 minutes")
      yield* enqueue(1)
      const after = yield* EventStream.make(queue, { after: listening?.cursor }).pipe(
        Stream.tap(({ event }) => event === "listening" ? enqueue(2) : Effect.void),
        Stream.take(5),
        Stream.runCollect
      )
      assert.sameMembers(after.map(({ event }) => event), ["listening", "gap", "enqueued", "gap", "enqueued"])
    }).pipe(Effect.provide(MemoryBroker.layer)))
})
