/** Conformance: promote, the duty and by hand. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import type { JobId } from "../../job/JobId.ts"
import { jobs, settle } from "../JobFactory.ts"
import { type Kit, type Suite, together } from "./Kit.ts"

const promote = (kit: Kit, limit: number) => Broker.use((broker) => broker.promote(kit.queue, limit))
const promoteJobs = (kit: Kit, ids: ReadonlyArray<JobId>) => Broker.use((broker) => broker.promoteJobs(kit.queue, ids))

export const promoteCases = ({ test, testOfOne }: Suite): void => {
  test("makes due jobs available, scheduled and retryable ones, and leaves the others", (kit) =>
    Effect.gen(function*() {
      const retried = yield* kit.enqueueOne()
      yield* kit.settle(settle.retry(yield* kit.claimOne(), 1000))
      const [due, later] = yield* kit.enqueue({ delayMs: 1000 }, { delayMs: 1001 })
      yield* TestClock.adjust(1000)
      assert.deepStrictEqual(yield* promote(kit, 100), { count: 2, more: false })
      assert.deepStrictEqual(yield* kit.states(retried, due!, later!), ["available", "available", "scheduled"])
      const { attempt, dueAtMs } = yield* kit.job(retried)
      assert.deepStrictEqual({ attempt, dueAtMs }, { attempt: 1, dueAtMs: undefined })
    }))

  test("promotes nothing where nothing is due, and in a queue that was never used", (kit) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* promote(kit, 100), { count: 0, more: false })
      yield* kit.enqueue({ delayMs: 1 })
      assert.deepStrictEqual(yield* promote(kit, 100), { count: 0, more: false })
    }))

  test("promotes in order of due times, as they are then claimed", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...[300, 100, 200].map((delayMs) => ({ ...together, delayMs })))
      yield* TestClock.adjust(300)
      yield* promote(kit, 100)
      assert.deepStrictEqual((yield* kit.claim(3)).map(({ id }) => id), [ids[1], ids[2], ids[0]])
    }))

  testOfOne(
    "stops at its limit and says that there is more",
    "partitions share the limit",
    (kit) =>
      Effect.gen(function*() {
        const ids = yield* kit.enqueue(...jobs(5, (index) => ({ delayMs: index + 1 })))
        yield* TestClock.adjust(5)
        assert.deepStrictEqual(yield* promote(kit, 3), { count: 3, more: true })
        assert.deepStrictEqual((yield* kit.states(...ids)).map((state) => state[0]), ["a", "a", "a", "s", "s"])
        assert.deepStrictEqual(yield* promote(kit, 2), { count: 2, more: false })
      })
  )

  test("gets through everything by steps of its limit", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(10, () => ({ delayMs: 1 })))
      yield* TestClock.adjust(1)
      let promoted = 0
      for (let more = true; more;) {
        const swept = yield* promote(kit, 3)
        assert.isAtMost(swept.count, 3)
        promoted += swept.count
        more = swept.more
      }
      assert.strictEqual(promoted, 10)
    }))

  test("promotes while the queue is paused", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ delayMs: 1 })
      yield* Broker.use((broker) => broker.pause(kit.queue))
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* promote(kit, 10)).count, 1)
      assert.deepStrictEqual(yield* kit.states(id), ["available"])
    }))

  test("by hand: makes scheduled and retryable jobs available now, at the back, in the order of the ids", (kit) =>
    Effect.gen(function*() {
      const retried = yield* kit.enqueueOne(together)
      yield* kit.settle(settle.retry(yield* kit.claimOne(), 5000))
      const scheduled = yield* kit.enqueueOne({ ...together, delayMs: 5000 })
      const waiting = yield* kit.enqueueOne(together)
      assert.deepStrictEqual(yield* promoteJobs(kit, [scheduled, retried]), ["done", "done"])
      const claimed = yield* kit.claim(3)
      assert.deepStrictEqual(claimed.map(({ id }) => id), [waiting, scheduled, retried])
      assert.deepStrictEqual(claimed.map(({ attempt }) => attempt), [1, 1, 2])
    }))

  test("by hand: answers the state of all others, and changes nothing", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(together, together)
      const claimed = yield* kit.claim(2)
      yield* kit.settle(settle.complete(claimed[0]!))
      const available = yield* kit.enqueueOne()
      const ids = [claimed[0]!.id, claimed[1]!.id, available]
      const before = yield* Effect.forEach(ids, kit.job)
      const answers = yield* promoteJobs(kit, [...ids, "0:x" as JobId])
      assert.deepStrictEqual(answers, ["completed", "running", "available", "not-found"])
      assert.deepStrictEqual(yield* Effect.forEach(ids, kit.job), before)
    }))

  test("by hand: the second of a pair finds the job available", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ delayMs: 1 })
      assert.deepStrictEqual(yield* promoteJobs(kit, [id, id]), ["done", "available"])
    }))
}
