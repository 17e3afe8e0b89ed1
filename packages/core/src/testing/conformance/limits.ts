/** Conformance: the settings of a queue that limit it. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Broker, type NewJob } from "../../broker/Broker.ts"
import type { JobQueue } from "../../task/JobQueue.ts"
import { job, jobs, settle } from "../JobFactory.ts"
import { type Suite, together } from "./Kit.ts"

const enqueue = (queue: JobQueue, ...all: ReadonlyArray<Partial<NewJob>>) =>
  Broker.use((broker) => broker.enqueue(queue, all.map((one) => job({ ...together, ...one }))))

const tags = (queue: JobQueue, ...all: ReadonlyArray<Partial<NewJob>>) =>
  Effect.map(
    enqueue(queue, ...all),
    (answers) => answers.map((answer) => answer.answer === "refused" ? answer.reason._tag : answer.answer)
  )

export const limitCases = ({ test }: Suite): void => {
  test("maxJobs: takes jobs up to the limit of their partition and refuses each one beyond it", (kit) =>
    Effect.gen(function*() {
      const queue = kit.queueWith({ maxJobs: 3 })
      assert.deepStrictEqual(yield* tags(queue, {}, {}), ["created", "created"])
      assert.deepStrictEqual(yield* tags(queue, {}, {}, {}), ["created", "QueueFull", "QueueFull"])
      const [refused] = yield* enqueue(queue, {})
      assert.deepInclude(refused?.answer === "refused" ? refused.reason : {}, {
        _tag: "QueueFull",
        queue: "conformance",
        limit: 3
      })
      assert.strictEqual((yield* kit.stats).totals.enqueued, 3)
    }))

  test("maxJobs: counts jobs in all states but the final ones", (kit) =>
    Effect.gen(function*() {
      const queue = kit.queueWith({ maxJobs: 3 })
      yield* enqueue(queue, {}, {}, { delayMs: 5000 })
      const [first, second] = yield* kit.claim(2)
      assert.deepStrictEqual(yield* tags(queue, {}), ["QueueFull"])
      yield* kit.settle(settle.retry(first!))
      assert.deepStrictEqual(yield* tags(queue, {}), ["QueueFull"])
      yield* kit.settle(settle.complete(second!))
      assert.deepStrictEqual(yield* tags(queue, {}, {}), ["created", "QueueFull"])
    }))

  test("maxJobs: never refuses an id that is there already", (kit) =>
    Effect.gen(function*() {
      const queue = kit.queueWith({ maxJobs: 1 })
      const answers = yield* tags(queue, { id: "a" }, { id: "a" }, { id: "b" }, { id: "a" })
      assert.deepStrictEqual(answers, ["created", "existing", "QueueFull", "existing"])
    }))

  test("maxJobs: does not stop what is done by hand", (kit) =>
    Effect.gen(function*() {
      const queue = kit.queueWith({ maxJobs: 1 })
      yield* enqueue(queue, {})
      const claimed = yield* kit.claimOne()
      yield* kit.settle(settle.die(claimed))
      yield* enqueue(queue, {})
      assert.deepStrictEqual(yield* Broker.use((broker) => broker.retry(queue, [claimed.id])), ["done"])
      assert.strictEqual((yield* kit.stats).states.available, 2)
    }))

  test("maxPayloadBytes: takes exactly the limit in bytes, and refuses one more", (kit) =>
    Effect.gen(function*() {
      const queue = kit.queueWith({ maxPayloadBytes: 12 })
      const fits = ["x".repeat(12), "\u00e9".repeat(6), "\u20ac".repeat(4), "\u{1F600}".repeat(3)]
      assert.deepStrictEqual(yield* tags(queue, ...fits.map((payload) => ({ payload }))), fits.map(() => "created"))
      const tooLong = fits.map((payload) => ({ payload: `${payload}x` }))
      assert.deepStrictEqual(yield* tags(queue, ...tooLong), fits.map(() => "PayloadTooLarge"))
      const [refused] = yield* enqueue(queue, { payload: "\u{1F600}".repeat(4) })
      assert.deepInclude(refused?.answer === "refused" ? refused.reason : {}, {
        _tag: "PayloadTooLarge",
        queue: "conformance",
        bytes: 16,
        limit: 12
      })
    }))

  test("maxPayloadBytes: refuses one job of a call and takes its neighbours", (kit) =>
    Effect.gen(function*() {
      const queue = kit.queueWith({ maxPayloadBytes: 3 })
      const answers = yield* tags(queue, { payload: "1" }, { payload: "1234" }, { payload: "2" })
      assert.deepStrictEqual(answers, ["created", "PayloadTooLarge", "created"])
      assert.deepStrictEqual((yield* kit.claim(5)).map((one) => one.job.payload), ["1", "2"])
    }))

  test("maxPayloadBytes: takes 256 KiB by default, and keeps them byte for byte", (kit) =>
    Effect.gen(function*() {
      const payload = `"${"\u{1F600}ab\u20ac\u00e9x".repeat(21_840)}12345678901234567890123456789012345678"`.slice(
        0,
        200_000
      )
      const id = yield* kit.enqueueOne({ payload: "x".repeat(262_144) })
      assert.strictEqual((yield* kit.job(id)).payload.length, 262_144)
      assert.deepStrictEqual(yield* tags(kit.queue, { payload: "x".repeat(262_145) }), ["PayloadTooLarge"])
      const mixed = payload.slice(0, 100_000)
      const second = yield* kit.enqueueOne({ payload: mixed })
      assert.strictEqual((yield* kit.job(second)).payload, mixed)
    }))

  test("maxPayloadBytes: takes jobs of 4 MiB where it allows them", (kit) =>
    Effect.gen(function*() {
      const queue = kit.queueWith({ maxPayloadBytes: 4_194_304 })
      const payload = "x".repeat(4_194_304)
      assert.deepStrictEqual(yield* tags(queue, { payload }, { payload }), ["created", "created"])
      assert.deepStrictEqual((yield* kit.claim(2)).map((one) => one.job.payload.length), [4_194_304])
      assert.deepStrictEqual((yield* kit.claim(2)).map((one) => one.job.payload.length), [4_194_304])
    }))

  test("keepCompleted: keeps the completed jobs that expire last, and counts the others as pruned", (kit) =>
    Effect.gen(function*() {
      const queue = kit.queueWith({ keepCompleted: 2 })
      yield* kit.enqueue(...jobs(4, () => together))
      const claimed = yield* kit.claim(4)
      const keep = [4000, 1000, 3000, 2000]
      yield* kit.exchange({ queue, settle: claimed.map((one, index) => settle.complete(one, keep[index])) })
      const states = yield* kit.states(...claimed.map(({ id }) => id))
      assert.deepStrictEqual(states, ["completed", "gone", "completed", "gone"])
      const { completed, pruned } = (yield* kit.stats).totals
      assert.deepStrictEqual({ completed, pruned }, { completed: 4, pruned: 2 })
    }))

  test("keepCompleted: leaves cancelled and dead jobs alone", (kit) =>
    Effect.gen(function*() {
      const queue = kit.queueWith({ keepCompleted: 0 })
      yield* kit.enqueue(together, together, together)
      const [first, second, third] = yield* kit.claim(3)
      yield* kit.exchange({ queue, settle: [settle.complete(first!), settle.die(second!), settle.cancel(third!)] })
      assert.deepStrictEqual(yield* kit.states(first!.id, second!.id, third!.id), ["gone", "dead", "cancelled"])
    }))

  test("keepCompleted: keeps an awaited job for its minute, even beyond the cap", (kit) =>
    Effect.gen(function*() {
      const queue = kit.queueWith({ keepCompleted: 0 })
      yield* kit.enqueue({ ...together, awaited: true }, together)
      const [awaited, other] = yield* kit.claim(2)
      yield* kit.exchange({ queue, settle: [settle.complete(awaited!), settle.complete(other!)] })
      assert.deepStrictEqual(yield* kit.states(awaited!.id, other!.id), ["completed", "gone"])
      yield* TestClock.adjust(60_000)
      yield* kit.enqueue(together)
      yield* kit.exchange({ queue, settle: [settle.complete(yield* kit.claimOne())] })
      assert.deepStrictEqual(yield* kit.states(awaited!.id), ["gone"])
    }))

  test("keepCompleted: catches up by at most a hundred more than were completed in a call", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(205, () => together))
      const claimed = yield* kit.claim(205)
      yield* kit.settle(...claimed.slice(0, 200).map((one) => settle.complete(one)))
      const queue = kit.queueWith({ keepCompleted: 10 })
      yield* kit.exchange({ queue, settle: claimed.slice(200, 203).map((one) => settle.complete(one)) })
      assert.strictEqual((yield* kit.stats).states.completed, 100)
      yield* kit.exchange({ queue, settle: claimed.slice(203).map((one) => settle.complete(one)) })
      assert.strictEqual((yield* kit.stats).states.completed, 10)
    }))
}
