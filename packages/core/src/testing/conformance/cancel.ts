/** Conformance: cancel. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import type { JobId } from "../../job/JobId.ts"
import { settle } from "../JobFactory.ts"
import { type Kit, startMs, type Suite, together } from "./Kit.ts"

const cancel = (kit: Kit, ids: ReadonlyArray<JobId>, reason = "not needed") =>
  Broker.use((broker) => broker.cancel(kit.queue, ids, reason))

const byOperator = { _tag: "Cancelled", by: "operator", reason: "not needed" } as const

export const cancelCases = ({ test }: Suite): void => {
  test("ends available, scheduled and retryable jobs at once", (kit) =>
    Effect.gen(function*() {
      const retryable = yield* kit.enqueueOne()
      yield* kit.settle(settle.retry(yield* kit.claimOne()))
      const [available, scheduled] = yield* kit.enqueue({}, { delayMs: 5000 })
      const ids = [available!, scheduled!, retryable]
      assert.deepStrictEqual(yield* cancel(kit, ids), ["done", "done", "done"])
      for (const id of ids) {
        const { dueAtMs, expiresAtMs, state, verdict } = yield* kit.job(id)
        assert.deepStrictEqual({ dueAtMs, expiresAtMs, state, verdict }, {
          dueAtMs: undefined,
          expiresAtMs: startMs + 86_400_000,
          state: "cancelled",
          verdict: byOperator
        })
      }
      yield* TestClock.adjust(10_000)
      assert.deepStrictEqual(yield* kit.claim(5), [])
      assert.strictEqual((yield* kit.stats).totals.cancelled, 3)
      assert.strictEqual((yield* kit.job(retryable)).attempt, 1)
    }))

  test("takes any text as the reason", (kit) =>
    Effect.gen(function*() {
      for (const reason of ["", "\"quoted\" \\ \n \u{1F600} \u0000", "x".repeat(5000)]) {
        const id = yield* kit.enqueueOne()
        yield* cancel(kit, [id], reason)
        assert.deepStrictEqual((yield* kit.job(id)).verdict, { ...byOperator, reason })
      }
    }))

  test("asks for a running job: it goes on, and shows the wish", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      yield* kit.claimOne()
      assert.deepStrictEqual(yield* cancel(kit, [id]), ["requested"])
      const { cancelRequested, state, verdict } = yield* kit.job(id)
      assert.deepStrictEqual({ cancelRequested, state, verdict }, {
        cancelRequested: "not needed",
        state: "running",
        verdict: undefined
      })
      assert.strictEqual((yield* kit.stats).totals.cancelled, 0)
    }))

  test("keeps the first reason when asked twice", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      yield* kit.claimOne()
      assert.deepStrictEqual(yield* cancel(kit, [id], "first"), ["requested"])
      assert.deepStrictEqual(yield* cancel(kit, [id], "second"), ["requested"])
      assert.strictEqual((yield* kit.job(id)).cancelRequested, "first")
    }))

  test("lets a completion, a death and the handler's own cancel win over the wish", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(together, together, together)
      const claimed = yield* kit.claim(3)
      const ids = claimed.map(({ id }) => id)
      yield* cancel(kit, ids)
      yield* kit.settle(settle.complete(claimed[0]!), settle.die(claimed[1]!), settle.cancel(claimed[2]!))
      assert.deepStrictEqual(yield* kit.states(...ids), ["completed", "dead", "cancelled"])
      assert.strictEqual((yield* kit.job(ids[2]!)).verdict?._tag, "Cancelled")
      assert.notDeepEqual((yield* kit.job(ids[2]!)).verdict, byOperator)
      for (const id of ids) assert.strictEqual((yield* kit.job(id)).cancelRequested, undefined)
    }))

  test("cancels instead when the job would have gone on", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(together, together, together, together)
      const claimed = yield* kit.claim(4)
      const ids = claimed.map(({ id }) => id)
      yield* cancel(kit, ids)
      const settled = yield* kit.settle(
        settle.retry(claimed[0]!),
        settle.snooze(claimed[1]!),
        settle.release(claimed[2]!),
        settle.handBack(claimed[3]!)
      )
      assert.deepStrictEqual(settled, ["settled", "settled", "settled", "settled"])
      for (const id of ids) {
        const { cancelRequested, dueAtMs, expiresAtMs, handedBack, state, verdict } = yield* kit.job(id)
        assert.deepStrictEqual({ cancelRequested, dueAtMs, expiresAtMs, handedBack, state, verdict }, {
          cancelRequested: undefined,
          dueAtMs: undefined,
          expiresAtMs: startMs + 86_400_000,
          handedBack: undefined,
          state: "cancelled",
          verdict: byOperator
        })
      }
      const { cancelled, retried } = (yield* kit.stats).totals
      assert.deepStrictEqual({ cancelled, retried }, { cancelled: 4, retried: 0 })
      const attempts = yield* Effect.forEach(ids, (id) => Effect.map(kit.job(id), (job) => job.attempt))
      assert.deepStrictEqual(attempts, [1, 0, 0, 0])
      assert.strictEqual((yield* kit.job(ids[0]!)).failures.length, 1)
    }))

  test("forgets the wish with the attempt", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      const first = yield* kit.claimOne()
      yield* cancel(kit, [id])
      yield* kit.settle(settle.release(first))
      yield* Broker.use((broker) => broker.retry(kit.queue, [id]))
      const second = yield* kit.claimOne()
      const answers = yield* Broker.use((broker) => broker.extend(kit.queue, [second], 30_000))
      assert.deepStrictEqual(answers, [{ _tag: "Extended" }])
    }))

  test("answers the state of an ended job, and changes nothing", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(together, together, together)
      const claimed = yield* kit.claim(3)
      yield* kit.settle(settle.complete(claimed[0]!), settle.die(claimed[1]!), settle.cancel(claimed[2]!))
      const ids = claimed.map(({ id }) => id)
      const before = yield* Effect.forEach(ids, kit.job)
      assert.deepStrictEqual(yield* cancel(kit, ids), ["completed", "dead", "cancelled"])
      assert.deepStrictEqual(yield* Effect.forEach(ids, kit.job), before)
    }))

  test("answers not-found to unknown ids, each by itself, and to any id of an unused queue", (kit) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* cancel(kit, ["0:nobody" as JobId]), ["not-found"])
      const id = yield* kit.enqueueOne()
      const strange = ["0:nobody", "zz:1", "", "nonsense", ":x", "0:"] as Array<JobId>
      const answers = yield* cancel(kit, [...strange, id, id])
      assert.deepStrictEqual(answers, [...strange.map(() => "not-found" as const), "done", "cancelled"])
    }))

  test("answers nothing to no ids", (kit) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* cancel(kit, []), [])
    }))

  test("deletes at once what is not to be kept, and counts it", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ keepDeadMs: 0 })
      assert.deepStrictEqual(yield* cancel(kit, [id]), ["done"])
      assert.deepStrictEqual(yield* kit.states(id), ["gone"])
      const { cancelled, pruned } = (yield* kit.stats).totals
      assert.deepStrictEqual({ cancelled, pruned }, { cancelled: 1, pruned: 1 })
    }))

  test("cancels more than a thousand jobs in one call", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...Array.from({ length: 1200 }, () => ({})))
      const answers = yield* cancel(kit, ids)
      assert.strictEqual(answers.filter((answer) => answer === "done").length, 1200)
      const { states } = yield* kit.stats
      assert.deepStrictEqual([states.available, states.cancelled], [0, 1200])
    }))
}
