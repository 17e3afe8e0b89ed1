/** Conformance: retry, by hand. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Broker } from "../../broker/Broker.ts"
import type { JobId } from "../../job/JobId.ts"
import { settle } from "../JobFactory.ts"
import { type Kit, type Suite, together } from "./Kit.ts"

const retry = (kit: Kit, ids: ReadonlyArray<JobId>) => Broker.use((broker) => broker.retry(kit.queue, ids))

export const retryCases = ({ test }: Suite): void => {
  test("makes a dead job available with all its attempts; the ledger stays", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      yield* kit.settle(settle.retry(yield* kit.claimOne(), 0))
      const second = yield* kit.claimOne()
      yield* kit.settle(settle.die(second))
      assert.deepStrictEqual(yield* retry(kit, [second.id]), ["done"])
      const { attempt, expiresAtMs, failures, state, verdict } = yield* kit.job(second.id)
      assert.deepStrictEqual({ attempt, expiresAtMs, state, verdict }, {
        attempt: 0,
        expiresAtMs: undefined,
        state: "available",
        verdict: undefined
      })
      assert.deepStrictEqual(failures.map((failure) => failure.attempt), [1, 2])
      assert.strictEqual((yield* kit.claimOne()).attempt, 1)
    }))

  test("makes a cancelled job available", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ delayMs: 5000 })
      yield* Broker.use((broker) => broker.cancel(kit.queue, [id], "no"))
      assert.deepStrictEqual(yield* retry(kit, [id]), ["done"])
      assert.strictEqual((yield* kit.claimOne()).id, id)
    }))

  test("puts jobs at the back of their priority, in the order of the ids", (kit) =>
    Effect.gen(function*() {
      const [first, second, urgent] = yield* kit.enqueue(together, together, { ...together, priority: 1 })
      yield* Broker.use((broker) => broker.cancel(kit.queue, [first!, second!, urgent!], "no"))
      const waiting = yield* kit.enqueueOne(together)
      yield* retry(kit, [second!, first!, urgent!])
      const claimed = yield* kit.claim(4)
      assert.deepStrictEqual(claimed.map(({ id }) => id), [urgent, waiting, second, first])
    }))

  test("answers the state of all others, and changes nothing", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(together, together, together)
      const claimed = yield* kit.claim(3)
      yield* kit.settle(settle.complete(claimed[0]!), settle.retry(claimed[1]!))
      const [available, scheduled] = yield* kit.enqueue({}, { delayMs: 1 })
      const ids = [...claimed.map(({ id }) => id), available!, scheduled!]
      const before = yield* Effect.forEach(ids, kit.job)
      const answers = yield* retry(kit, ids)
      assert.deepStrictEqual(answers, ["completed", "retryable", "running", "available", "scheduled"])
      assert.deepStrictEqual(yield* Effect.forEach(ids, kit.job), before)
    }))

  test("answers not-found to unknown ids, each by itself; the second of a pair finds it available", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      yield* kit.settle(settle.die(yield* kit.claimOne()))
      assert.deepStrictEqual(yield* retry(kit, ["0:x" as JobId, id, id]), ["not-found", "done", "available"])
    }))

  test("counts the job's later end again", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      yield* kit.settle(settle.die(yield* kit.claimOne()))
      yield* retry(kit, [id])
      yield* kit.settle(settle.die(yield* kit.claimOne()))
      const { dead, enqueued } = (yield* kit.stats).totals
      assert.deepStrictEqual({ dead, enqueued }, { dead: 2, enqueued: 1 })
    }))

  test("retries more than a thousand jobs in one call", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...Array.from({ length: 1200 }, () => ({ delayMs: 1 })))
      yield* Broker.use((broker) => broker.cancel(kit.queue, ids, "no"))
      const answers = yield* retry(kit, ids)
      assert.strictEqual(answers.filter((answer) => answer === "done").length, 1200)
      assert.strictEqual((yield* kit.stats).states.available, 1200)
    }))
}
