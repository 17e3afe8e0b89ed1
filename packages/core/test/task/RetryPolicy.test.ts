import { RetryPolicy } from "@sluice/core"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Duration, Effect, Logger, Schedule, Schema } from "effect"

const day = 86_400_000
const year = 365 * day

class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", { seconds: Schema.Number }) {}
class Bounced extends Schema.TaggedError<Bounced>()("Bounced", {}) {}

const facts = (attempt: number, more: Partial<RetryPolicy.Facts> = {}): RetryPolicy.Facts => ({
  jobId: "0:a",
  attempt,
  attempts: 1_000_000,
  maxAgeMs: 0,
  ageMs: 0,
  error: undefined,
  ...more
})

const decide = (policy: RetryPolicy.RetryPolicy.Any, attempt: number, more?: Partial<RetryPolicy.Facts>) =>
  RetryPolicy.decide(policy, facts(attempt, more))

/** The delays after the first attempts of one job; `undefined`: the policy gave up. */
const delays = (policy: RetryPolicy.RetryPolicy.Any, attempts: number, more?: Partial<RetryPolicy.Facts>) =>
  Effect.forEach(
    Array.from({ length: attempts }, (_, index) => index + 1),
    (attempt) =>
      Effect.map(
        decide(policy, attempt, more),
        (decision) => decision._tag === "Retry" ? decision.delayMs : decision.why
      )
  )

describe("delays", () => {
  it.effect("grow by the factor up to the cap", () =>
    Effect.gen(function*() {
      const policy = RetryPolicy.exponential({ initial: "1 second", cap: "10 seconds", jitter: 0 })
      assert.deepStrictEqual(yield* delays(policy, 6), [1000, 2000, 4000, 8000, 10_000, 10_000])
      const slower = RetryPolicy.exponential({ initial: "1 second", factor: 1.5, jitter: 0 })
      assert.deepStrictEqual(yield* delays(slower, 3), [1000, 1500, 2250])
    }))

  it.effect("grow by a step up to the cap, or not at all", () =>
    Effect.gen(function*() {
      const linear = RetryPolicy.linear({ initial: "1 second", step: "500 millis", cap: "2 seconds", jitter: 0 })
      assert.deepStrictEqual(yield* delays(linear, 4), [1000, 1500, 2000, 2000])
      assert.deepStrictEqual(yield* delays(RetryPolicy.linear({ initial: 10, jitter: 0 }), 3), [10, 20, 30])
      assert.deepStrictEqual(yield* delays(RetryPolicy.fixed({ delay: "3 seconds", jitter: 0 }), 3), [3000, 3000, 3000])
    }))

  it.effect("never exceed a year, however late the attempt", () =>
    Effect.gen(function*() {
      const policy = RetryPolicy.exponential({ initial: "1 day", factor: 1000, jitter: 1 })
      for (const attempt of [5, 200, 999_999]) {
        const decision = yield* decide(policy, attempt)
        assert.isTrue(decision._tag === "Retry" && decision.delayMs <= year)
      }
    }))

  it.effect("of zero stay zero", () =>
    Effect.gen(function*() {
      const policy = RetryPolicy.exponential({ initial: 0, factor: 1000 })
      assert.deepStrictEqual(yield* decide(policy, 999_999), { _tag: "Retry", delayMs: 0 })
    }))

  it.prop("without jitter never shrink, and never pass the cap", [
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100_000 }))),
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))),
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10 })))
  ], ([initial, cap, factor]) => {
    for (
      const policy of [
        RetryPolicy.exponential({ initial, cap, factor, jitter: 0 }),
        RetryPolicy.linear({ initial, cap, step: factor, jitter: 0 })
      ]
    ) {
      const found = Effect.runSync(delays(policy, 12)) as ReadonlyArray<number>
      assert.isTrue(found.every((delay, index) => delay <= cap && delay >= (found[index - 1] ?? 0)), found.join())
    }
  })

  it.prop("with jitter stay within it, are whole, and depend on the job and the attempt alone", [
    Arbitrary.schema(Schema.String),
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))),
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10 })))
  ], ([jobId, attempt, tenths]) => {
    const policy = RetryPolicy.fixed({ delay: 10_000, jitter: tenths / 10 })
    const ask = () => Effect.runSync(decide(policy, attempt, { jobId }))
    const decision = ask()
    assert.deepStrictEqual(ask(), decision)
    assert.isTrue(decision._tag === "Retry")
    if (decision._tag !== "Retry") return
    assert.isTrue(Number.isInteger(decision.delayMs))
    assert.isAtLeast(decision.delayMs, 10_000 - tenths * 1000)
    assert.isAtMost(decision.delayMs, 10_000 + tenths * 1000)
  })

  it.effect("are spread evenly over jobs with similar ids, by a fifth unless told otherwise", () =>
    Effect.gen(function*() {
      const policy = RetryPolicy.fixed({ delay: 10_000 })
      const found = yield* Effect.forEach(
        Array.from({ length: 10_000 }, (_, n) => n),
        (n) =>
          Effect.map(decide(policy, 1, { jobId: `0:job-${n}` }), (it) => it._tag === "Retry" ? it.delayMs : Number.NaN)
      )
      const bins = Array.from({ length: 10 }, () => 0)
      for (const delay of found) bins[Math.min(9, Math.floor((delay - 8000) / 400))]! += 1
      assert.isAtLeast(Math.min(...found), 8000)
      assert.isAtMost(Math.max(...found), 12_000)
      assert.isTrue(bins.every((count) => count > 850 && count < 1150), bins.join())
    }))

  it.effect("with jitter do not pass the cap", () =>
    Effect.gen(function*() {
      const policy = RetryPolicy.exponential({ initial: "1 second", cap: "8 seconds", jitter: 1 })
      for (let job = 0; job < 200; job++) {
        const found = yield* delays(policy, 8, { jobId: `0:${job}` })
        assert.isTrue(found.every((delay) => typeof delay === "number" && delay >= 0 && delay <= 8000))
      }
    }))
})

