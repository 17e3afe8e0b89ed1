/** Conformance: drain. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Broker } from "../../broker/Broker.ts"
import { jobs, settle } from "../JobFactory.ts"
import { type Kit, type Suite, together } from "./Kit.ts"

const drain = (kit: Kit, limit: number) => Broker.use((broker) => broker.drain(kit.queue, limit))

export const drainCases = ({ test, testOfOne }: Suite): void => {
  test("deletes everything that waits; running and ended jobs stay", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(5, () => together))
      const [running, completed, cancelled, dead, retryable] = yield* kit.claim(5)
      yield* kit.settle(
        settle.complete(completed!),
        settle.cancel(cancelled!),
        settle.die(dead!),
        settle.retry(retryable!)
      )
      const waiting = yield* kit.enqueue({}, { delayMs: 1 }, {})
      assert.deepStrictEqual(yield* drain(kit, 100), { count: 4, more: false })
      const stay = [running!.id, completed!.id, cancelled!.id, dead!.id]
      assert.deepStrictEqual(yield* kit.states(...stay), ["running", "completed", "cancelled", "dead"])
      assert.deepStrictEqual(yield* kit.states(retryable!.id, ...waiting), ["gone", "gone", "gone", "gone"])
      const { enqueued, pruned, removed } = (yield* kit.stats).totals
      assert.deepStrictEqual({ enqueued, pruned, removed }, { enqueued: 8, pruned: 0, removed: 4 })
    }))

  test("drains nothing from an empty queue, or one that was never used", (kit) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* drain(kit, 100), { count: 0, more: false })
      yield* kit.enqueueOne()
      yield* kit.claimOne()
      assert.deepStrictEqual(yield* drain(kit, 100), { count: 0, more: false })
    }))

  testOfOne(
    "takes available ones in order, then retryable, then scheduled ones, up to its limit",
    "partitions share the limit",
    (kit) =>
      Effect.gen(function*() {
        const retryable = yield* kit.enqueueOne()
        yield* kit.settle(settle.retry(yield* kit.claimOne(), 9000))
        const [low, scheduled, sooner, high] = yield* kit.enqueue(
          { priority: -1 },
          { delayMs: 5000 },
          { delayMs: 4000 },
          {}
        )
        const order = [high!, low!, retryable, sooner!, scheduled!]
        for (let step = 1; step <= 5; step++) {
          assert.deepStrictEqual(yield* drain(kit, 1), { count: 1, more: step < 5 })
          const left = (yield* kit.states(...order)).map((state) => state !== "gone")
          assert.deepStrictEqual(left, order.map((_, index) => index >= step))
        }
      })
  )

  test("gets through everything by steps of its limit", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(10))
      let drained = 0
      for (let more = true; more;) {
        const swept = yield* drain(kit, 3)
        assert.isAtMost(swept.count, 3)
        drained += swept.count
        more = swept.more
      }
      assert.strictEqual(drained, 10)
    }))

  test("drains a thousand jobs in one call", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(1000))
      assert.strictEqual((yield* drain(kit, 1000)).count, 1000)
      assert.strictEqual((yield* kit.stats).states.available, 0)
    }))
}
