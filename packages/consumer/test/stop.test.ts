import { assert, describe, it } from "@effect/vitest"
import { Consumer } from "@sluice/consumer"
import { Task } from "@sluice/core"
import { Clock, Effect, Exit, Fiber, Layer, Schema, Scope } from "effect"
import type { Duration } from "effect"
import { TestClock } from "effect/testing"
import * as Jobs from "./support/Jobs.ts"
import * as TappedBroker from "./support/TappedBroker.ts"

class Work extends Task.make("Work", { payload: { seconds: Schema.Int } }) {}

/** A consumer in a scope of its own, with a way to stop it and to see how long that took. */
const started = Effect.fnUntraced(function*(
  run: (seconds: number) => Effect.Effect<void> = (seconds) => Effect.sleep(seconds * 1000),
  grace: Duration.Input = "25 seconds"
) {
  const scope = yield* Scope.make()
  yield* Layer.buildWithScope(
    Consumer.layer({ tasks: [Work], queues: { default: { concurrency: 2 } }, grace, maintenance: false }).pipe(
      Layer.provide(Work.toLayer(({ seconds }) => run(seconds)))
    ),
    scope
  )
  yield* TestClock.adjust(0)
  return Effect.gen(function*() {
    const before = yield* Clock.currentTimeMillis
    return yield* Effect.forkChild(
      Scope.close(scope, Exit.void).pipe(
        Effect.andThen(Clock.currentTimeMillis),
        Effect.map((now) => (now - before) / 1000)
      ),
      { startImmediately: true }
    )
  })
})

const test = <A, E>(effect: Effect.Effect<A, E, TappedBroker.Provided>) => Effect.provide(effect, TappedBroker.layer)

describe("a consumer that stops", () => {
  it.effect("ends at once when nothing runs", () =>
    test(Effect.gen(function*() {
      const stop = yield* started()
      assert.strictEqual(yield* Fiber.join(yield* stop), 0)
    })))

  it.effect("has told the broker that it is not to be woken any more", () =>
    test(Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* Fiber.join(yield* (yield* started()))
      assert.deepInclude(tap.exchanges.at(-1)?.request, { claim: 0, wake: false })
    })))

  it.effect("has told so everywhere, also when it still had to settle what ended", () =>
    test(Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      const stop = yield* started()
      yield* Work.enqueue({ seconds: 1 })
      yield* TestClock.adjust("500 millis")
      // a round is under way while the job ends
      tap.gate.closeUnsafe()
      yield* Work.enqueue({ seconds: 9 })
      yield* TestClock.adjust("1 second")
      const fiber = yield* stop
      tap.gate.openUnsafe()
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(fiber)
      const rounds = tap.exchanges.map(({ request: { claim, settle, wake } }) => ({
        claim,
        settles: settle.length,
        wake
      }))
      assert.deepInclude(rounds, { claim: 0, settles: 2, wake: false })
      assert.deepInclude(rounds, { claim: 0, settles: 0, wake: false })
    })))

  it.effect("claims nothing more, lets handlers finish, settles them, and is not woken any more", () =>
    test(Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      const stop = yield* started()
      const first = yield* Work.enqueue({ seconds: 5 })
      const second = yield* Work.enqueue({ seconds: 10 })
      yield* Work.enqueue({ seconds: 1 })
      yield* TestClock.adjust("1 second")
      const stopping = yield* stop
      const calls = tap.exchanges.length
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(stopping), 9)
      assert.strictEqual(yield* Jobs.state(first.id), "completed")
      assert.strictEqual(yield* Jobs.state(second.id), "completed")
      assert.deepStrictEqual(yield* Jobs.counts, { completed: 2, available: 1 })
      for (const { request } of tap.exchanges.slice(calls)) assert.deepInclude(request, { claim: 0, wake: false })
    })))

  it.effect("keeps extending leases while handlers finish", () =>
    test(Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      const stop = yield* started(undefined, "2 minutes")
      yield* Work.enqueue({ seconds: 100 })
      yield* TestClock.adjust("1 second")
      const stopping = yield* stop
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(yield* Fiber.join(stopping), 99)
      assert.isAtLeast(tap.extends.length, 9)
      assert.deepStrictEqual(yield* Jobs.counts, { completed: 1 })
    })))

  it.effect("interrupts what still runs after the grace, and releases it with no attempt used", () =>
    test(Effect.gen(function*() {
      let finalized = false
      const stop = yield* started((seconds) =>
        Effect.onInterrupt(Effect.sleep(seconds * 1000), () =>
          Effect.sync(() => {
            finalized = true
          }))
      )
      const { id } = yield* Work.enqueue({ seconds: 3600 })
      yield* TestClock.adjust("1 second")
      const stopping = yield* stop
      yield* TestClock.adjust("24 seconds")
      assert.strictEqual(yield* Jobs.state(id), "running")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(stopping), 25)
      assert.isTrue(finalized)
      assert.deepInclude(yield* Jobs.job(id), { state: "available", attempt: 0 })
    })))

  it.effect("releases a job whose finalizer hangs, and ends within the bound", () =>
    test(Effect.gen(function*() {
      const stop = yield* started(() => Effect.ensuring(Effect.never, Effect.never))
      const { id } = yield* Work.enqueue({ seconds: 1 })
      yield* TestClock.adjust("1 second")
      const stopping = yield* stop
      yield* TestClock.adjust("1 minute")
      assert.isAtMost(yield* Fiber.join(stopping), 25 + Consumer.stopBoundMs / 1000)
      assert.deepInclude(yield* Jobs.job(id), { state: "available", attempt: 0 })
    })))

  it.effect("releases at once what a claim under way still brings", () =>
    test(Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      let runs = 0
      const stop = yield* started(() => Effect.asVoid(Effect.sync(() => runs++)))
      yield* tap.gate.close
      const { id } = yield* Work.enqueue({ seconds: 1 })
      yield* TestClock.adjust("1 second")
      const stopping = yield* stop
      yield* TestClock.adjust("500 millis")
      yield* tap.gate.open
      yield* TestClock.adjust("1 second")
      assert.isBelow(yield* Fiber.join(stopping), 1)
      assert.strictEqual(runs, 0)
      assert.deepInclude(yield* Jobs.job(id), { state: "available", attempt: 0 })
    })))

  for (const fault of ["away", "hang"] as const) {
    it.effect(`ends within the bound when the broker is ${fault === "away" ? "away" : "silent"}`, () =>
      test(Effect.gen(function*() {
        const tap = yield* TappedBroker.Tap
        const stop = yield* started()
        yield* Work.enqueueAll([{ seconds: 2 }, { seconds: 3600 }])
        yield* TestClock.adjust("1 second")
        tap.faults.exchange = fault
        tap.faults.extend = fault
        const stopping = yield* stop
        yield* TestClock.adjust("1 minute")
        const took = yield* Fiber.join(stopping)
        assert.isAtLeast(took, 25)
        assert.isAtMost(took, 25 + Consumer.stopBoundMs / 1000)
      })))
  }

  it.effect("does not wait the grace for a broker that is away when no handler runs", () =>
    test(Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      const stop = yield* started()
      yield* Work.enqueue({ seconds: 2 })
      yield* TestClock.adjust("1 second")
      tap.faults.exchange = "away"
      yield* TestClock.adjust("2 seconds")
      const stopping = yield* stop
      yield* TestClock.adjust("1 minute")
      assert.isAtMost(yield* Fiber.join(stopping), Consumer.stopBoundMs / 1000)
    })))
})