describe("limits", () => {
  it.effect("end the attempts at the number that travels in the job", () =>
    Effect.gen(function*() {
      const policy = RetryPolicy.fixed({ delay: 10, attempts: 5, jitter: 0 })
      assert.deepStrictEqual(yield* delays(policy, 3, { attempts: 3 }), [10, 10, "exhausted"])
      assert.strictEqual((yield* decide(policy, 7, { attempts: 3 }))._tag, "GiveUp")
    }))

  it.effect("give up when the next attempt would start at the maximum age or later", () =>
    Effect.gen(function*() {
      const policy = RetryPolicy.fixed({ delay: 10, jitter: 0 })
      const at = (ageMs: number) => decide(policy, 1, { maxAgeMs: 100, ageMs })
      assert.deepStrictEqual(yield* at(89), { _tag: "Retry", delayMs: 10 })
      assert.deepStrictEqual(yield* at(90), { _tag: "GiveUp", why: "expired" })
      assert.deepStrictEqual(yield* at(1000), { _tag: "GiveUp", why: "expired" })
    }))

  it("have defaults", () => {
    const policy = RetryPolicy.exponential({ initial: 1 })
    assert.deepInclude(policy, { attempts: 10, maxAgeMs: 0, crashDelayMs: 1000 })
    const written = RetryPolicy.fixed({ delay: 1, attempts: 3, maxAge: "1 day", crashDelay: "1 minute" })
    assert.deepInclude(written, { attempts: 3, maxAgeMs: day, crashDelayMs: 60_000 })
  })

  it("out of range throw where they are written", () => {
    for (const attempts of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1_000_001]) {
      assert.throws(() => RetryPolicy.fixed({ delay: 1, attempts }), /attempts is/)
    }
    for (const jitter of [-0.1, 1.1, Number.NaN]) {
      assert.throws(() => RetryPolicy.fixed({ delay: 1, jitter }), /jitter is/)
    }
    assert.throws(() => RetryPolicy.exponential({ initial: 1, factor: 0.5 }), /factor is/)
    assert.throws(() => RetryPolicy.exponential({ initial: -1 }), /initial is/)
    assert.throws(() => RetryPolicy.exponential({ initial: 1, cap: Infinity }), /cap is/)
    assert.throws(() => RetryPolicy.linear({ initial: 1, step: Number.NaN }), /step is/)
    assert.throws(() => RetryPolicy.fixed({ delay: "366 days" }), /delay is/)
    assert.throws(() => RetryPolicy.fixed({ delay: 1, maxAge: 0 }), /maxAge is/)
    assert.throws(() => RetryPolicy.fixed({ delay: 1, crashDelay: -1 }), /crashDelay is/)
  })
})

