/** Conformance: remove. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Broker } from "../../broker/Broker.ts"
import type { JobId } from "../../job/JobId.ts"
import { jobs, settle } from "../JobFactory.ts"
import { type Kit, type Suite, together } from "./Kit.ts"

const remove = (kit: Kit, ids: ReadonlyArray<JobId>) => Broker.use((broker) => broker.remove(kit.queue, ids))

export const removeCases = ({ test }: Suite): void => {
  test("deletes jobs in every state but running", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(5, () => together))
      const [running, completed, cancelled, dead, retryable] = yield* kit.claim(5)
      yield* kit.settle(
        settle.complete(completed!),
        settle.cancel(cancelled!),
        settle.die(dead!),
        settle.retry(retryable!)
      )
      const [available, scheduled] = yield* kit.enqueue({}, { delayMs: 1 })
      const others = [completed!.id, cancelled!.id, dead!.id, retryable!.id, available!, scheduled!]
      assert.deepStrictEqual(yield* remove(kit, [running!.id, ...others]), [
        "running",
        ...others.map(() => "done" as const)
      ])
      assert.deepStrictEqual(yield* kit.states(running!.id, ...others), [
        "running",
        ...others.map(() => "gone" as const)
      ])
      const { states, totals } = yield* kit.stats
      assert.deepStrictEqual([totals.enqueued, totals.removed, totals.pruned, states.running], [7, 6, 0, 1])
      assert.strictEqual(Object.values(states).reduce((sum, count) => sum + count), 1)
    }))

  test("answers not-found to unknown ids, each by itself; the second of a pair finds nothing", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      assert.deepStrictEqual(yield* remove(kit, ["0:x" as JobId, id, id]), ["not-found", "done", "not-found"])
    }))

  test("frees the id: the next job with it knows nothing of the last", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ id: "a", payload: "1" })
      yield* kit.settle(settle.retry(yield* kit.claimOne(), 0))
      const second = yield* kit.claimOne()
      yield* Broker.use((broker) => broker.progress(kit.queue, second, "1"))
      yield* Broker.use((broker) => broker.cancel(kit.queue, [id], "no"))
      yield* kit.settle(settle.die(second))
      yield* remove(kit, [id])
      assert.strictEqual(yield* kit.enqueueOne({ id: "a", payload: "2", delayMs: 5 }), id)
      const { attempt, cancelRequested, failures, payload, progress, state, verdict } = yield* kit.job(id)
      assert.deepStrictEqual({ attempt, cancelRequested, failures, payload, progress, state, verdict }, {
        attempt: 0,
        cancelRequested: undefined,
        failures: [],
        payload: "2",
        progress: undefined,
        state: "scheduled",
        verdict: undefined
      })
    }))

  test("frees the id: a lease on the last job is nothing to the next", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ id: "a" })
      const claimed = yield* kit.claimOne()
      yield* kit.settle(settle.release(claimed))
      yield* remove(kit, [id])
      yield* kit.enqueueOne({ id: "a" })
      yield* kit.claimOne()
      assert.deepStrictEqual(yield* kit.settle(settle.complete(claimed)), ["lost"])
      assert.deepStrictEqual(yield* kit.states(id), ["running"])
    }))

  test("removes more than a thousand jobs in one call", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...jobs(1200))
      const answers = yield* remove(kit, ids)
      assert.strictEqual(answers.filter((answer) => answer === "done").length, 1200)
      assert.strictEqual((yield* kit.stats).totals.removed, 1200)
    }))
}
