/** Conformance: rescue. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import { jobs, settle } from "../JobFactory.ts"
import { type Kit, startMs, type Suite, together } from "./Kit.ts"

const rescue = (kit: Kit, limit = 100) => Broker.use((broker) => broker.rescue(kit.queue, limit))

export const rescueCases = ({ test, testOfOne }: Suite): void => {
  test("leaves a job alone until its lease's deadline", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne()
      yield* TestClock.adjust(29_999)
      assert.deepStrictEqual(yield* rescue(kit), { count: 0, more: false })
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* rescue(kit), { count: 1, more: false })
      assert.deepStrictEqual(yield* kit.states(claimed.id), ["retryable"])
    }))

  test("rescues nothing in a queue that was never used", (kit) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* rescue(kit), { count: 0, more: false })
    }))

  test("counts the attempt, writes it into the ledger, and lets the job wait its crash delay", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne({ crashDelayMs: 7000 })
      yield* TestClock.adjust(5)
      const claimed = yield* kit.claimOne({ consumer: "worker \"1\"" })
      yield* TestClock.adjust(30_000)
      yield* rescue(kit)
      const { attempt, dueAtMs, failures, lease, state } = yield* kit.job(claimed.id)
      assert.deepStrictEqual({ attempt, dueAtMs, failures, lease, state }, {
        attempt: 1,
        dueAtMs: startMs + 37_005,
        failures: [{
          attempt: 1,
          kind: "Crashed",
          message: "the lease ran out",
          consumer: "worker \"1\"",
          startedAtMs: startMs + 5
        }],
        lease: undefined,
        state: "retryable"
      })
      const { rescued, retried } = (yield* kit.stats).totals
      assert.deepStrictEqual({ rescued, retried }, { rescued: 1, retried: 0 })
      yield* TestClock.adjust(7000)
      assert.strictEqual((yield* kit.claimOne()).attempt, 2)
    }))

  test("calls the old lease lost once rescued", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne({ crashDelayMs: 0 })
      const first = yield* kit.claimOne()
      yield* TestClock.adjust(30_000)
      yield* rescue(kit)
      assert.deepStrictEqual(yield* kit.settle(settle.complete(first)), ["lost"])
      const second = yield* kit.claimOne({ consumer: "other" })
      assert.deepStrictEqual(yield* kit.settle(settle.complete(first)), ["lost"])
      assert.deepStrictEqual(yield* kit.settle(settle.complete(second)), ["settled"])
    }))

  test("lets a job die that has no attempt left", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne({ attempts: 2, crashDelayMs: 0, keepDeadMs: 5000 })
      for (const attempt of [1, 2]) {
        assert.strictEqual((yield* kit.claimOne()).attempt, attempt)
        yield* TestClock.adjust(30_000)
        yield* rescue(kit)
      }
      const { states, totals } = yield* kit.stats
      assert.deepStrictEqual([states.dead, totals.dead, totals.rescued], [1, 1, 2])
    }))

  test("says of a job that crashed its last time that it crashed", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ attempts: 1, keepDeadMs: 5000 })
      yield* kit.claimOne()
      yield* TestClock.adjust(30_001)
      yield* rescue(kit)
      const { attempt, expiresAtMs, failures, state, verdict } = yield* kit.job(id)
      assert.deepStrictEqual({ attempt, expiresAtMs, state, verdict }, {
        attempt: 1,
        expiresAtMs: startMs + 35_001,
        state: "dead",
        verdict: { _tag: "Dead", reason: "crashed", message: "the lease ran out" }
      })
      assert.strictEqual(failures.length, 1)
    }))

  test("lets a job die whose next attempt would come at its maximum age or later", (kit) =>
    Effect.gen(function*() {
      const [young, old] = yield* kit.enqueue(
        { ...together, crashDelayMs: 1000, maxAgeMs: 31_001 },
        { ...together, crashDelayMs: 1000, maxAgeMs: 31_000 }
      )
      yield* kit.claim(2)
      yield* TestClock.adjust(30_000)
      assert.strictEqual((yield* rescue(kit)).count, 2)
      assert.deepStrictEqual(yield* kit.states(young!, old!), ["retryable", "dead"])
      const verdict = (yield* kit.job(old!)).verdict
      assert.deepStrictEqual(verdict, {
        _tag: "Dead",
        reason: "expired",
        message: "the lease ran out, and the job is older than its maximum age"
      })
    }))

  test("cancels a job that somebody asked to cancel", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ attempts: 1 })
      yield* kit.claimOne()
      yield* Broker.use((broker) => broker.cancel(kit.queue, [id], "no"))
      yield* TestClock.adjust(30_000)
      yield* rescue(kit)
      const { attempt, cancelRequested, failures, state, verdict } = yield* kit.job(id)
      assert.deepStrictEqual({ attempt, cancelRequested, state, verdict }, {
        attempt: 1,
        cancelRequested: undefined,
        state: "cancelled",
        verdict: { _tag: "Cancelled", by: "operator", reason: "no" }
      })
      assert.strictEqual(failures.length, 1)
      const { cancelled, dead, rescued } = (yield* kit.stats).totals
      assert.deepStrictEqual({ cancelled, dead, rescued }, { cancelled: 1, dead: 0, rescued: 1 })
    }))

  test("deletes at once what is not to be kept", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ attempts: 1, keepDeadMs: 0 })
      yield* kit.claimOne()
      yield* TestClock.adjust(30_000)
      yield* rescue(kit)
      assert.deepStrictEqual(yield* kit.states(id), ["gone"])
      const { dead, pruned } = (yield* kit.stats).totals
      assert.deepStrictEqual({ dead, pruned }, { dead: 1, pruned: 1 })
    }))

  test("forgets that the job was handed back: the attempt was real", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      yield* kit.settle(settle.handBack(yield* kit.claimOne(), 0))
      assert.strictEqual((yield* kit.claimOne()).handedBack, 1)
      yield* TestClock.adjust(30_000)
      yield* rescue(kit)
      assert.strictEqual((yield* kit.job(id)).handedBack, undefined)
      yield* TestClock.adjust(1000)
      assert.strictEqual((yield* kit.claimOne()).handedBack, 0)
    }))

  test("leaves extended leases alone", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne()
      yield* TestClock.adjust(20_000)
      yield* Broker.use((broker) => broker.extend(kit.queue, [claimed], 30_000))
      yield* TestClock.adjust(20_000)
      assert.strictEqual((yield* rescue(kit)).count, 0)
    }))

  testOfOne(
    "takes the earliest deadlines first, up to its limit",
    "partitions share the limit",
    (kit) =>
      Effect.gen(function*() {
        const ids = yield* kit.enqueue(...jobs(3))
        const leases = [3000, 1000, 2000]
        for (const leaseMs of leases) yield* kit.claimOne({ leaseMs })
        yield* TestClock.adjust(3000)
        assert.deepStrictEqual(yield* rescue(kit, 2), { count: 2, more: true })
        assert.deepStrictEqual(yield* kit.states(...ids), ["running", "retryable", "retryable"])
        assert.deepStrictEqual(yield* rescue(kit, 2), { count: 1, more: false })
      })
  )

  test("rescues a thousand jobs in one call", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(1000))
      yield* kit.claim(1000)
      yield* TestClock.adjust(30_000)
      assert.strictEqual((yield* rescue(kit, 1000)).count, 1000)
      assert.strictEqual((yield* kit.stats).states.retryable, 1000)
    }))
}
