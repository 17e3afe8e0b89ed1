import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../src/broker/Broker.ts"
import type { BrokerError } from "../../src/job/BrokerError.ts"
import { Inspector } from "../../src/broker/Inspector.ts"
import * as MemoryBroker from "../../src/broker/memory/MemoryBroker.ts"
import * as JobQueue from "../../src/task/JobQueue.ts"
import * as FaultyBroker from "../../src/testing/FaultyBroker.ts"
import { job, jobs } from "../../src/testing/JobFactory.ts"

const queue = JobQueue.make("q")
const enqueue = Broker.use((broker) => broker.enqueue(queue, [job()]))
/** "done", or why not. */
const outcome = (use: Effect.Effect<unknown, BrokerError, Broker>) =>
  Effect.match(use, { onFailure: (error) => error.reason._tag, onSuccess: () => "done" })
const count = Inspector.use((inspector) => Effect.map(inspector.stats(queue), ({ states }) => states.available))
const test = (name: string, body: Effect.Effect<void, BrokerError, Broker | Inspector | FaultyBroker.Faults>) => {
  it.effect(name, () => Effect.provide(Effect.orDie(body), FaultyBroker.over(MemoryBroker.layer)))
}

describe("FaultyBroker", () => {
  test(
    "does as ever until told otherwise, and counts calls",
    Effect.gen(function*() {
      const faults = yield* FaultyBroker.Faults
      yield* enqueue
      yield* enqueue
      assert.strictEqual(yield* faults.calls("enqueue"), 2)
      assert.strictEqual(yield* faults.calls("exchange"), 0)
      assert.strictEqual(yield* count, 2)
    })
  )

  test(
    "fails the next calls, before or after they were done",
    Effect.gen(function*() {
      const faults = yield* FaultyBroker.Faults
      yield* faults.next("enqueue", "away")
      yield* faults.next("enqueue", "lostReply", 2)
      assert.strictEqual(yield* outcome(enqueue), "BrokerUnavailable")
      assert.strictEqual(yield* count, 0)
      assert.strictEqual(yield* outcome(enqueue), "BrokerUnavailable")
      assert.strictEqual(yield* outcome(enqueue), "BrokerUnavailable")
      assert.strictEqual(yield* count, 2)
      assert.strictEqual(yield* outcome(enqueue), "done")
      assert.strictEqual(yield* count, 3)
    })
  )

  test(
    "is away for all verbs until it is healed",
    Effect.gen(function*() {
      const faults = yield* FaultyBroker.Faults
      const broker = yield* Broker
      yield* faults.always("all", "away")
      for (const use of [enqueue, broker.pause(queue), broker.rescue(queue, 1)]) {
        assert.strictEqual(yield* outcome(use), "BrokerUnavailable")
      }
      yield* faults.heal
      assert.strictEqual(yield* outcome(enqueue), "done")
      assert.strictEqual(yield* count, 1)
    })
  )

  test(
    "hangs until it is healed, and then does it",
    Effect.gen(function*() {
      const faults = yield* FaultyBroker.Faults
      yield* faults.next("enqueue", "hang")
      const hanging = yield* Effect.forkChild(enqueue, { startImmediately: true })
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(hanging.pollUnsafe(), undefined)
      assert.strictEqual(yield* count, 0)
      yield* faults.heal
      yield* Fiber.join(hanging)
      assert.strictEqual(yield* count, 1)
    })
  )

  test(
    "is as slow as it is told",
    Effect.gen(function*() {
      const faults = yield* FaultyBroker.Faults
      yield* faults.always("enqueue", { delay: "3 seconds" })
      const slow = yield* Effect.forkChild(enqueue, { startImmediately: true })
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(slow.pollUnsafe(), undefined)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(slow)
    })
  )

  test(
    "wakes nobody while muted",
    Effect.scoped(Effect.gen(function*() {
      const faults = yield* FaultyBroker.Faults
      const broker = yield* Broker
      const heard: Array<string> = []
      yield* broker.wakeups(queue, "c", (why) => heard.push(why))
      const idle = (sequence: number) =>
        broker.exchange({
          queue,
          consumer: "c",
          lane: "l",
          sequence,
          settle: [],
          claim: 5,
          leaseMs: 1000,
          wake: true
        })
      yield* idle(1)
      yield* faults.mute
      yield* broker.enqueue(queue, jobs(1))
      assert.deepStrictEqual(heard, [])
      yield* faults.heal
      yield* idle(2)
      yield* broker.enqueue(queue, jobs(1))
      assert.deepStrictEqual(heard, ["work"])
    }))
  )
})
