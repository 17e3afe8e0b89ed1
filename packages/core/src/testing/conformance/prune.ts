/** Conformance: prune. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import { jobs, settle } from "../JobFactory.ts"
import { type Kit, type Suite, together } from "./Kit.ts"

const prune = (kit: Kit, limit = 100) => Broker.use((broker) => broker.prune(kit.queue, limit))

export const pruneCases = ({ test, testOfOne }: Suite): void => {
  test("deletes ended jobs whose retention has passed, to the millisecond, and leaves all others", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(4, () => together))
      const claimed = yield* kit.claim(4)
      const [completed, cancelled, dead, later] = claimed
      yield* kit.settle(
        settle.complete(completed!, 1000),
        settle.cancel(cancelled!, 1000),
        settle.die(dead!, 1000),
        settle.complete(later!, 1001)
      )
      const waiting = yield* kit.enqueueOne()
      yield* TestClock.adjust(999)
      assert.deepStrictEqual(yield* prune(kit), { count: 0, more: false })
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* prune(kit), { count: 3, more: false })
      const ids = [...claimed.map(({ id }) => id), waiting]
      assert.deepStrictEqual(yield* kit.states(...ids), ["gone", "gone", "gone", "completed", "available"])
      const { enqueued, pruned, removed } = (yield* kit.stats).totals
      assert.deepStrictEqual({ enqueued, pruned, removed }, { enqueued: 5, pruned: 3, removed: 0 })
    }))

  test("prunes nothing in a queue that was never used", (kit) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* prune(kit), { count: 0, more: false })
    }))

  test("keeps showing a job until it is pruned", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne()
      yield* kit.settle(settle.complete(claimed, 1000))
      yield* TestClock.adjust(5000)
      assert.deepStrictEqual(yield* kit.states(claimed.id), ["completed"])
    }))

  testOfOne(
    "takes completed, then cancelled, then dead ones, the first to expire first, up to its limit",
    "partitions share the limit",
    (kit) =>
      Effect.gen(function*() {
        yield* kit.enqueue(...jobs(4))
        const [dead, cancelled, late, early] = yield* kit.claim(4)
        yield* kit.settle(
          settle.die(dead!, 1),
          settle.cancel(cancelled!, 1),
          settle.complete(late!, 20),
          settle.complete(early!, 10)
        )
        yield* TestClock.adjust(20)
        const order = [early!.id, late!.id, cancelled!.id, dead!.id]
        for (let step = 1; step <= 4; step++) {
          assert.deepStrictEqual(yield* prune(kit, 1), { count: 1, more: step < 4 })
          const left = (yield* kit.states(...order)).map((state) => state !== "gone")
          assert.deepStrictEqual(left, order.map((_, index) => index >= step))
        }
      })
  )

  test("deletes a thousand jobs in one call", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(1000, () => together))
      yield* kit.settle(...(yield* kit.claim(1000)).map((one) => settle.complete(one, 1)))
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* prune(kit, 1000)).count, 1000)
      assert.strictEqual((yield* kit.stats).states.completed, 0)
    }))

  test("frees the id", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ id: "a" })
      yield* kit.settle(settle.complete(yield* kit.claimOne(), 1000))
      yield* TestClock.adjust(1000)
      yield* prune(kit)
      assert.strictEqual(yield* kit.enqueueOne({ id: "a" }), id)
      assert.strictEqual((yield* kit.job(id)).verdict, undefined)
    }))
}
