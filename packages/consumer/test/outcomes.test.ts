import { assert, describe, it } from "@effect/vitest"
import { Consumer } from "@sluice/consumer"
import { Broker, CurrentJob, Outcome, RetryPolicy, Task } from "@sluice/core"
import type { NewJob } from "@sluice/core/Broker"
import type { Handler } from "@sluice/core/Handler"
import { JobFactory } from "@sluice/core/testing"
import { type Duration, Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Jobs from "./support/Jobs.ts"
import * as TappedBroker from "./support/TappedBroker.ts"

class Bounced extends Schema.TaggedError<Bounced>()("Bounced", { address: Schema.String }) {}
class Send extends Task.make("Send", {
  payload: { to: Schema.String },
  success: Schema.Struct({ sent: Schema.Int }),
  error: Bounced,
  retry: RetryPolicy.fixed({ delay: "10 seconds", attempts: 3, jitter: 0 }),
  timeout: "5 seconds"
}) {}

type SendHandler = Parameters<typeof Send.toLayer<CurrentJob>>[0]

const consuming = (handlers: Layer.Layer<Handler<"Send">>) =>
  Consumer.layer({ tasks: [Send], queues: { default: { concurrency: 2 } }, grace: 0, interruptGrace: "2 seconds" })
    .pipe(
      Layer.provide(handlers),
      Layer.provideMerge(TappedBroker.layer)
    )
const handling = (handler: SendHandler) => consuming(Send.toLayer(handler))
const send = Effect.map(Send.enqueue({ to: "ada" }), ({ id }) => id)
const put = (overrides: Partial<NewJob>) =>
  Broker.use((broker) => broker.enqueue(Jobs.queue, [JobFactory.job({ payload: `{"to":"ada"}`, ...overrides })])).pipe(
    Effect.map(([answer]) => {
      if (answer?.answer !== "created") throw new Error("the job was not created")
      return answer.id
    })
  )

/** Runs one job to where it rests, and tells about it. */
const after = (handler: SendHandler, time: Duration.Input = "1 second") =>
  Effect.gen(function*() {
    const id = yield* send
    yield* TestClock.adjust(time)
    return yield* Jobs.job(id)
  }).pipe(Effect.provide(handling(handler)))

describe("an attempt that ends by itself", () => {
  it.effect("completes with its encoded success", () =>
    Effect.gen(function*() {
      const job = yield* after(() => Effect.succeed({ sent: 1 }))
      assert.strictEqual(job.state, "completed")
      assert.deepStrictEqual(job.verdict, { _tag: "Completed", success: `{"sent":1}` })
    }))

  it.effect("is tried again by the policy after a typed failure, and dies with the error at the last attempt", () =>
    Effect.gen(function*() {
      const id = yield* send
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Jobs.state(id), "retryable")
      yield* TestClock.adjust("8999 millis")
      assert.strictEqual((yield* Jobs.failures(id)).length, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Jobs.failures(id)).length, 2)
      yield* TestClock.adjust("10 seconds")
      const { failures, state, verdict } = yield* Jobs.job(id)
      assert.strictEqual(state, "dead")
      assert.deepStrictEqual(failures.map(({ attempt, kind }) => [attempt, kind]), [[1, "Bounced"], [2, "Bounced"], [
        3,
        "Bounced"
      ]])
      assert.deepInclude(verdict, { _tag: "Dead", reason: "exhausted", error: `{"_tag":"Bounced","address":"a"}` })
      assert.deepInclude(yield* Effect.flip(Send.await(id)), { _tag: "Bounced", address: "a" })
    }).pipe(Effect.provide(handling(() => new Bounced({ address: "a" })))))

  it.effect("fails as a defect when it dies, throws, or answers what its schema does not take", () =>
    Effect.gen(function*() {
      for (
        const [handler, message] of [
          [() => Effect.die(new Error("boom")), "Error: boom"],
          [() => Effect.sync(() => ({ sent: 0 / 0 })), "the success does not fit"],
          [() => {
            throw new TypeError("no effect")
          }, "TypeError: no effect"]
        ] satisfies ReadonlyArray<readonly [SendHandler, string]>
      ) {
        const { failures, state } = yield* after(handler)
        assert.strictEqual(state, "retryable")
        assert.strictEqual(failures[0]?.kind, "Defect")
        assert.include(failures[0]?.message, message)
      }
    }))

  it.effect("fails as a defect when it fails with what the task does not declare", () =>
    Effect.gen(function*() {
      // what the types forbid, a cast or a library in plain JavaScript can still do
      const undeclared = new Error("smtp is down") as unknown as Bounced
      const { failures } = yield* after(() => Effect.fail(undeclared))
      assert.deepInclude(failures[0], { kind: "Defect", message: "Error: smtp is down" })
    }))

  it.effect("fails as a defect when it interrupts itself, and gives its slot back", () =>
    Effect.gen(function*() {
      const { failures, state } = yield* after(() => Effect.interrupt)
      assert.strictEqual(state, "retryable")
      assert.deepInclude(failures[0], { kind: "Defect", message: "the handler interrupted itself" })
    }))

  it.effect("keeps its typed failure, and its outcome, although a finalizer dies as well", () =>
    Effect.gen(function*() {
      const dying = Effect.ensuring(Effect.die("finalizer"))
      const failed = yield* after(() => dying(new Bounced({ address: "a" })))
      assert.strictEqual(failed.failures[0]?.kind, "Bounced")
      const discarded = yield* after(() => dying(Outcome.discard("not wanted")))
      assert.strictEqual(discarded.state, "dead")
    }))
})

