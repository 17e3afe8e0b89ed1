/** Conformance: awaitVerdict. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { Broker, type Ended } from "../../broker/Broker.ts"
import type { JobId } from "../../job/JobId.ts"
import * as Verdict from "../../job/Verdict.ts"
import * as JobFactory from "../JobFactory.ts"
import { settle } from "../JobFactory.ts"
import { type Kit, startMs, type Suite, together } from "./Kit.ts"

const awaitVerdict = (kit: Kit, id: JobId) => Broker.use((broker) => broker.awaitVerdict(kit.queue, id))

/** Waits in a fiber of its own, which has reached the broker before the case goes on: it shows in the retention. */
const startWaiting = Effect.fnUntraced(function*(kit: Kit, id: JobId) {
  const fiber = yield* Effect.forkChild(awaitVerdict(kit, id), { startImmediately: true })
  // a round trip behind it, for brokers that answer from elsewhere
  yield* kit.stats
  return fiber
})

const shown = (ended: Ended | undefined) => ended && [ended.state, Verdict.decode(ended.verdict)._tag]

export const awaitCases = ({ test }: Suite): void => {
  test("answers at once how an ended job ended", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(together, together, together)
      const claimed = yield* kit.claim(3)
      yield* kit.settle(
        settle.complete(claimed[0]!, 1000, JobFactory.completed("[1]")),
        settle.cancel(claimed[1]!),
        settle.die(claimed[2]!)
      )
      const ended = yield* Effect.forEach(claimed, ({ id }) => awaitVerdict(kit, id))
      assert.deepStrictEqual(ended.map((one) => one?.state), ["completed", "cancelled", "dead"])
      assert.deepStrictEqual(ended.map((one) => Verdict.decode(one!.verdict)), [
        { _tag: "Completed", success: "[1]" },
        { _tag: "Cancelled", by: "handler", reason: "no longer needed" },
        { _tag: "Dead", reason: "exhausted", message: "gave up" }
      ])
    }))

  test("answers at once that there is no such job", (kit) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* awaitVerdict(kit, "0:x" as JobId), undefined)
      yield* kit.enqueueOne()
      for (const id of ["0:x", "zz:x", "nonsense", ""]) {
        assert.strictEqual(yield* awaitVerdict(kit, id as JobId), undefined)
      }
    }))

  test("waits for the end, in whatever way it comes", (kit) =>
    Effect.gen(function*() {
      for (const outcome of [settle.complete, settle.cancel, settle.die]) {
        const id = yield* kit.enqueueOne()
        const waiting = yield* startWaiting(kit, id)
        const claimed = yield* kit.claimOne()
        assert.strictEqual(waiting.pollUnsafe(), undefined)
        yield* kit.settle(outcome(claimed))
        const [state] = yield* kit.states(id)
        assert.strictEqual((yield* Fiber.join(waiting))?.state, state)
      }
    }))

  test("goes on waiting while the job is retried, snoozed or released", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      const waiting = yield* startWaiting(kit, id)
      for (const outcome of [settle.retry, settle.snooze, settle.release]) {
        yield* kit.settle(outcome(yield* kit.claimOne()))
        yield* Broker.use((broker) => broker.promoteJobs(kit.queue, [id]))
      }
      assert.strictEqual(waiting.pollUnsafe(), undefined)
      yield* kit.settle(settle.complete(yield* kit.claimOne()))
      assert.deepStrictEqual(shown(yield* Fiber.join(waiting)), ["completed", "Completed"])
    }))

  test("tells all who wait", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      const first = yield* startWaiting(kit, id)
      const second = yield* startWaiting(kit, id)
      yield* kit.settle(settle.complete(yield* kit.claimOne()))
      assert.deepStrictEqual(shown(yield* Fiber.join(first)), ["completed", "Completed"])
      assert.deepStrictEqual(shown(yield* Fiber.join(second)), ["completed", "Completed"])
    }))

  test("learns of a cancel by an operator", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ delayMs: 5000 })
      const waiting = yield* startWaiting(kit, id)
      yield* Broker.use((broker) => broker.cancel(kit.queue, [id], "no"))
      assert.deepStrictEqual(shown(yield* Fiber.join(waiting)), ["cancelled", "Cancelled"])
    }))

  test("learns of a death by rescue", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ attempts: 1 })
      const waiting = yield* startWaiting(kit, id)
      yield* kit.claimOne()
      yield* TestClock.adjust(30_000)
      yield* Broker.use((broker) => broker.rescue(kit.queue, 10))
      assert.deepStrictEqual(shown(yield* Fiber.join(waiting)), ["dead", "Dead"])
    }))

  test("learns that the job was removed or drained: there is no verdict", (kit) =>
    Effect.gen(function*() {
      const removed = yield* kit.enqueueOne()
      const first = yield* startWaiting(kit, removed)
      yield* Broker.use((broker) => broker.remove(kit.queue, [removed]))
      assert.strictEqual(yield* Fiber.join(first), undefined)
      const second = yield* startWaiting(kit, yield* kit.enqueueOne())
      yield* Broker.use((broker) => broker.drain(kit.queue, 10))
      assert.strictEqual(yield* Fiber.join(second), undefined)
    }))

  test("finds the verdict of an awaited job for a minute, even without retention", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ awaited: true })
      yield* kit.settle(settle.complete(yield* kit.claimOne(), 0))
      assert.strictEqual((yield* kit.job(id)).expiresAtMs, startMs + 60_000)
      yield* TestClock.adjust(59_999)
      yield* Broker.use((broker) => broker.prune(kit.queue, 10))
      assert.deepStrictEqual(shown(yield* awaitVerdict(kit, id)), ["completed", "Completed"])
      yield* TestClock.adjust(1)
      yield* Broker.use((broker) => broker.prune(kit.queue, 10))
      assert.strictEqual(yield* awaitVerdict(kit, id), undefined)
    }))

  test("keeps the verdict of a job that somebody waits for a minute, even without retention", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ keepDeadMs: 0 })
      const waiting = yield* startWaiting(kit, id)
      yield* kit.settle(settle.die(yield* kit.claimOne(), 0))
      assert.deepStrictEqual(shown(yield* Fiber.join(waiting)), ["dead", "Dead"])
      assert.strictEqual((yield* kit.job(id)).expiresAtMs, startMs + 60_000)
    }))

  test("keeps the longer of a minute and the retention", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue({ ...together, awaited: true }, { ...together, awaited: true })
      const [short, long] = yield* kit.claim(2)
      yield* kit.settle(settle.complete(short!, 59_999), settle.complete(long!, 60_001))
      assert.strictEqual((yield* kit.job(short!.id)).expiresAtMs, startMs + 60_000)
      assert.strictEqual((yield* kit.job(long!.id)).expiresAtMs, startMs + 60_001)
    }))

  test("keeps an awaited job that an operator cancels", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ awaited: true, keepDeadMs: 0 })
      yield* Broker.use((broker) => broker.cancel(kit.queue, [id], "no"))
      assert.deepStrictEqual(shown(yield* awaitVerdict(kit, id)), ["cancelled", "Cancelled"])
      assert.strictEqual((yield* kit.job(id)).expiresAtMs, startMs + 60_000)
    }))

  test("keeps it for whoever enqueued the same id to await it", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ id: "a" })
      const again = JobFactory.job({ id: "a", awaited: true })
      const answers = yield* Broker.use((broker) => broker.enqueue(kit.queue, [again]))
      assert.deepStrictEqual(answers, [{ answer: "existing", id }])
      yield* kit.settle(settle.complete(yield* kit.claimOne(), 0))
      assert.deepStrictEqual(shown(yield* awaitVerdict(kit, id)), ["completed", "Completed"])
    }))

  test("can be interrupted, and waited for again", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      yield* Fiber.interrupt(yield* startWaiting(kit, id))
      const waiting = yield* startWaiting(kit, id)
      yield* kit.settle(settle.complete(yield* kit.claimOne()))
      assert.deepStrictEqual(shown(yield* Fiber.join(waiting)), ["completed", "Completed"])
    }))

  test("tells each who waits of its own job, however many there are", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...Array.from({ length: 50 }, () => together))
      const waiting = yield* Effect.forEach(ids, (id) => startWaiting(kit, id))
      const claimed = yield* kit.claim(50)
      yield* kit.settle(...claimed.map((one, index) => settle.complete(one, 1000, JobFactory.completed(String(index)))))
      const ended = yield* Effect.forEach(waiting, Fiber.join)
      const successes = ended.map((one) => one && Verdict.decode(one.verdict))
      assert.deepStrictEqual(successes, ids.map((_, index) => ({ _tag: "Completed", success: String(index) })))
    }))
}
