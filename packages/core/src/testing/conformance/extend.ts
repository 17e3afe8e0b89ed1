/** Conformance: extend. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import type { LeaseRef } from "../../broker/Lease.ts"
import type { JobId } from "../../job/JobId.ts"
import { jobs, settle } from "../JobFactory.ts"
import { type Kit, startMs, type Suite } from "./Kit.ts"

const extend = (kit: Kit, leases: ReadonlyArray<LeaseRef>, leaseMs = 30_000) =>
  Broker.use((broker) => broker.extend(kit.queue, leases, leaseMs))

export const extendCases = ({ test }: Suite): void => {
  test("moves the deadline to a lease's length from now", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne({ leaseMs: 10_000 })
      yield* TestClock.adjust(9999)
      assert.deepStrictEqual(yield* extend(kit, [claimed], 20_000), [{ _tag: "Extended" }])
      assert.strictEqual((yield* kit.job(claimed.id)).lease?.deadlineMs, startMs + 29_999)
      yield* TestClock.adjust(19_999)
      assert.deepStrictEqual(yield* kit.settle(settle.complete(claimed)), ["settled"])
    }))

  test("can bring the deadline nearer", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne({ leaseMs: 30_000 })
      yield* extend(kit, [claimed], 1)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* extend(kit, [claimed]), [{ _tag: "Lost" }])
    }))

  test("leaves the rest of the lease as it was", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne()
      const before = yield* kit.job(claimed.id)
      yield* TestClock.adjust(5000)
      yield* extend(kit, [claimed])
      const after = yield* kit.job(claimed.id)
      assert.deepStrictEqual(after, { ...before, lease: { ...before.lease!, deadlineMs: startMs + 35_000 } })
    }))

  test("answers nothing to no leases", (kit) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* extend(kit, []), [])
    }))

  test("calls a lease lost from its deadline on, and changes nothing", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne()
      yield* TestClock.adjust(30_000)
      assert.deepStrictEqual(yield* extend(kit, [claimed]), [{ _tag: "Lost" }])
      assert.strictEqual((yield* kit.job(claimed.id)).lease?.deadlineMs, startMs + 30_000)
    }))

  test("calls leases with a wrong token, of settled and of unknown jobs lost, each by itself", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(3))
      const [first, second, third] = yield* kit.claim(3)
      yield* kit.settle(settle.complete(second!))
      const unknown: LeaseRef = { ...first!, id: `${first!.id}x` as JobId }
      const wrong: LeaseRef = { ...first!, token: "x" }
      assert.deepStrictEqual((yield* extend(kit, [wrong, first!, second!, unknown, third!])).map(({ _tag }) => _tag), [
        "Lost",
        "Extended",
        "Lost",
        "Lost",
        "Extended"
      ])
    }))

  test("calls the old lease of a job that was claimed again lost", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const first = yield* kit.claimOne()
      yield* kit.settle(settle.release(first))
      const second = yield* kit.claimOne({ consumer: "other" })
      assert.deepStrictEqual((yield* extend(kit, [first, second])).map(({ _tag }) => _tag), ["Lost", "Extended"])
    }))

  test("tells that somebody wants the job cancelled, and extends all the same", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne()
      yield* Broker.use((broker) => broker.cancel(kit.queue, [claimed.id], "changed \"our\" mind"))
      yield* TestClock.adjust(1000)
      const answers = yield* extend(kit, [claimed])
      assert.deepStrictEqual(answers, [{ _tag: "Cancel", reason: "changed \"our\" mind" }])
      assert.strictEqual((yield* kit.job(claimed.id)).lease?.deadlineMs, startMs + 31_000)
    }))

  test("extends more than a thousand leases in one call", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(1500))
      const first = yield* kit.claim(1000)
      const second = yield* kit.claim(1000)
      const answers = yield* extend(kit, [...first, ...second], 60_000)
      assert.strictEqual(answers.filter(({ _tag }) => _tag === "Extended").length, 1500)
      assert.strictEqual((yield* kit.job(second.at(-1)!.id)).lease?.deadlineMs, startMs + 60_000)
    }))
}