describe("rules", () => {
  const base = RetryPolicy.fixed({ delay: 10, jitter: 0 })
  const limited = new RateLimited({ seconds: 90 })
  const bounced = new Bounced()

  it.effect("replace the delay for one error, by its class or its tag", () =>
    Effect.gen(function*() {
      const policy = base.pipe(
        RetryPolicy.when(RateLimited, (error) => RetryPolicy.after(Duration.seconds(error.seconds))),
        RetryPolicy.when("Bounced", RetryPolicy.never)
      )
      assert.deepStrictEqual(yield* decide(policy, 1, { error: limited }), { _tag: "Retry", delayMs: 90_000 })
      assert.deepStrictEqual(yield* decide(policy, 1, { error: bounced }), { _tag: "GiveUp", why: "exhausted" })
      for (const other of [undefined, null, "Bounced", new Error("x"), { _tag: "RateLimited", seconds: 1 }]) {
        assert.deepStrictEqual(yield* decide(policy, 1, { error: other }), { _tag: "Retry", delayMs: 10 })
      }
    }))

  it.effect("leave the policy that they were added to as it was", () =>
    Effect.gen(function*() {
      base.pipe(RetryPolicy.when(Bounced, RetryPolicy.never))
      assert.strictEqual((yield* decide(base, 1, { error: bounced }))._tag, "Retry")
    }))

  it.effect("added last count first", () =>
    Effect.gen(function*() {
      const shared = base.pipe(RetryPolicy.when(Bounced, RetryPolicy.never))
      const policy = shared.pipe(RetryPolicy.when(Bounced, RetryPolicy.after(5)))
      assert.deepStrictEqual(yield* decide(policy, 1, { error: bounced }), { _tag: "Retry", delayMs: 5 })
    }))

  it.effect("may be a policy, whose written limits count when they are tighter than the job's", () =>
    Effect.gen(function*() {
      const rule = RetryPolicy.linear({ initial: 100, jitter: 0, attempts: 3, maxAge: "1 second" })
      const policy = base.pipe(RetryPolicy.when(Bounced, rule))
      const error = bounced
      assert.deepStrictEqual(yield* delays(policy, 4, { error }), [100, 200, "exhausted", "exhausted"])
      assert.deepStrictEqual(yield* delays(policy, 2, { error, attempts: 2 }), [100, "exhausted"])
      assert.deepStrictEqual(yield* delays(policy, 1, { error, ageMs: 900 }), ["expired"])
      assert.deepStrictEqual(yield* delays(policy, 1, { error, ageMs: 500, maxAgeMs: 600 }), ["expired"])
      const silent = base.pipe(RetryPolicy.when(Bounced, RetryPolicy.fixed({ delay: 7, jitter: 0 })))
      assert.deepStrictEqual(yield* decide(silent, 50, { error }), { _tag: "Retry", delayMs: 7 })
    }))

  it.effect("wait within bounds whatever the error says", () =>
    Effect.gen(function*() {
      const policy = base.pipe(RetryPolicy.when(RateLimited, (error) => RetryPolicy.after(error.seconds)))
      const after = (seconds: number) => decide(policy, 1, { error: new RateLimited({ seconds }) })
      assert.deepStrictEqual(yield* after(-5), { _tag: "Retry", delayMs: 0 })
      assert.deepStrictEqual(yield* after(0.5), { _tag: "Retry", delayMs: 1 })
      assert.deepStrictEqual(yield* after(Number.POSITIVE_INFINITY), { _tag: "Retry", delayMs: year })
      assert.deepStrictEqual(yield* after(2 * year), { _tag: "Retry", delayMs: year })
    }))

  it.effect("that throw are logged and passed over", () => {
    const logged: Array<unknown> = []
    const policy = base.pipe(RetryPolicy.when(Bounced, () => {
      throw new Error("a bug in the rule")
    }))
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* decide(policy, 1, { error: bounced }), { _tag: "Retry", delayMs: 10 })
      assert.include(String(logged), "0:a")
    }).pipe(Effect.provide(Logger.layer([Logger.make(({ message }) => void logged.push(message))])))
  })
})

