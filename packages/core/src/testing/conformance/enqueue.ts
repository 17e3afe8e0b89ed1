/** Conformance: enqueue. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { maxDelayMs } from "../../broker/Admission.ts"
import { Broker, type EnqueueAnswer, type NewJob } from "../../broker/Broker.ts"
import * as JobId from "../../job/JobId.ts"
import { job, jobs, settle } from "../JobFactory.ts"
import { type Kit, startMs, type Suite, together } from "./Kit.ts"

const enqueueAll = (kit: Kit, all: ReadonlyArray<NewJob>) => Broker.use((broker) => broker.enqueue(kit.queue, all))

/** `created`, `existing`, or the tag of the refusal. */
const tagOf = (answer: EnqueueAnswer): string => answer.answer === "refused" ? answer.reason._tag : answer.answer

const idOf = (answer: EnqueueAnswer): string => answer.answer === "refused" ? "" : answer.id

export const enqueueCases = ({ test }: Suite): void => {
  test("takes a job in, available at once, with the whole record", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({
        id: "order-1",
        task: "SendEmail",
        version: 7,
        payload: "{\"to\":\"ada\"}",
        priority: 5,
        attempts: 9,
        maxAgeMs: 1,
        crashDelayMs: 2,
        keepDeadMs: 3,
        key: "tenant",
        trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      })
      assert.strictEqual(JobId.localOf(id), "order-1")
      assert.deepStrictEqual(yield* kit.job(id), {
        id,
        queue: "conformance",
        state: "available",
        attempt: 0,
        enqueuedAtMs: startMs,
        task: "SendEmail",
        version: 7,
        payload: "{\"to\":\"ada\"}",
        priority: 5,
        attempts: 9,
        maxAgeMs: 1,
        crashDelayMs: 2,
        keepDeadMs: 3,
        key: "tenant",
        trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        dueAtMs: undefined,
        lease: undefined,
        expiresAtMs: undefined,
        verdict: undefined,
        failures: [],
        handedBack: undefined,
        cancelRequested: undefined,
        progress: undefined
      })
    }))

  test("answers nothing to no jobs", (kit) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* enqueueAll(kit, []), [])
    }))

  test("makes an id for each job that has none, all of them different", (kit) =>
    Effect.gen(function*() {
      const first = yield* kit.enqueue(...jobs(50))
      const second = yield* kit.enqueue(...jobs(50))
      const ids = [...first, ...second]
      assert.strictEqual(new Set(ids).size, 100)
      for (const id of ids) assert.strictEqual(JobId.parse(id), id)
    }))

  test("makes new jobs each time the same effect is run", (kit) =>
    Effect.gen(function*() {
      const again = kit.enqueueOne()
      assert.notStrictEqual(yield* again, yield* again)
    }))

  test("answers existing to an id that it has, and changes nothing", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ id: "a", payload: "1" })
      const answers = yield* enqueueAll(kit, [job({ id: "a", payload: "2", priority: 9, delayMs: 5000 })])
      assert.deepStrictEqual(answers, [{ answer: "existing", id }])
      const { payload, priority, state } = yield* kit.job(id)
      assert.deepStrictEqual({ payload, priority, state }, { payload: "1", priority: 0, state: "available" })
      assert.strictEqual((yield* kit.stats).totals.enqueued, 1)
    }))

  test("answers existing whatever the state of the job, until it is gone", (kit) =>
    Effect.gen(function*() {
      const again = Effect.map(enqueueAll(kit, [job({ id: "a" })]), (answers) => tagOf(answers[0]!))
      yield* kit.enqueueOne({ id: "a" })
      const claimed = yield* kit.claimOne()
      assert.strictEqual(yield* again, "existing")
      yield* kit.settle(settle.complete(claimed))
      assert.strictEqual(yield* again, "existing")
      yield* Broker.use((broker) => broker.remove(kit.queue, [claimed.id]))
      assert.strictEqual(yield* again, "created")
    }))

  test("lets a duplicate inside one call point at the first", (kit) =>
    Effect.gen(function*() {
      const answers = yield* enqueueAll(kit, [job({ id: "a", payload: "1" }), job({ id: "a", payload: "2" })])
      assert.deepStrictEqual(answers.map(tagOf), ["created", "existing"])
      assert.strictEqual(idOf(answers[0]!), idOf(answers[1]!))
      assert.strictEqual((yield* kit.claimOne()).job.payload, "1")
    }))

  test("keeps every kind of text as it is", (kit) =>
    Effect.gen(function*() {
      const payloads = [
        "",
        "{}",
        "[]",
        "\"\"",
        "{\"empty\":[],\"none\":{},\"big\":12345678901234567890.10,\"e\":1E400,\"z\":-0}",
        "\"\\ud800 lone, escaped\"",
        "\"\u{1F600} \u00e9 \uFFFD \u2028 \u0000\"",
        " \n\t{ \"spaced\" :\n1 }\n"
      ]
      const ids = yield* kit.enqueue(...payloads.map((payload) => ({ payload })))
      for (let index = 0; index < ids.length; index++) {
        assert.strictEqual((yield* kit.job(ids[index]!)).payload, payloads[index])
      }
      const claimed = yield* kit.claim(payloads.length)
      assert.deepStrictEqual(claimed.map((one) => one.job.payload).toSorted(), payloads.toSorted())
    }))

  test("takes ids with colons, of all scripts, and of 256 characters", (kit) =>
    Effect.gen(function*() {
      const locals = ["a:b:c", ":", "\u00e9\u{1F600}", "x".repeat(256), "0", "__proto__", "a\"b\\c'%d{}[]"]
      const ids = yield* kit.enqueue(...locals.map((id) => ({ id })))
      assert.deepStrictEqual(ids.map(JobId.localOf), locals)
      const claimed = yield* kit.claim(20)
      assert.deepStrictEqual(new Set(claimed.map(({ id }) => id)), new Set(ids))
      const answers = yield* kit.settle(...claimed.map((one) => settle.complete(one)))
      assert.deepStrictEqual(answers, locals.map(() => "settled"))
      assert.deepStrictEqual(yield* kit.states(...ids), locals.map(() => "completed"))
    }))

  test("keeps keys of all scripts", (kit) =>
    Effect.gen(function*() {
      const keys = ["", "tenant \u{1F600}", "a\nb", "\"quoted\""]
      const ids = yield* kit.enqueue(...keys.map((key) => ({ key })))
      for (let index = 0; index < ids.length; index++) {
        assert.strictEqual((yield* kit.job(ids[index]!)).key, keys[index])
      }
    }))

  test("refuses a bad id, priority, delay or time, each by itself", (kit) =>
    Effect.gen(function*() {
      const bad: ReadonlyArray<Partial<NewJob>> = [
        { id: "" },
        { id: "a b" },
        { id: "a\nb" },
        { id: "\ud800" },
        { id: "x".repeat(257) },
        { priority: 101 },
        { priority: -101 },
        { priority: 0.5 },
        { priority: NaN },
        { delayMs: -1 },
        { delayMs: Infinity },
        { delayMs: NaN },
        { delayMs: maxDelayMs + 1 },
        { runAtMs: NaN },
        { runAtMs: Infinity }
      ]
      const answers = yield* enqueueAll(kit, [job({ id: "good" }), ...bad.map(job), job({ id: "fine" })])
      assert.deepStrictEqual(answers.map(tagOf), ["created", ...bad.map(() => "InvalidOption"), "created"])
      assert.strictEqual((yield* kit.stats).totals.enqueued, 2)
    }))

  test("names the option in the refusal", (kit) =>
    Effect.gen(function*() {
      const bad = [job({ id: "" }), job({ priority: 101 }), job({ delayMs: -1 }), job({ runAtMs: NaN })]
      const options = (yield* enqueueAll(kit, bad)).map((answer) =>
        answer.answer === "refused" && answer.reason._tag === "InvalidOption" ? answer.reason.option : answer
      )
      assert.deepStrictEqual(options, ["id", "priority", "delay", "at"])
    }))

  test("takes the bounds of priority and delay", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue({ priority: 100 }, { priority: -100 }, { delayMs: maxDelayMs }, { runAtMs: -1 })
      assert.deepStrictEqual(yield* kit.states(...ids), ["available", "available", "scheduled", "available"])
    }))

  test("schedules a delayed job for its time", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ delayMs: 5000 })
      const { dueAtMs, state } = yield* kit.job(id)
      assert.deepStrictEqual({ dueAtMs, state }, { dueAtMs: startMs + 5000, state: "scheduled" })
      yield* TestClock.adjust(4999)
      assert.deepStrictEqual(yield* kit.claim(1), [])
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* kit.claimOne()).id, id)
    }))

  test("lets the time win over the delay; the past and now mean at once", (kit) =>
    Effect.gen(function*() {
      const [later, now, past] = yield* kit.enqueue(
        { runAtMs: startMs + 1, delayMs: 0 },
        { runAtMs: startMs, delayMs: 5000 },
        { runAtMs: startMs - 1, delayMs: 5000 }
      )
      assert.deepStrictEqual(yield* kit.states(later!, now!, past!), ["scheduled", "available", "available"])
      assert.strictEqual((yield* kit.job(later!)).dueAtMs, startMs + 1)
    }))

  test("takes a thousand jobs in one call, and more", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...jobs(2500, (index) => ({ payload: String(index) })))
      assert.strictEqual(new Set(ids).size, 2500)
      assert.strictEqual((yield* kit.stats).states.available, 2500)
      assert.strictEqual((yield* kit.job(ids[2499]!)).payload, "2499")
    }))

  test("takes the jobs of concurrent calls, each answered by itself", (kit) =>
    Effect.gen(function*() {
      const payloads = Array.from({ length: 200 }, (_, index) => String(index))
      const ids = yield* Effect.forEach(payloads, (payload) => kit.enqueueOne({ payload }), {
        concurrency: "unbounded"
      })
      assert.strictEqual(new Set(ids).size, 200)
      for (const index of [0, 77, 199]) assert.strictEqual((yield* kit.job(ids[index]!)).payload, String(index))
    }))

  test("keeps the order of a call within one key", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...jobs(30, () => together))
      const claimed = yield* kit.claim(30)
      assert.deepStrictEqual(claimed.map(({ id }) => id), ids)
    }))
}
