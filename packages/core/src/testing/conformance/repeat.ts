/** Conformance: exchanges whose reply was lost, and that are sent again. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import { jobs, settle } from "../JobFactory.ts"
import { type Suite, together } from "./Kit.ts"

export const repeatCases = ({ test }: Suite): void => {
  test("gives the same jobs again, with the same leases, and no others", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(10))
      const call = { claim: 4, sequence: 5 }
      const first = yield* kit.exchange(call)
      yield* TestClock.adjust(1000)
      const again = yield* kit.exchange(call)
      assert.deepStrictEqual(again.jobs, first.jobs)
      assert.strictEqual(again.jobs.length, 4)
      const { states } = yield* kit.stats
      assert.deepStrictEqual([states.available, states.running], [6, 4])
    }))

  test("gives no jobs again to a call that got none, though there are some now", (kit) =>
    Effect.gen(function*() {
      const call = { claim: 4, sequence: 5 }
      yield* kit.exchange(call)
      yield* kit.enqueue(...jobs(10))
      assert.deepStrictEqual((yield* kit.exchange(call)).jobs, [])
      assert.strictEqual((yield* kit.exchange({ claim: 4, sequence: 6 })).jobs.length, 4)
    }))

  test("settles once, and answers as it did", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(together, together, together)
      const [first, second, third] = yield* kit.claim(3)
      const call = {
        sequence: 50,
        settle: [settle.retry(first!), { ...settle.complete(second!), token: "x" }, settle.complete(third!, 0)]
      }
      assert.deepStrictEqual((yield* kit.exchange(call)).settled, ["settled", "lost", "settled"])
      const before = yield* kit.stats
      assert.deepStrictEqual((yield* kit.exchange(call)).settled, ["settled", "lost", "settled"])
      assert.deepStrictEqual(yield* kit.stats, before)
      assert.strictEqual((yield* kit.job(first!.id)).failures.length, 1)
    }))

  test("settles nothing again even if the job could be settled by that token", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const first = yield* kit.claimOne()
      const call = { sequence: 50, settle: [settle.release(first)], claim: 1 }
      const reply = yield* kit.exchange(call)
      const again = yield* kit.exchange(call)
      assert.deepStrictEqual(again, reply)
      assert.deepStrictEqual(yield* kit.states(first.id), ["running"])
      assert.deepStrictEqual(
        yield* kit.exchange({ sequence: 51, settle: [settle.complete(reply.jobs[0]!)] }).pipe(
          Effect.map((one) => one.settled)
        ),
        ["settled"]
      )
    }))

  test("leaves out jobs that it no longer holds", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(3, () => ({ ...together, crashDelayMs: 0 })))
      const call = { claim: 3, sequence: 5 }
      const { jobs: [first, second, third] } = yield* kit.exchange(call)
      yield* kit.exchange({ lane: "other", settle: [settle.complete(first!), settle.release(second!)] })
      const other = yield* kit.claimOne({ lane: "other", consumer: "other" })
      assert.strictEqual(other.id, second!.id)
      assert.deepStrictEqual((yield* kit.exchange(call)).jobs.map(({ id, token }) => ({ id, token })), [
        { id: third!.id, token: third!.token }
      ])
      yield* TestClock.adjust(30_000)
      yield* Broker.use((broker) => broker.rescue(kit.queue, 10))
      assert.deepStrictEqual((yield* kit.exchange(call)).jobs, [])
    }))

  test("answers a call that a later one of its lane has overtaken with nothing, and does nothing", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(5, () => together))
      const [first] = (yield* kit.exchange({ claim: 1, sequence: 7 })).jobs
      yield* kit.exchange({ claim: 0, sequence: 9 })
      const late = yield* kit.exchange({ claim: 2, sequence: 8, settle: [settle.complete(first!)] })
      assert.deepStrictEqual([late.settled, late.jobs], [["lost"], []])
      assert.deepStrictEqual(yield* kit.states(first!.id), ["running"])
      assert.deepStrictEqual((yield* kit.exchange({ claim: 1, sequence: 7 })).jobs, [])
    }))

  test("can be repeated for an hour, whatever is pruned meanwhile", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(10))
      const call = { claim: 4, sequence: 5, leaseMs: 7_200_000 }
      const first = yield* kit.exchange(call)
      yield* TestClock.adjust(3_599_999)
      yield* Broker.use((broker) => broker.prune(kit.queue, 100))
      assert.deepStrictEqual((yield* kit.exchange(call)).jobs, first.jobs)
    }))

  test("keeps lanes apart, and the same lane of different consumers", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(4))
      const claims = yield* Effect.forEach(
        [{ lane: "a" }, { lane: "b" }, { lane: "a", consumer: "d" }, { lane: "b", consumer: "d" }],
        (one) => kit.claim(1, { ...one, sequence: 1 })
      )
      assert.strictEqual(new Set(claims.flat().map(({ id }) => id)).size, 4)
    }))

  test("keeps lanes apart whose names only look the same when joined", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(2))
      const first = yield* kit.claim(1, { consumer: "ab", lane: "c", sequence: 1 })
      const second = yield* kit.claim(1, { consumer: "a", lane: "bc", sequence: 1 })
      assert.strictEqual(new Set([...first, ...second].map(({ id }) => id)).size, 2)
    }))

  test("repeats a call that came back short after looking everywhere", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(5))
      const call = { claim: 50, sequence: 5 }
      const first = yield* kit.exchange(call)
      assert.strictEqual(first.jobs.length, 5)
      yield* kit.enqueue(...jobs(5))
      assert.deepStrictEqual((yield* kit.exchange(call)).jobs, first.jobs)
    }))

  test("repeats a call whose jobs all came from one partition", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(20, () => together))
      const call = { claim: 10, sequence: 5 }
      const first = yield* kit.exchange(call)
      assert.strictEqual(first.jobs.length, 10)
      assert.deepStrictEqual((yield* kit.exchange(call)).jobs, first.jobs)
      assert.strictEqual((yield* kit.stats).states.running, 10)
    }))

  test("repeats the claim of a job on a later attempt that was handed back before", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      yield* kit.settle(settle.retry(yield* kit.claimOne(), 0))
      yield* kit.settle(settle.handBack(yield* kit.claimOne(), 0))
      const call = { claim: 1, sequence: 50 }
      const first = yield* kit.exchange(call)
      assert.deepStrictEqual(first.jobs.map((one) => [one.attempt, one.handedBack]), [[2, 1]])
      assert.deepStrictEqual((yield* kit.exchange(call)).jobs, first.jobs)
    }))
}
