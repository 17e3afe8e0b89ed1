import { assert, describe, it } from "@effect/vitest"
import { Consumer } from "@sluice/consumer"
import { Broker, Task } from "@sluice/core"
import { Clock, Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Jobs from "./support/Jobs.ts"
import * as TappedBroker from "./support/TappedBroker.ts"

class Work extends Task.make("Work", { payload: { n: Schema.Int } }) {}

const working = (run: (n: number) => Effect.Effect<void>, concurrency = 2) =>
  Consumer.layer({ tasks: [Work], queues: { default: { concurrency } }, grace: 0, maintenance: false }).pipe(
    Layer.provide(Work.toLayer(({ n }) => run(n))),
    Layer.provideMerge(TappedBroker.layer)
  )

/** Notes when each job ran. */
const noting = () => {
  const at: Array<number> = []
  return { at, layer: working(() => Effect.map(Clock.currentTimeMillis, (now) => void at.push(now))) }
}

describe("a consumer with nothing to do", () => {
  it.effect("starts an enqueued job at once, without a poll", () => {
    const { at, layer } = noting()
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* TestClock.adjust("1 second")
      const calls = tap.exchanges.length
      yield* Work.enqueue({ n: 1 })
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(at, [1000])
      assert.isAtMost(tap.exchanges.length - calls, 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("makes no calls but the slow poll", () =>
    Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* TestClock.adjust("1 second")
      const calls = tap.exchanges.length
      yield* TestClock.adjust("100 seconds")
      assert.isAtMost(tap.exchanges.length - calls, 25)
      assert.isAtLeast(tap.exchanges.length - calls, 16)
      assert.strictEqual(tap.extends.length, 0)
    }).pipe(Effect.provide(working(() => Effect.void))))

  it.effect("finds a job by the poll when the wake-up is lost", () => {
    const { at, layer } = noting()
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* TestClock.adjust("1 second")
      tap.muted = true
      yield* Work.enqueue({ n: 1 })
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(at.length, 1)
      assert.isAtMost(at[0] ?? Infinity, 7000)
    }).pipe(Effect.provide(layer))
  })

  it.effect("polls until wake-ups can be had, then listens", () => {
    const { at, layer } = noting()
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      tap.faults.wakeups = "away"
      yield* Effect.gen(function*() {
        yield* TestClock.adjust("20 seconds")
        yield* Work.enqueue({ n: 1 })
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(at.length, 1)
        tap.faults.wakeups = "none"
        yield* TestClock.adjust("10 seconds")
        yield* Work.enqueue({ n: 2 })
        yield* TestClock.adjust(0)
        assert.strictEqual(at[1], 40_000)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.provide(TappedBroker.layer))
  })

  it.effect("looks at the queue when it begins to listen, for what went unheard before", () => {
    let runs = 0
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      tap.faults.wakeups = "away"
      yield* Effect.gen(function*() {
        yield* TestClock.adjust("1 second")
        yield* Work.enqueue({ n: 1 })
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(runs, 0)
        tap.faults.wakeups = "none"
        yield* TestClock.adjust("5 seconds")
        assert.strictEqual(runs, 1)
      }).pipe(Effect.provide(
        Consumer.layer({
          tasks: [Work],
          queues: { default: { concurrency: 1, poll: "1 hour" } },
          maintenance: false
        }).pipe(Layer.provide(Work.toLayer(() => Effect.asVoid(Effect.sync(() => runs++)))))
      ))
    }).pipe(Effect.provide(TappedBroker.layer))
  })

  it.effect("remembers a wake-up that comes while it asks", () => {
    const at: Array<number> = []
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* TestClock.adjust("1 second")
      yield* tap.gate.close
      yield* Work.enqueue({ n: 1 })
      yield* TestClock.adjust("1 second")
      // the claim that is under way asked for two and will bring one; what comes now is not in it
      yield* Work.enqueue({ n: 2 })
      yield* tap.gate.open
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(at, [2000, 2000])
    }).pipe(
      Effect.provide(working(() =>
        Effect.andThen(
          Effect.map(Clock.currentTimeMillis, (now) => void at.push(now)),
          Effect.sleep("1 hour")
        )
      ))
    )
  })

  it.effect("passes a wake-up on that it has no slot for", () => {
    const at: Array<number> = []
    const consumer = () =>
      Consumer.layer({ tasks: [Work], queues: { default: { concurrency: 1 } }, grace: 0, maintenance: false }).pipe(
        Layer.provide(
          Work.toLayer(() =>
            Effect.andThen(Effect.map(Clock.currentTimeMillis, (now) => void at.push(now)), Effect.sleep("1 hour"))
          )
        )
      )
    return Effect.gen(function*() {
      // One consumer learns that a job is due in a second, the other one that a job is due before that, which is then
      // cancelled. So the first one gets the job by its own timer, and is still registered for a wake-up, before the
      // other one, although it has no slot left
      yield* Work.enqueue({ n: 1 }, { delay: "1 second" })
      const { id } = yield* Work.enqueue({ n: 0 }, { delay: "900 millis" })
      yield* Work.cancel(id)
      yield* TestClock.adjust("2 seconds")
      yield* Work.enqueue({ n: 2 })
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(at, [1000, 2000])
    }).pipe(Effect.provide(Layer.mergeAll(consumer(), consumer()).pipe(Layer.provideMerge(TappedBroker.layer))))
  })
})

describe("a delayed job", () => {
  it.effect("starts when it is due, not a millisecond before or after", () => {
    const { at, layer } = noting()
    return Effect.gen(function*() {
      yield* TestClock.adjust("1234 millis")
      yield* Work.enqueue({ n: 1 }, { delay: "3333 millis" })
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(at, [4567])
    }).pipe(Effect.provide(layer))
  })

  it.effect("starts in time although another is due later, and further than the poll", () => {
    const { at, layer } = noting()
    return Effect.gen(function*() {
      yield* Work.enqueue({ n: 1 }, { delay: "30 seconds" })
      yield* TestClock.adjust("1 second")
      yield* Work.enqueue({ n: 2 }, { delay: "2 seconds" })
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(at, [3000, 30_000])
    }).pipe(Effect.provide(layer))
  })

  it.effect("does not start while the queue is paused, and starts when it is resumed", () => {
    const { at, layer } = noting()
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* Broker.use((broker) => broker.pause(Jobs.queue))
      yield* Work.enqueue({ n: 1 }, { delay: "1 second" })
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(at, [])
      assert.isBelow(tap.exchanges.length, 12)
      yield* Broker.use((broker) => broker.resume(Jobs.queue))
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(at, [20_000])
    }).pipe(Effect.provide(layer))
  })
})