describe("an attempt that takes too long", () => {
  it.effect("is interrupted, its finalizers run, and it fails as a time-out", () => {
    let finalized = false
    const slow = () =>
      Effect.never.pipe(Effect.ensuring(Effect.sync(() => {
        finalized = true
      })))
    return Effect.gen(function*() {
      const { failures, state } = yield* after(slow, "5 seconds")
      assert.isTrue(finalized)
      assert.strictEqual(state, "retryable")
      assert.deepInclude(failures[0], { kind: "Timeout", message: "the attempt took longer than 5000 ms" })
    })
  })

  it.effect("is let finish what can't be interrupted, keeps its lease meanwhile, and fails as a time-out then", () =>
    Effect.gen(function*() {
      const { failures, state } = yield* after(
        () => Effect.uninterruptible(Effect.as(Effect.sleep("6 seconds"), { sent: 1 })),
        "8 seconds"
      )
      assert.strictEqual(state, "retryable")
      assert.deepStrictEqual(failures.map(({ kind }) => kind), ["Timeout"])
    }))

  it.effect("loses its slot when its finalizers hang", () =>
    Effect.gen(function*() {
      let runs = 0
      yield* Effect.gen(function*() {
        const first = yield* send
        yield* send
        yield* send
        yield* TestClock.adjust("1 second")
        assert.strictEqual(runs, 2)
        yield* TestClock.adjust("6 seconds")
        assert.strictEqual(yield* Jobs.state(first), "retryable")
        assert.strictEqual(runs, 3)
        const health = yield* Consumer.ConsumerHealth
        assert.strictEqual((yield* health.queues)["default"]?.stuck, 2)
        const check = yield* health.check
        assert.isFalse(check.live)
        assert.include(check.reasons.join(), "2 interrupted handlers do not end")
      }).pipe(Effect.provide(handling(() => {
        runs++
        return runs > 2 ? Effect.succeed({ sent: 1 }) : Effect.ensuring(Effect.never, Effect.never)
      })))
    }))
})

describe("an outcome", () => {
  it.effect("snoozes without using an attempt", () =>
    Effect.gen(function*() {
      const attempts: Array<number> = []
      yield* Effect.gen(function*() {
        const id = yield* send
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* Jobs.state(id), "scheduled")
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(attempts, [1, 1])
      }).pipe(Effect.provide(handling(() =>
        CurrentJob.use(({ attempt }) => {
          attempts.push(attempt)
          return attempts.length === 1 ? Outcome.snooze("30 minutes") : Effect.succeed({ sent: 1 })
        })
      )))
    }))

  it.effect("cancels and discards, returned or yielded", () =>
    Effect.gen(function*() {
      const cancelled = yield* after(() => Effect.succeed(Outcome.cancel("not wanted")))
      assert.deepStrictEqual(cancelled.verdict, { _tag: "Cancelled", by: "handler", reason: "not wanted" })
      const discarded = yield* after(() => Outcome.discard("never"))
      assert.deepStrictEqual(discarded.verdict, { _tag: "Dead", reason: "discarded", message: "never" })
      assert.strictEqual(discarded.attempt, 1)
    }))

  it.effect("releases to the old place without using an attempt", () =>
    Effect.gen(function*() {
      const attempts: Array<number> = []
      yield* Effect.gen(function*() {
        const id = yield* send
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* Jobs.state(id), "completed")
        assert.deepStrictEqual(attempts, [1, 1, 1])
      }).pipe(Effect.provide(handling(() =>
        CurrentJob.use(({ attempt }) => {
          attempts.push(attempt)
          return attempts.length < 3 ? Outcome.release : Effect.succeed({ sent: 1 })
        })
      )))
    }))
})

describe("a job that this process can't run", () => {
  const idle = handling(() => Effect.succeed({ sent: 1 }))

  it.effect("of an unknown task is handed back, each time for twice as long, with no attempt used", () =>
    Effect.gen(function*() {
      const id = yield* put({ task: "Elsewhere" })
      yield* TestClock.adjust("1 millis")
      assert.deepInclude(yield* Jobs.job(id), {
        state: "scheduled",
        attempt: 0,
        dueAtMs: 5000,
        handedBack: { times: 1, why: "unknown-task" }
      })
      yield* TestClock.adjust("5 seconds")
      assert.deepInclude(yield* Jobs.job(id), { dueAtMs: 15_000, handedBack: { times: 2, why: "unknown-task" } })
      yield* TestClock.adjust("1 hour")
      const { dueAtMs, handedBack } = yield* Jobs.job(id)
      assert.isAbove(handedBack?.times ?? 0, 10)
      assert.isAtMost((dueAtMs ?? 0) - 3_605_001, 300_000)
    }).pipe(Effect.provide(idle)))

  it.effect("of a newer version is handed back", () =>
    Effect.gen(function*() {
      const id = yield* put({ task: "Send", version: 2 })
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* Jobs.job(id)).handedBack, { times: 1, why: "newer-version" })
    }).pipe(Effect.provide(idle)))

  it.effect("dies when its payload can't be decoded", () =>
    Effect.gen(function*() {
      const id = yield* put({ task: "Send", payload: `{"to":1}` })
      yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* Jobs.verdict(id), { _tag: "Dead", reason: "undecodable" })
    }).pipe(Effect.provide(idle)))

  it.effect("gets its first attempt however old it is, but no further one past its maximum age", () => {
    let runs = 0
    return Effect.gen(function*() {
      const id = yield* put({ task: "Send", maxAgeMs: 60_000, delayMs: 120_000 })
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(runs, 1)
      assert.deepInclude(yield* Jobs.verdict(id), { _tag: "Dead", reason: "expired" })
    }).pipe(Effect.provide(handling(() => {
      runs++
      return new Bounced({ address: "a" })
    })))
  })
})
