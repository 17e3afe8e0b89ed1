import { assert, describe, it } from "@effect/vitest"
import { Consumer } from "@sluice/consumer"
import { Broker, CurrentJob, MemoryBroker, Task } from "@sluice/core"
import { TestBroker } from "@sluice/core/testing"
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Jobs from "./support/Jobs.ts"
import * as Stopping from "./support/Stopping.ts"
import * as TappedBroker from "./support/TappedBroker.ts"

class Long extends Task.make("Long") {}

/** Runs jobs of an hour, and notes how they end. */
const long = () => {
  const seen = { started: 0, interrupted: 0, finished: 0 }
  const handler = Effect.suspend(() => {
    seen.started++
    return Effect.sleep("1 hour")
  }).pipe(
    Effect.tap(() => Effect.sync(() => seen.finished++)),
    Effect.onInterrupt(() => Effect.sync(() => seen.interrupted++))
  )
  return {
    seen,
    layer: Consumer.layer({
      tasks: [Long],
      queues: { default: { concurrency: 3 } },
      lease: "30 seconds",
      grace: 0,
      maintenance: false
    }).pipe(Layer.provide(Long.toLayer(() => handler)), Layer.provideMerge(TappedBroker.layer))
  }
}

const start = Effect.gen(function*() {
  const { id } = yield* Long.enqueue()
  yield* TestClock.adjust("1 second")
  assert.strictEqual(yield* Jobs.state(id), "running")
  return id
})
const rescue = Broker.use((broker) => broker.rescue(Jobs.queue, 100))

describe("the leases of a consumer", () => {
  it.effect("are extended in one call, each third of a lease, for as long as the jobs run", () => {
    const { layer, seen } = long()
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* Long.enqueueAll([undefined, undefined, undefined])
      yield* TestClock.adjust("59 minutes")
      assert.isAtLeast(tap.extends.length, 59 * 6 - 2)
      assert.deepStrictEqual([...new Set(tap.extends)], [3])
      assert.strictEqual((yield* rescue).count, 0)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Jobs.counts, { completed: 3 })
      assert.deepStrictEqual(seen, { started: 3, interrupted: 0, finished: 3 })
    }).pipe(Effect.provide(layer))
  })

  it.effect("are given up when the same consumer is given the job again before it has heard of the loss", () => {
    const seen = { started: 0, interrupted: 0 }
    const handler = Effect.suspend(() => ++seen.started > 1 ? Effect.void : Effect.never).pipe(
      Effect.onInterrupt(() => Effect.sync(() => seen.interrupted++))
    )
    const layer = Consumer.layer({ tasks: [Long], queues: { default: { concurrency: 3 } } }).pipe(
      Layer.provide(Long.toLayer(() => handler)),
      Layer.provideMerge(MemoryBroker.layer)
    )
    return Effect.gen(function*() {
      const { id } = yield* Long.enqueue()
      yield* TestClock.adjust("1 second")
      yield* TestBroker.crash(Long, id)
      yield* TestClock.adjust("5 minutes")
      const { attempt, state } = yield* TestBroker.job(Long, id)
      assert.deepStrictEqual([state, attempt], ["completed", 2])
      assert.deepStrictEqual(seen, { started: 2, interrupted: 1 })
    }).pipe(Effect.provide(layer))
  })

  it.effect("that the broker says are lost are given up: the handler is interrupted and nothing is settled", () => {
    const { layer, seen } = long()
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* start
      tap.faults.extend = "refuse"
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(seen.interrupted, 1)
      assert.deepStrictEqual(tap.exchanges.flatMap(({ request }) => request.settle), [])
      const health = yield* Consumer.ConsumerHealth
      assert.deepInclude((yield* health.queues)["default"], { lostLeases: 1, running: 0 })
    }).pipe(Effect.provide(layer))
  })

  it.effect("run out by themselves when the broker can't be reached for as long, and not earlier", () => {
    const { layer, seen } = long()
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* start
      tap.faults.extend = "away"
      yield* TestClock.adjust("28 seconds")
      assert.strictEqual(seen.interrupted, 0)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(seen.interrupted, 1)
      assert.deepStrictEqual(tap.exchanges.flatMap(({ request }) => request.settle), [])
      const health = yield* Consumer.ConsumerHealth
      assert.strictEqual((yield* health.queues)["default"]?.lostLeases, 1)
      assert.strictEqual((yield* health.queues)["default"]?.running, 0)
    }).pipe(Effect.provide(layer))
  })

  it.effect("run out on the millisecond, whenever calls are repeated", () => {
    const { layer, seen } = long()
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* TestClock.adjust("400 millis")
      yield* start
      tap.faults.extend = "away"
      yield* TestClock.adjust("28999 millis")
      assert.strictEqual(seen.interrupted, 0)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(seen.interrupted, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("run out just as well when the broker never answers", () => {
    const { layer, seen } = long()
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* start
      tap.faults.extend = "hang"
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(seen.interrupted, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("last through an outage that is shorter", () => {
    const { layer, seen } = long()
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      const id = yield* start
      tap.faults.extend = "away"
      tap.faults.exchange = "away"
      yield* TestClock.adjust("25 seconds")
      tap.faults.extend = "none"
      tap.faults.exchange = "none"
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* Jobs.state(id), "completed")
      assert.deepStrictEqual(seen, { started: 1, interrupted: 0, finished: 1 })
    }).pipe(Effect.provide(layer))
  })
})

describe("the leases of settled jobs", () => {
  it.effect("are not extended any more", () => {
    class Mixed extends Task.make("Mixed", { payload: { seconds: Schema.Int } }) {}
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* Mixed.enqueueAll([{ seconds: 1 }, { seconds: 1 }, { seconds: 100 }])
      yield* TestClock.adjust("50 seconds")
      assert.deepStrictEqual([...new Set(tap.extends)], [1])
    }).pipe(Effect.provide(
      Consumer.layer({ tasks: [Mixed], queues: { default: { concurrency: 3 } }, grace: 0 }).pipe(
        Layer.provide(Mixed.toLayer(({ seconds }) => Effect.sleep(seconds * 1000))),
        Layer.provideMerge(TappedBroker.layer)
      )
    ))
  })
})

