import { assert, describe, it } from "@effect/vitest"
import { Consumer, ConsumerHealth } from "@sluice/consumer"
import { Task } from "@sluice/core"
import { Context, Effect, Exit, Fiber, Layer, Random, Schema, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as Jobs from "./support/Jobs.ts"
import * as Stopping from "./support/Stopping.ts"
import * as TappedBroker from "./support/TappedBroker.ts"

class Work extends Task.make("Work", { payload: { seconds: Schema.Int } }) {}

const working = (concurrency: number, lanes?: number) =>
  Consumer.layer({
    tasks: [Work],
    queues: { default: { concurrency, lanes } },
    grace: 0,
    maintenance: false,
    name: "worker"
  }).pipe(Layer.provide(Work.toLayer(({ seconds }) => Effect.sleep(seconds * 1000))))
const App = Layer.provideMerge(working(2), TappedBroker.layer)
const Wide = Layer.provideMerge(working(10, 2), TappedBroker.layer)
const check = ConsumerHealth.use(({ check }) => check)
const report = ConsumerHealth.use(({ queues }) => Effect.map(queues, (all) => all["default"]!))

describe("the health of a consumer", () => {
  it.effect("is good when the broker answers, busy or not", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* check, { live: true, ready: true, reasons: [] })
      yield* Work.enqueueAll([{ seconds: 300 }, { seconds: 300 }, { seconds: 300 }])
      yield* TestClock.adjust("4 minutes")
      // all slots are taken by long jobs: no call is made for minutes, and that is as it should be
      assert.deepStrictEqual(yield* check, { live: true, ready: true, reasons: [] })
      assert.deepInclude(yield* report, { running: 2, concurrency: 2, stuck: 0, unsettled: 0, watchdogRestarts: 0 })
    }).pipe(Stopping.provide(App)))

  it.effect("names the consumer as inspect does, uniquely", () =>
    Effect.gen(function*() {
      const { consumer } = yield* ConsumerHealth
      assert.match(consumer, /^worker-[0-9a-z]{8}$/)
      const { id } = yield* Work.enqueue({ seconds: 10 })
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Jobs.job(id)).lease?.consumer, consumer)
    }).pipe(Effect.provide(App)))

  it.effect("names each life anew, under the same seed too", () =>
    Effect.gen(function*() {
      const name = ConsumerHealth.use(({ consumer }) => Effect.succeed(consumer)).pipe(
        Effect.provide(App, { local: true }),
        Random.withSeed("a")
      )
      assert.notStrictEqual(yield* name, yield* name)
    }))

  it.effect("is not ready while the broker is away, not live after the bound, and good again afterwards", () =>
    Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* TestClock.adjust("1 second")
      tap.faults.exchange = "away"
      yield* TestClock.adjust("30 seconds")
      const away = yield* check
      assert.deepInclude(away, { live: true, ready: false })
      assert.include(away.reasons.join(), "could not be reached")
      yield* TestClock.adjust("1 minute")
      assert.deepInclude(yield* check, { live: false, ready: false })
      tap.faults.exchange = "none"
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* check, { live: true, ready: true, reasons: [] })
      assert.include((yield* report).lastError, "could not be reached")
    }).pipe(Stopping.provide(App)))

  it.effect("is not ready before the broker has answered at all", () =>
    Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      tap.faults.exchange = "hang"
      yield* Effect.gen(function*() {
        assert.deepInclude(yield* ConsumerHealth.use(({ check }) => check), { live: true, ready: false })
      }).pipe(Stopping.provide(App))
    }).pipe(Effect.provide(TappedBroker.layer)))

  it.effect("shows that leases can't be extended although jobs are claimed", () =>
    Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* Work.enqueue({ seconds: 100 })
      tap.faults.extend = "away"
      yield* TestClock.adjust("20 seconds")
      assert.isFalse((yield* check).ready)
    }).pipe(Stopping.provide(App)))

  it.effect("is good again after an outage that cost it its leases, though it has none to extend any more", () =>
    Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* Work.enqueue({ seconds: 1000 })
      yield* TestClock.adjust("1 second")
      tap.faults.exchange = "away"
      tap.faults.extend = "away"
      yield* TestClock.adjust("40 seconds")
      assert.deepInclude(yield* report, { running: 0, lostLeases: 1 })
      assert.isFalse((yield* check).ready)
      tap.faults.exchange = "none"
      tap.faults.extend = "none"
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(yield* check, { live: true, ready: true, reasons: [] })
    }).pipe(Stopping.provide(App)))

  it.effect("is not live when one of its lanes gets no answer for long, whatever the others get", () =>
    Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      const first = tap.exchanges.length
      tap.latency = 5
      tap.losingLane = "1"
      yield* Work.enqueueAll(Array.from({ length: 200 }, () => ({ seconds: 1 })))
      let wasLive = 0
      for (let second = 0; second < 60; second++) {
        yield* TestClock.adjust("2 seconds")
        if (second > 35 && (yield* check).live) wasLive++
      }
      assert.isAbove(new Set(tap.exchanges.slice(first).map(({ request }) => request.lane)).size, 1)
      assert.strictEqual(wasLive, 0)
      tap.losingLane = undefined
      tap.latency = 0
    }).pipe(Stopping.provide(Wide)))

  it.effect("counts as interrupted by a stop only what still ran", () =>
    Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      const scope = yield* Scope.make()
      const health = Context.get(yield* Layer.buildWithScope(working(2), scope), ConsumerHealth)
      yield* Work.enqueueAll([{ seconds: 1 }, { seconds: 100 }])
      yield* TestClock.adjust("500 millis")
      tap.faults.exchange = "away"
      yield* TestClock.adjust("1 second")
      tap.faults.exchange = "none"
      const stop = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(stop)
      assert.deepInclude((yield* health.queues)["default"], { interruptedByStop: 1, unsettled: 0 })
    }).pipe(Effect.provide(TappedBroker.layer)))
})

describe("the watchdog", () => {
  it.effect("restarts a lane whose call is never answered; the call is repeated as it was", () =>
    Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* TestClock.adjust("1 second")
      tap.faults.exchange = "hang"
      const { id } = yield* Work.enqueue({ seconds: 1 })
      yield* TestClock.adjust("5 seconds")
      const hanging = tap.exchanges.at(-1)?.request
      tap.faults.exchange = "none"
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* Jobs.state(id), "completed")
      assert.isAbove((yield* report).watchdogRestarts, 0)
      assert.strictEqual(
        tap.exchanges.filter(({ request }) => request.sequence === hanging?.sequence && request.lane === hanging.lane)
          .length,
        2
      )
      assert.isTrue((yield* check).ready)
    }).pipe(Stopping.provide(App)))

  it.effect("that can't mend it says so: not live", () =>
    Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* TestClock.adjust("1 second")
      tap.faults.exchange = "hang"
      yield* Work.enqueue({ seconds: 1 })
      yield* TestClock.adjust("2 minutes")
      assert.isAbove((yield* report).watchdogRestarts, 2)
      const { live, reasons } = yield* check
      assert.isFalse(live, reasons.join())
    }).pipe(Stopping.provide(App)))

  it.effect("restarts nothing while all is well", () =>
    Effect.gen(function*() {
      yield* Work.enqueueAll([{ seconds: 1000 }, { seconds: 1 }, { seconds: 1000 }])
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* report).watchdogRestarts, 0)
    }).pipe(Stopping.provide(App)))
})
