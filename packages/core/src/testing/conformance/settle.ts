/** Conformance: settle, the first half of an exchange. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import type { Settlement } from "../../broker/Lease.ts"
import type { ClaimedJob } from "../../broker/Lease.ts"
import * as JobFactory from "../JobFactory.ts"
import { jobs, settle } from "../JobFactory.ts"
import { type Kit, startMs, type Suite, together } from "./Kit.ts"

const everyOutcome: ReadonlyArray<(claimed: ClaimedJob) => Settlement> = [
  settle.complete,
  settle.cancel,
  settle.die,
  settle.retry,
  settle.snooze,
  settle.release,
  settle.handBack
]

const claimNew = Effect.fnUntraced(function*(kit: Kit, job: Parameters<Kit["enqueueOne"]>[0] = {}) {
  yield* kit.enqueueOne(job)
  return yield* kit.claimOne()
})

export const settleCases = ({ test }: Suite): void => {
  test("completes: keeps the job and its verdict for as long as it was told", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      yield* TestClock.adjust(10)
      assert.deepStrictEqual(yield* kit.settle(settle.complete(claimed, 5000, JobFactory.completed("[42]"))), [
        "settled"
      ])
      const job = yield* kit.job(claimed.id)
      assert.deepStrictEqual(job.verdict, { _tag: "Completed", success: "[42]" })
      const { attempt, dueAtMs, expiresAtMs, lease, state } = job
      assert.deepStrictEqual({ attempt, dueAtMs, expiresAtMs, lease, state }, {
        attempt: 1,
        dueAtMs: undefined,
        expiresAtMs: startMs + 5010,
        lease: undefined,
        state: "completed"
      })
      const { states, totals } = yield* kit.stats
      assert.deepStrictEqual([states.running, states.completed, totals.completed, totals.pruned], [0, 1, 1, 0])
    }))

  test("completes without retention: the job is gone at once, and counted", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      assert.deepStrictEqual(yield* kit.settle(settle.complete(claimed, 0)), ["settled"])
      assert.deepStrictEqual(yield* kit.states(claimed.id), ["gone"])
      const { states, totals } = yield* kit.stats
      assert.deepStrictEqual([states.running, states.completed, totals.completed, totals.pruned], [0, 0, 1, 1])
    }))

  test("cancels: by the handler, with its reason", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      yield* kit.settle(settle.cancel(claimed, 5000))
      const { attempt, expiresAtMs, state, verdict } = yield* kit.job(claimed.id)
      assert.deepStrictEqual({ attempt, expiresAtMs, state, verdict }, {
        attempt: 1,
        expiresAtMs: startMs + 5000,
        state: "cancelled",
        verdict: { _tag: "Cancelled", by: "handler", reason: "no longer needed" }
      })
      assert.strictEqual((yield* kit.stats).totals.cancelled, 1)
    }))

  test("dies: with its verdict and its last failure", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      yield* kit.settle(settle.die(claimed, 5000))
      const { attempt, expiresAtMs, failures, state, verdict } = yield* kit.job(claimed.id)
      assert.deepStrictEqual({ attempt, expiresAtMs, failures, state, verdict }, {
        attempt: 1,
        expiresAtMs: startMs + 5000,
        failures: [{ attempt: 1, kind: "Boom", message: "boom" }],
        state: "dead",
        verdict: { _tag: "Dead", reason: "exhausted", message: "gave up" }
      })
      assert.strictEqual((yield* kit.stats).totals.dead, 1)
    }))

  test("dies without a failure: the ledger stays as it was", (kit) =>
    Effect.gen(function*() {
      const { id, token } = yield* claimNew(kit)
      const verdict = JobFactory.dead()
      yield* kit.settle({ _tag: "die", id, token, keepMs: 5000, verdict, failure: undefined })
      assert.deepStrictEqual((yield* kit.job(id)).failures, [])
    }))

  test("dies and cancels without retention: the job is gone at once, and counted", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue({}, {})
      const [first, second] = yield* kit.claim(2)
      yield* kit.settle(settle.die(first!, 0), settle.cancel(second!, 0))
      assert.deepStrictEqual(yield* kit.states(first!.id, second!.id), ["gone", "gone"])
      const { dead, cancelled, pruned } = (yield* kit.stats).totals
      assert.deepStrictEqual({ dead, cancelled, pruned }, { dead: 1, cancelled: 1, pruned: 2 })
    }))

  test("retries: the attempt counts, the failure is kept, the job waits", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      yield* kit.settle(settle.retry(claimed, 5000))
      const { attempt, dueAtMs, failures, lease, state } = yield* kit.job(claimed.id)
      assert.deepStrictEqual({ attempt, dueAtMs, failures, lease, state }, {
        attempt: 1,
        dueAtMs: startMs + 5000,
        failures: [{ attempt: 1, kind: "Boom", message: "boom" }],
        lease: undefined,
        state: "retryable"
      })
      assert.strictEqual((yield* kit.stats).totals.retried, 1)
      yield* TestClock.adjust(4999)
      assert.deepStrictEqual(yield* kit.claim(1), [])
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* kit.claimOne()).attempt, 2)
    }))

  test("retries with no delay: the job can be claimed in the same call", (kit) =>
    Effect.gen(function*() {
      const first = yield* claimNew(kit)
      const reply = yield* kit.exchange({ settle: [settle.retry(first, 0)], claim: 1 })
      assert.deepStrictEqual(reply.jobs.map(({ attempt, id }) => ({ attempt, id })), [{ attempt: 2, id: first.id }])
    }))

  test("counts attempts beyond the limit too: the limit is the consumer's business", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne({ attempts: 1 })
      for (const attempt of [1, 2, 3]) {
        const claimed = yield* kit.claimOne()
        assert.strictEqual(claimed.attempt, attempt)
        yield* kit.settle(settle.retry(claimed, 0))
      }
    }))

  test("keeps the last twenty failures, oldest first", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      for (let attempt = 1; attempt <= 23; attempt++) yield* kit.settle(settle.retry(yield* kit.claimOne(), 0))
      const attempts = (yield* kit.job(id)).failures.map((failure) => failure.attempt)
      assert.deepStrictEqual(attempts, Array.from({ length: 20 }, (_, index) => index + 4))
    }))

  test("keeps failures of every kind of text", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      const message = "line\nbreak \"quoted\" \u{1F600} \\ \u0000 [\"a\",\"b\"]"
      yield* kit.settle({
        ...settle.retry(claimed, 0),
        _tag: "retry",
        delayMs: 0,
        failure: JobFactory.failure(1, message)
      })
      yield* kit.settle(settle.retry(yield* kit.claimOne()))
      assert.deepStrictEqual((yield* kit.job(claimed.id)).failures.map((failure) => failure.message), [message, "boom"])
    }))

  test("snoozes: the attempt does not count", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      yield* kit.settle(settle.snooze(claimed, 5000))
      const { attempt, dueAtMs, failures, state } = yield* kit.job(claimed.id)
      assert.deepStrictEqual({ attempt, dueAtMs, failures, state }, {
        attempt: 0,
        dueAtMs: startMs + 5000,
        failures: [],
        state: "scheduled"
      })
      yield* TestClock.adjust(5000)
      assert.strictEqual((yield* kit.claimOne()).attempt, 1)
    }))

  test("snoozes with no delay: the job can be claimed in the same call", (kit) =>
    Effect.gen(function*() {
      const first = yield* claimNew(kit)
      const reply = yield* kit.exchange({ settle: [settle.snooze(first, 0)], claim: 1 })
      assert.deepStrictEqual(reply.jobs.map(({ attempt, id }) => ({ attempt, id })), [{ attempt: 1, id: first.id }])
    }))

  test("releases: back to its old place, the attempt does not count", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...jobs(3, () => together))
      const [first] = yield* kit.claim(1)
      yield* kit.settle(settle.release(first!))
      const { attempt, lease, state } = yield* kit.job(ids[0]!)
      assert.deepStrictEqual({ attempt, lease, state }, { attempt: 0, lease: undefined, state: "available" })
      const again = yield* kit.claim(3)
      assert.deepStrictEqual(again.map((one) => one.id), ids)
      assert.deepStrictEqual(again.map((one) => one.attempt), [1, 1, 1])
    }))

  test("releases after a retry: the used attempts stay used", (kit) =>
    Effect.gen(function*() {
      yield* kit.settle(settle.retry(yield* claimNew(kit), 0))
      const second = yield* kit.claimOne()
      yield* kit.settle(settle.release(second))
      assert.strictEqual((yield* kit.job(second.id)).attempt, 1)
      assert.strictEqual((yield* kit.claimOne()).attempt, 2)
    }))

  test("hands back: flagged, counted, no attempt used", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      yield* kit.settle(settle.handBack(claimed, 5000))
      const { attempt, dueAtMs, handedBack, state } = yield* kit.job(claimed.id)
      assert.deepStrictEqual({ attempt, dueAtMs, handedBack, state }, {
        attempt: 0,
        dueAtMs: startMs + 5000,
        handedBack: { times: 1, why: "unknown-task" },
        state: "scheduled"
      })
      yield* TestClock.adjust(5000)
      const again = yield* kit.claimOne()
      assert.deepStrictEqual([again.attempt, again.handedBack], [1, 1])
      yield* kit.settle({ _tag: "handBack", id: again.id, token: again.token, delayMs: 0, why: "newer-version" })
      assert.deepStrictEqual((yield* kit.job(claimed.id)).handedBack, { times: 2, why: "newer-version" })
      assert.strictEqual((yield* kit.claimOne()).handedBack, 2)
    }))

  test("forgets that a job was handed back once an attempt was real or it was snoozed, not when it is released", (kit) =>
    Effect.gen(function*() {
      const forgets = [settle.complete, settle.cancel, settle.die, settle.retry, settle.snooze]
      for (const outcome of [...forgets, settle.release]) {
        const first = yield* claimNew(kit)
        const [second] = (yield* kit.exchange({ settle: [settle.handBack(first, 0)], claim: 1 })).jobs
        yield* kit.settle(outcome(second!))
        const times = outcome === settle.release ? 1 : undefined
        assert.strictEqual((yield* kit.job(first.id)).handedBack?.times, times)
        yield* Broker.use((broker) => broker.remove(kit.queue, [first.id]))
      }
    }))

  test("settles many jobs of one call, each by its own outcome, in order", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...everyOutcome.map(() => together))
      const claimed = yield* kit.claim(7)
      const settled = yield* kit.settle(...everyOutcome.map((outcome, index) => outcome(claimed[index]!)))
      assert.deepStrictEqual(settled, everyOutcome.map(() => "settled"))
      assert.deepStrictEqual(yield* kit.states(...claimed.map(({ id }) => id)), [
        "completed",
        "cancelled",
        "dead",
        "retryable",
        "scheduled",
        "available",
        "scheduled"
      ])
    }))

  test("settles a thousand jobs in one call", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(1000, () => together))
      const claimed = yield* kit.claim(1000)
      assert.strictEqual(claimed.length, 1000)
      const settled = yield* kit.settle(...claimed.map((one) => settle.complete(one)))
      assert.isTrue(settled.length === 1000 && settled.every((answer) => answer === "settled"))
      const { states } = yield* kit.stats
      assert.deepStrictEqual([states.running, states.completed], [0, 1000])
    }))

  test("calls the second settlement of one lease lost, in the same call and in the next", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      assert.deepStrictEqual(yield* kit.settle(settle.complete(claimed), settle.die(claimed)), ["settled", "lost"])
      assert.deepStrictEqual(yield* kit.settle(settle.die(claimed)), ["lost"])
      assert.deepStrictEqual(yield* kit.states(claimed.id), ["completed"])
    }))

  test("lets a wrong token change nothing, whatever the outcome", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      const before = yield* kit.job(claimed.id)
      for (const outcome of everyOutcome) {
        for (const token of ["", "x", `${claimed.token}x`]) {
          assert.deepStrictEqual(yield* kit.settle(outcome({ ...claimed, token })), ["lost"])
        }
      }
      assert.deepStrictEqual(yield* kit.job(claimed.id), before)
    }))

  test("calls settlements of unknown and of waiting jobs lost", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      yield* kit.settle(settle.release(claimed))
      const unknown = { ...claimed, id: (claimed.id + "x") as typeof claimed.id }
      for (const outcome of everyOutcome) {
        assert.deepStrictEqual(yield* kit.settle(outcome(claimed), outcome(unknown)), ["lost", "lost"])
      }
      assert.deepStrictEqual(yield* kit.states(claimed.id), ["available"])
    }))

  test("holds a lease until just before its deadline", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      yield* TestClock.adjust(29_999)
      assert.deepStrictEqual(yield* kit.settle(settle.complete(claimed)), ["settled"])
    }))

  test("calls a lease lost from its deadline on, even though nobody has taken the job", (kit) =>
    Effect.gen(function*() {
      const claimed = yield* claimNew(kit)
      yield* TestClock.adjust(30_000)
      for (const outcome of everyOutcome) assert.deepStrictEqual(yield* kit.settle(outcome(claimed)), ["lost"])
      assert.deepStrictEqual(yield* kit.states(claimed.id), ["running"])
    }))

  test("calls the token of an earlier claim lost while another claim runs", (kit) =>
    Effect.gen(function*() {
      const first = yield* claimNew(kit)
      yield* kit.settle(settle.release(first))
      const second = yield* kit.claimOne()
      assert.deepStrictEqual(yield* kit.settle(settle.complete(first)), ["lost"])
      assert.deepStrictEqual(yield* kit.states(first.id), ["running"])
      assert.deepStrictEqual(yield* kit.settle(settle.complete(second)), ["settled"])
    }))
}
