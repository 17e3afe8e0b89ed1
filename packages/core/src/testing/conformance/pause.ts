/** Conformance: pause and resume. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import { Inspector } from "../../broker/Inspector.ts"
import { jobs, settle } from "../JobFactory.ts"
import type { Kit, Suite } from "./Kit.ts"

const pause = (kit: Kit) => Broker.use((broker) => broker.pause(kit.queue))
const resume = (kit: Kit) => Broker.use((broker) => broker.resume(kit.queue))

export const pauseCases = ({ test }: Suite): void => {
  test("gives no jobs while paused, and says so", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(3))
      assert.isFalse((yield* kit.stats).paused)
      yield* pause(kit)
      const reply = yield* kit.exchange({ claim: 5 })
      assert.deepStrictEqual([reply.jobs, reply.paused], [[], true])
      assert.isTrue((yield* kit.stats).paused)
    }))

  test("gives jobs again once resumed", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(3))
      yield* pause(kit)
      yield* resume(kit)
      const reply = yield* kit.exchange({ claim: 5 })
      assert.deepStrictEqual([reply.jobs.length, reply.paused], [3, false])
      assert.isFalse((yield* kit.stats).paused)
    }))

  test("goes on taking jobs in and settling what runs", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne()
      yield* pause(kit)
      const id = yield* kit.enqueueOne()
      const extended = yield* Broker.use((broker) => broker.extend(kit.queue, [claimed], 30_000))
      assert.deepStrictEqual(extended, [{ _tag: "Extended" }])
      assert.deepStrictEqual(yield* kit.settle(settle.complete(claimed)), ["settled"])
      assert.deepStrictEqual(yield* kit.states(claimed.id, id), ["completed", "available"])
    }))

  test("goes on making due jobs available, and telling when the next one is due", (kit) =>
    Effect.gen(function*() {
      const [first] = yield* kit.enqueue({ delayMs: 1000 }, { delayMs: 3000 })
      yield* pause(kit)
      yield* TestClock.adjust(1000)
      assert.strictEqual((yield* kit.exchange({ claim: 1 })).nextDueMs, 2000)
      assert.deepStrictEqual(yield* kit.states(first!), ["available"])
    }))

  test("pauses and resumes twice as well as once", (kit) =>
    Effect.gen(function*() {
      yield* pause(kit)
      yield* pause(kit)
      yield* kit.enqueueOne()
      yield* resume(kit)
      yield* resume(kit)
      assert.strictEqual((yield* kit.claim(1)).length, 1)
    }))

  test("pauses a queue that was never used", (kit) =>
    Effect.gen(function*() {
      yield* pause(kit)
      yield* kit.enqueueOne()
      assert.deepStrictEqual(yield* kit.claim(1), [])
    }))

  test("pauses only the one queue", (kit) =>
    Effect.gen(function*() {
      const other = { ...kit.queue, name: "other" }
      yield* Broker.use((broker) => broker.pause(other))
      yield* kit.enqueueOne()
      assert.strictEqual((yield* kit.claim(1)).length, 1)
      assert.isTrue((yield* Inspector.use((inspector) => inspector.stats(other))).paused)
    }))
}