describe("a running job that is cancelled", () => {
  it.effect("is interrupted within a second and ends as cancelled by an operator", () => {
    const { layer, seen } = long()
    return Effect.gen(function*() {
      const id = yield* start
      assert.strictEqual(yield* Long.cancel(id, "not wanted"), "requested")
      yield* TestClock.adjust("100 millis")
      assert.strictEqual(seen.interrupted, 1)
      assert.deepStrictEqual(yield* Jobs.verdict(id), { _tag: "Cancelled", by: "operator", reason: "not wanted" })
    }).pipe(Effect.provide(layer))
  })

  it.effect("is interrupted at the next beat when the wake-up is lost", () => {
    const { layer } = long()
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      const id = yield* start
      tap.muted = true
      yield* Long.cancel(id)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* Jobs.state(id), "cancelled")
    }).pipe(Effect.provide(layer))
  })

  it.effect("alone is interrupted; its neighbours go on", () => {
    const { layer, seen } = long()
    return Effect.gen(function*() {
      const id = yield* start
      yield* start
      yield* Long.cancel(id)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* Jobs.counts, { completed: 1, cancelled: 1 })
      assert.deepStrictEqual(seen, { started: 2, interrupted: 1, finished: 1 })
    }).pipe(Effect.provide(layer))
  })
})

describe("a handler that cancels its own job", () => {
  it.effect("is interrupted like any other, even when it does so before anything else", () => {
    class CancelsItself extends Task.make("CancelsItself") {}
    return Effect.gen(function*() {
      const { id } = yield* CancelsItself.enqueue()
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Jobs.state(id), "cancelled")
    }).pipe(Effect.provide(
      Consumer.layer({ tasks: [CancelsItself], queues: { default: { concurrency: 1 } }, grace: 0 }).pipe(
        Layer.provide(
          CancelsItself.toLayer(() =>
            CurrentJob.use(({ id }) => CancelsItself.cancel(id)).pipe(Effect.orDie, Effect.andThen(Effect.never))
          )
        ),
        Layer.provideMerge(TappedBroker.layer)
      )
    ))
  })
})

describe("a process that stood still for longer than its leases", () => {
  it.effect("finds them lost, and what it settles late changes nothing", () => {
    let finalized = false
    const layer = Consumer.layer({
      tasks: [Long],
      queues: { default: { concurrency: 1 } },
      grace: 0,
      maintenance: false
    }).pipe(
      // a handler that can't be interrupted ends its work, without the right to say so
      Layer.provide(
        Long.toLayer(() =>
          Effect.uninterruptible(Effect.sleep("40 seconds")).pipe(Effect.ensuring(Effect.sync(() => {
            finalized = true
          })))
        )
      ),
      Layer.provideMerge(TappedBroker.layer)
    )
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      const id = yield* start
      tap.faults.extend = "hang"
      tap.faults.exchange = "hang"
      yield* TestClock.adjust("31 seconds")
      assert.strictEqual((yield* rescue).count, 1)
      yield* TestClock.adjust("10 seconds")
      assert.isTrue(finalized)
      tap.faults.extend = "none"
      tap.faults.exchange = "none"
      assert.strictEqual(yield* Jobs.state(id), "retryable")
      assert.deepStrictEqual((yield* Jobs.failures(id)).map(({ kind }) => kind), ["Crashed"])
      const health = yield* Consumer.ConsumerHealth
      assert.strictEqual((yield* health.queues)["default"]?.lostLeases, 1)
    }).pipe(Stopping.provide(layer))
  })
})
