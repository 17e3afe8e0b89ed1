import { MemoryBroker, RetryPolicy, Task } from "@sluice/core"
import { BrokerError, BrokerUnavailable } from "@sluice/core/BrokerError"
import { type EnqueueError, QueueFull } from "@sluice/core/EnqueueError"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Exit, Schema } from "effect"
import { recordingBroker } from "./support/recordingBroker.ts"
import { SendEmail, welcome } from "./support/SendEmail.ts"

const year = 365 * 24 * 3_600_000

/** The reason for which an enqueue failed. */
const refusal = <A, R>(effect: Effect.Effect<A, EnqueueError, R>): Effect.Effect<EnqueueError["reason"], A, R> =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason)

/** What an answer says in one word: the id, or why not. */
const said = (answer: Task.Enqueued | Task.Refused | Task.Unknown): string =>
  answer.answer === "refused" ? answer.reason._tag : answer.id

describe("enqueue", () => {
  it.effect("sends the encoded payload with all that travels in the job", () => {
    const broker = recordingBroker()
    return Effect.gen(function*() {
      const enqueued = yield* SendEmail.enqueue(welcome, { id: "order-1", delay: "5 minutes", priority: 3 })
      assert.deepStrictEqual(enqueued, { answer: "created", id: enqueued.id })
      assert.strictEqual(enqueued.id, "0:order-1")
      assert.strictEqual(broker.calls[0]?.queue.name, "emails")
      assert.deepStrictEqual(broker.calls[0]?.jobs, [{
        id: "order-1",
        delayMs: 300_000,
        runAtMs: undefined,
        awaited: false,
        task: "SendEmail",
        version: 2,
        payload: "{\"to\":[\"ada@x\"],\"subject\":\"Welcome\",\"tenant\":\"acme\"}",
        priority: 3,
        attempts: 7,
        maxAgeMs: 3_600_000,
        crashDelayMs: 3000,
        keepDeadMs: 100 * year,
        key: "acme",
        trace: undefined,
        tracestate: undefined,
        baggage: undefined
      }])
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("answers that a job of the same id was there already", () => {
    const broker = recordingBroker({ answer: () => ({ answer: "existing", id: "0:x" as never }) })
    return Effect.gen(function*() {
      assert.strictEqual((yield* SendEmail.enqueue(welcome, { id: "x" })).answer, "existing")
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("takes a task without payload, and the limits of the process's default policy", () => {
    const broker = recordingBroker()
    const Ping = Task.make("Ping")
    return Effect.gen(function*() {
      yield* Ping.enqueue()
      yield* Ping.enqueue().pipe(
        Effect.provideService(RetryPolicy.Default, RetryPolicy.fixed({ delay: "1 second", attempts: 2 }))
      )
      const jobs = broker.calls.map((call) => call.jobs[0])
      assert.deepStrictEqual(jobs.map((job) => [job?.payload, job?.attempts, job?.key]), [
        ["null", 10, undefined],
        ["null", 2, undefined]
      ])
      assert.strictEqual(broker.calls[0]?.queue.name, "default")
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("refuses a payload that does not fit, saying where, and sends nothing", () => {
    const broker = recordingBroker()
    return Effect.gen(function*() {
      const reason = yield* refusal(SendEmail.enqueue({ ...welcome, subject: "" }))
      assert.strictEqual(reason._tag, "InvalidPayload")
      assert.include(JSON.stringify(reason), "subject")
      assert.lengthOf(broker.calls, 0)
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("refuses what JSON can't hold, wherever it hides", () => {
    const broker = recordingBroker()
    const Loose = Task.make("Loose", { payload: { unknown: Schema.Unknown, any: Schema.Any } })
    const circular: Record<string, unknown> = {}
    circular["self"] = circular
    const getter = {
      get broken() {
        throw new Error("no")
      }
    }
    const misfits = [
      () => 1,
      Symbol("s"),
      1n,
      new Date(0),
      Number.NaN,
      Number.POSITIVE_INFINITY,
      circular,
      new Map(),
      getter
    ]
    return Effect.gen(function*() {
      for (const misfit of misfits) {
        assert.strictEqual((yield* refusal(Loose.enqueue({ unknown: misfit, any: 1 })))._tag, "InvalidPayload")
        assert.strictEqual(
          (yield* refusal(Loose.enqueue({ unknown: { deep: [misfit] }, any: 1 })))._tag,
          "InvalidPayload"
        )
        assert.strictEqual((yield* refusal(Loose.enqueue({ unknown: 1, any: misfit })))._tag, "InvalidPayload")
        assert.strictEqual((yield* refusal(Loose.enqueue({ unknown: 1, any: [misfit] })))._tag, "InvalidPayload")
      }
      assert.lengthOf(broker.calls, 0)
      yield* Loose.enqueue({ unknown: { a: [null, "x", 1.5] }, any: { b: true } })
      assert.strictEqual(
        broker.calls[0]?.jobs[0]?.payload,
        "{\"unknown\":{\"a\":[null,\"x\",1.5]},\"any\":{\"b\":true}}"
      )
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("refuses options that are out of range", () => {
    const wrong: ReadonlyArray<readonly [string, Task.EnqueueOptions]> = [
      ["id", { id: "" }],
      ["id", { id: "two words" }],
      ["id", { id: "x".repeat(257) }],
      ["priority", { priority: 101 }],
      ["priority", { priority: -101 }],
      ["priority", { priority: 0.5 }],
      ["priority", { priority: Number.NaN }],
      ["delay", { delay: -1 }],
      ["delay", { delay: Number.NaN }],
      ["delay", { delay: Infinity }],
      ["delay", { delay: "366 days" }],
      ["delay", { delay: "soon" as never }],
      ["at", { at: new Date(Number.NaN) }],
      ["at", { at: new Date(0), delay: 1 }]
    ]
    return Effect.gen(function*() {
      for (const [option, options] of wrong) {
        const reason = yield* refusal(SendEmail.enqueue(welcome, options))
        assert.strictEqual(reason._tag, "InvalidOption", JSON.stringify(options))
        assert.include(reason, { option })
        const [answer] = yield* SendEmail.enqueueAll([welcome], () => options)
        assert.isTrue(answer !== undefined && said(answer) === "InvalidOption")
      }
    }).pipe(Effect.provide(MemoryBroker.layer))
  })

  it.effect("takes options at their bounds, and rounds parts of a millisecond up", () => {
    const broker = recordingBroker()
    return Effect.gen(function*() {
      yield* SendEmail.enqueue(welcome, { id: "x".repeat(256), priority: -100, delay: 0 })
      yield* SendEmail.enqueue(welcome, { priority: 100, delay: "365 days" })
      yield* SendEmail.enqueue(welcome, { delay: Duration.nanos(1n) })
      yield* SendEmail.enqueue(welcome, { at: new Date(5) })
      yield* SendEmail.enqueue(welcome, { at: DateTime.makeUnsafe("2026-01-01T00:00:00Z") })
      assert.deepStrictEqual(broker.calls.map(({ jobs: [job] }) => [job?.delayMs, job?.runAtMs]), [
        [0, undefined],
        [year, undefined],
        [1, undefined],
        [0, 5],
        [0, Date.UTC(2026, 0)]
      ])
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("refuses a key that the task can't make", () => {
    const broker = recordingBroker()
    const keyed = (key: (n: number) => string) => Task.make("Keyed", { payload: Schema.Number, key })
    return Effect.gen(function*() {
      const thrown = yield* refusal(
        keyed(() => {
          throw new Error("no tenant")
        }).enqueue(1)
      )
      assert.include(thrown, { option: "key" })
      assert.include(JSON.stringify(thrown), "no tenant")
      assert.include(yield* refusal(keyed(() => "").enqueue(1)), { option: "key" })
      assert.include(yield* refusal(keyed(() => "x".repeat(257)).enqueue(1)), { option: "key" })
      assert.include(yield* refusal(keyed(() => undefined as never).enqueue(1)), { option: "key" })
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("carries the trace of a sampled span, and of no other", () => {
    const broker = recordingBroker()
    return Effect.gen(function*() {
      const span = yield* Effect.currentSpan.pipe(
        Effect.tap(() => SendEmail.enqueue(welcome)),
        Effect.withSpan("outside")
      )
      yield* SendEmail.enqueue(welcome).pipe(Effect.withSpan("unsampled", { sampled: false }))
      assert.deepStrictEqual(broker.calls.map(({ jobs: [job] }) => job?.trace), [
        `00-${span.traceId}-${span.spanId}-01`,
        undefined
      ])
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("fails with the broker's reason, and with the refusal of its one job", () => {
    const away = new BrokerError({ reason: new BrokerUnavailable({ operation: "enqueue", detail: "gone" }) })
    const full = new QueueFull({ queue: "emails", limit: 1 })
    return Effect.gen(function*() {
      const unreachable = yield* Effect.provide(
        refusal(SendEmail.enqueue(welcome)),
        recordingBroker({ failure: away }).layer
      )
      assert.strictEqual(unreachable._tag, "BrokerUnavailable")
      const refused = recordingBroker({ answer: () => ({ answer: "refused", reason: full }) })
      const error = yield* Effect.flip(Effect.provide(SendEmail.enqueue(welcome), refused.layer))
      assert.strictEqual(error._tag, "EnqueueError")
      assert.strictEqual(error.reason, full)
      assert.strictEqual(error.message, full.message)
    })
  })
})

describe("enqueueAll", () => {
  it.effect("sends all jobs in one call and answers in order", () => {
    const broker = recordingBroker()
    return Effect.gen(function*() {
      const answers = yield* SendEmail.enqueueAll([welcome, { ...welcome, tenant: "b" }], { priority: 7 })
      assert.deepStrictEqual(answers.map(said), [
        "0:made-0",
        "0:made-1"
      ])
      assert.lengthOf(broker.calls, 1)
      assert.deepStrictEqual(broker.calls[0]?.jobs.map((job) => [job.key, job.priority]), [["acme", 7], ["b", 7]])
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("puts refusals of its own and of the broker into their places", () => {
    const full = new QueueFull({ queue: "emails", limit: 1 })
    const broker = recordingBroker({
      answer: (job, index) =>
        index === 1 ? { answer: "refused", reason: full } : { answer: "created", id: `0:${job.key}` as never }
    })
    const tenant = (name: string) => ({ ...welcome, tenant: name })
    return Effect.gen(function*() {
      const answers = yield* SendEmail.enqueueAll([
        { ...welcome, subject: "" },
        tenant("a"),
        tenant("b"),
        { ...welcome, to: "nobody" as never },
        tenant("c")
      ])
      assert.deepStrictEqual(answers.map(said), [
        "InvalidPayload",
        "0:a",
        "QueueFull",
        "InvalidPayload",
        "0:c"
      ])
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("asks nobody when there is nothing to send", () => {
    const broker = recordingBroker()
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* SendEmail.enqueueAll([]), [])
      const answers = yield* SendEmail.enqueueAll([{ ...welcome, subject: "" }])
      assert.deepStrictEqual(answers.map(({ answer }) => answer), ["refused"])
      assert.lengthOf(broker.calls, 0)
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("takes options for each job from a function", () => {
    const broker = recordingBroker()
    return Effect.gen(function*() {
      const answers = yield* SendEmail.enqueueAll(
        [welcome, welcome, welcome],
        (payload, index) => index === 2 ? undefined : { id: `${payload.tenant}-${index}`, delay: -index }
      )
      assert.deepStrictEqual(answers.map(said), [
        "0:acme-0",
        "InvalidOption",
        "0:made-1"
      ])
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("refuses each job when the options of all are wrong", () =>
    Effect.gen(function*() {
      for (const options of [{ priority: 1000 }, { delay: -1 }]) {
        const answers = yield* SendEmail.enqueueAll([welcome, welcome], options)
        assert.deepStrictEqual(answers.map(said), ["InvalidOption", "InvalidOption"])
      }
    }).pipe(Effect.provide(MemoryBroker.layer)))

  it.effect("fails as a whole when the broker is away", () => {
    const failure = new BrokerError({ reason: new BrokerUnavailable({ operation: "enqueue", detail: "gone" }) })
    return Effect.gen(function*() {
      const exit = yield* Effect.exit(SendEmail.enqueueAll([welcome, welcome]))
      assert.isTrue(Exit.isFailure(exit))
    }).pipe(Effect.provide(recordingBroker({ failure }).layer))
  })
})
