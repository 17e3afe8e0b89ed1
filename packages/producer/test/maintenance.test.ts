import { assert, describe, it } from "@effect/vitest"
import { Broker, Inspector, JobQueue, MemoryBroker } from "@sluice/core"
import { BrokerError, BrokerUnavailable } from "@sluice/core/BrokerError"
import { Effect, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import * as Maintenance from "../src/Maintenance.ts"
import { JobFactory } from "@sluice/core/testing"

const queue = JobQueue.make("mail")
const stats = Inspector.use((inspector) => inspector.stats(queue))

describe("maintenance", () => {
  it.effect("promotes a due job in a queue that nobody attends, first seen after the start", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 minute")
      yield* Broker.use((broker) => broker.enqueue(queue, [JobFactory.job({ delayMs: 30_000 })]))
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual((yield* stats).states.scheduled, 1)
      yield* TestClock.adjust("7 seconds")
      assert.deepInclude((yield* stats).states, { scheduled: 0, available: 1 })
    }).pipe(Effect.provide(Maintenance.layer.pipe(Layer.provideMerge(MemoryBroker.layer)))))

  it.effect("rescues a job whose consumer vanished", () =>
    Effect.gen(function*() {
      yield* Broker.use((broker) => broker.enqueue(queue, [JobFactory.job({ crashDelayMs: 0 })]))
      yield* Broker.use((broker) =>
        broker.exchange({
          queue,
          consumer: "gone",
          lane: "1",
          sequence: 1,
          settle: [],
          claim: 1,
          leaseMs: 10_000,
          wake: false
        })
      )
      assert.strictEqual((yield* stats).states.running, 1)
      yield* TestClock.adjust("30 seconds")
      const { states, totals } = yield* stats
      assert.strictEqual(states.running, 0)
      assert.strictEqual(totals.rescued, 1)
    }).pipe(Effect.provide(Maintenance.layer.pipe(Layer.provideMerge(MemoryBroker.layer)))))

  it.effect("says once when the broker goes away and once when it is back, and goes on", () => {
    const logs: Array<string> = []
    let isAway = false
    const broken = Layer.effect(
      Inspector,
      Effect.map(Inspector, (inspector) =>
        Inspector.of({
          ...inspector,
          queues: Effect.suspend(() =>
            isAway
              ? Effect.fail(new BrokerError({ reason: new BrokerUnavailable({ operation: "queues", detail: "away" }) }))
              : inspector.queues
          )
        }))
    ).pipe(Layer.provideMerge(MemoryBroker.layer))
    return Effect.gen(function*() {
      yield* TestClock.adjust("10 seconds")
      isAway = true
      yield* TestClock.adjust("1 minute")
      isAway = false
      yield* Broker.use((broker) => broker.enqueue(queue, [JobFactory.job({ delayMs: 1000 })]))
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual((yield* stats).states.available, 1)
      const promote = logs.filter((line) => line.includes("(promote)"))
      assert.strictEqual(promote.length, 2)
      assert.include(promote[0], "failed")
      assert.include(promote[1], "works again")
    }).pipe(Effect.provide(Maintenance.layer.pipe(
      Layer.provideMerge(broken),
      Layer.provideMerge(Logger.layer([Logger.map(Logger.formatJson, (line) => void logs.push(line))]))
    )))
  })
})
