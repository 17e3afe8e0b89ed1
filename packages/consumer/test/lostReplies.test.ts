import { assert, describe, it } from "@effect/vitest"
import { Consumer } from "@sluice/consumer"
import { Task } from "@sluice/core"
import type { ExchangeRequest } from "@sluice/core/Broker"
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Jobs from "./support/Jobs.ts"
import * as Stopping from "./support/Stopping.ts"
import * as TappedBroker from "./support/TappedBroker.ts"

class Work extends Task.make("Work", { payload: { n: Schema.Int } }) {}

const counting = (options: { readonly concurrency: number; readonly lanes?: number; readonly lease?: number }) => {
  const runs = new Map<number, number>()
  const { concurrency, lanes, lease } = options
  return {
    runs,
    layer: Consumer.layer({
      tasks: [Work],
      queues: { default: { concurrency, lanes } },
      lease: lease ?? "30 seconds",
      grace: 0,
      maintenance: false
    }).pipe(
      Layer.provide(
        Work.toLayer(({ n }) =>
          Effect.andThen(Effect.sleep(100), Effect.sync(() => void runs.set(n, (runs.get(n) ?? 0) + 1)))
        )
      ),
      Layer.provideMerge(TappedBroker.layer)
    )
  }
}
const payloads = (count: number) => Array.from({ length: count }, (_, n) => ({ n }))

describe("when replies are lost", () => {
  it.effect("every call is repeated with its number and its content, and each job runs exactly once", () => {
    const { layer, runs } = counting({ concurrency: 10, lanes: 2 })
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* Work.enqueueAll(payloads(60))
      for (let round = 0; round < 30; round++) {
        tap.faults.exchange = round % 2 === 0 ? "lost" : "none"
        yield* TestClock.adjust("700 millis")
      }
      assert.deepStrictEqual(yield* Jobs.counts, { completed: 60 })
      assert.deepStrictEqual([...new Set(runs.values())], [1])
      const calls = new Map<string, ExchangeRequest>()
      let repeats = 0
      for (const { request } of tap.exchanges) {
        const call = `${request.lane} ${request.sequence}`
        const first = calls.get(call)
        if (first === undefined) calls.set(call, request)
        else assert.deepStrictEqual(request, first, `repeat ${++repeats}`)
      }
      assert.isAbove(repeats, 5)
    }).pipe(Stopping.provide(layer))
  })

  it.effect("and the broker is away, settlements wait for it and nothing is lost", () => {
    const { layer, runs } = counting({ concurrency: 5 })
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* Work.enqueueAll(payloads(20))
      yield* TestClock.adjust("50 millis")
      tap.faults.exchange = "away"
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(runs.size, 5)
      const health = yield* Consumer.ConsumerHealth
      assert.strictEqual((yield* health.queues)["default"]?.unsettled, 5)
      tap.faults.exchange = "none"
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* Jobs.counts, { completed: 20 })
      assert.deepStrictEqual([...new Set(runs.values())], [1])
    }).pipe(Stopping.provide(layer))
  })

  it.effect("for longer than a lease, jobs that the claim brought are extended before they start", () => {
    const { layer, runs } = counting({ concurrency: 5, lease: 6000 })
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* TestClock.adjust("1 second")
      tap.faults.exchange = "lost"
      yield* Work.enqueueAll(payloads(2))
      yield* TestClock.adjust("2 seconds")
      // a third of the lease is over; the broker still holds it for us when the call is repeated, 2 seconds later at most
      tap.faults.exchange = "none"
      const beats = tap.extends.length
      yield* TestClock.adjust("2.2 seconds")
      assert.strictEqual(tap.extends[beats], 2)
      assert.deepStrictEqual([...runs.values()], [1, 1])
      tap.faults.exchange = "lost"
      yield* Work.enqueue({ n: 3 })
      yield* TestClock.adjust("7 seconds")
      tap.faults.exchange = "none"
      yield* TestClock.adjust("4 seconds")
      // its lease had run out: it is not started, and left to the rescue
      assert.isFalse(runs.has(3))
      assert.deepStrictEqual(yield* Jobs.counts, { completed: 2, running: 1 })
    }).pipe(Stopping.provide(layer))
  })
})

describe("when the broker dies on a call", () => {
  it.effect("the call's number is given up after three tries, and its settlements go on", () => {
    const { layer, runs } = counting({ concurrency: 2 })
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* Work.enqueueAll(payloads(2))
      yield* TestClock.adjust("50 millis")
      tap.faults.exchange = "die"
      yield* TestClock.adjust("10 seconds")
      tap.faults.exchange = "none"
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* Jobs.counts, { completed: 2 })
      assert.strictEqual(runs.size, 2)
      const numbers = new Map<string, Set<number>>()
      for (const { request: { sequence, settle } } of tap.exchanges) {
        for (const { id } of settle) numbers.set(id, (numbers.get(id) ?? new Set()).add(sequence))
      }
      assert.isTrue([...numbers.values()].some(({ size }) => size > 1))
    }).pipe(Stopping.provide(layer))
  })
})