describe("schedules", () => {
  it.effect("are replayed by the attempt", () =>
    Effect.gen(function*() {
      const policy = RetryPolicy.fromSchedule(Schedule.exponential("1 second"))
      assert.deepStrictEqual(yield* delays(policy, 4), [1000, 2000, 4000, 8000])
      assert.deepStrictEqual(yield* decide(policy, 3), { _tag: "Retry", delayMs: 4000 })
    }))

  it.effect("give up when the schedule ends", () =>
    Effect.gen(function*() {
      const twice = RetryPolicy.fromSchedule(Schedule.spaced("1 second").pipe(Schedule.upTo({ times: 2 })))
      assert.deepStrictEqual(yield* delays(twice, 4), [1000, 1000, "exhausted", "exhausted"])
      const short = RetryPolicy.fromSchedule(
        Schedule.spaced("1 second").pipe(Schedule.upTo({ duration: "2500 millis" }))
      )
      assert.deepStrictEqual(yield* delays(short, 4), [1000, 1000, 1000, "exhausted"])
    }))

  it.effect("read the error", () =>
    Effect.gen(function*() {
      const policy = RetryPolicy.fromSchedule(
        Schedule.spaced("1 second").pipe(
          Schedule.setInputType<RateLimited | Bounced>(),
          Schedule.while(({ input }) => Effect.succeed(input instanceof RateLimited)),
          Schedule.modifyDelay(({ input }) => Effect.succeed(Duration.seconds("seconds" in input ? input.seconds : 0)))
        )
      )
      const error = new RateLimited({ seconds: 5 })
      assert.deepStrictEqual(yield* decide(policy, 1, { error }), { _tag: "Retry", delayMs: 5000 })
      assert.deepStrictEqual(yield* decide(policy, 1, { error: new Bounced() }), { _tag: "GiveUp", why: "exhausted" })
    }))

  it.effect("that draw at random decide alike for the same job and attempt", () =>
    Effect.gen(function*() {
      const policy = RetryPolicy.fromSchedule(Schedule.jittered(Schedule.spaced("1 hour")))
      const first = yield* decide(policy, 3)
      assert.deepStrictEqual(yield* decide(policy, 3), first)
      assert.notDeepEqual(yield* decide(policy, 3, { jobId: "0:b" }), first)
      assert.notDeepEqual(yield* decide(policy, 4), first)
    }))

  it.effect("that die are logged and stood in for", () => {
    const logged: Array<unknown> = []
    const broken = Schedule.spaced("1 hour").pipe(Schedule.modifyDelay(() => Effect.die(new Error("a bug"))))
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* delays(RetryPolicy.fromSchedule(broken), 3), [1000, 2000, 4000])
      assert.lengthOf(logged, 3)
    }).pipe(Effect.provide(Logger.layer([Logger.make(({ message }) => void logged.push(message))])))
  })

  it.effect("obey the limits as any policy does", () =>
    Effect.gen(function*() {
      const policy = RetryPolicy.fromSchedule(Schedule.spaced("1 minute"), { attempts: 3, maxAge: "1 hour" })
      assert.deepInclude(policy, { attempts: 3, maxAgeMs: 3_600_000 })
      assert.deepStrictEqual(yield* delays(policy, 2, { attempts: 2 }), [60_000, "exhausted"])
      assert.deepStrictEqual(yield* delays(policy, 1, { maxAgeMs: 60_000 }), ["expired"])
    }))
})

describe("the default policy", () => {
  it.effect("is exponential from a second to ten minutes, with ten attempts", () =>
    Effect.gen(function*() {
      const policy = yield* RetryPolicy.Default
      assert.deepInclude(policy, { attempts: 10, maxAgeMs: 0 })
      const found = yield* delays(policy, 20)
      assert.isTrue(found.every((delay, index) =>
        typeof delay === "number" && delay <= Math.min(600_000, 1200 * 2 ** index) &&
        delay >= Math.min(480_000, 800 * 2 ** index)
      ))
    }))

  it("never tries again where the policy is never", () => {
    assert.strictEqual(RetryPolicy.never.attempts, 1)
  })
})
