import { Broker, JobQueue, MemoryBroker } from "@sluice/core"
import { JobFactory } from "@sluice/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Layer, Logger, Metric, References } from "effect"
import { BrokerError, BrokerUnavailable } from "../../src/job/BrokerError.ts"
import * as Observed from "../../src/broker/Observed.ts"

const mails = JobQueue.make("mails", { maxJobs: 3 })
const away = new BrokerError({ reason: new BrokerUnavailable({ operation: "enqueue", detail: "gone" }) })

const ownRegistry = Effect.provideServiceEffect(Metric.MetricRegistry, Effect.sync(() => new Map()))

/** Counts of the series of one metric, by the named attribute. */
const counts = (id: string, by: string) =>
  Effect.map(
    Metric.snapshot,
    (all) =>
      Object.fromEntries(
        all.filter((one) => one.id === id).map(({ attributes, state }) => [
          attributes?.[by],
          "count" in state ? state.count : undefined
        ])
      )
  )

const jobs = (count: number) => JobFactory.jobs(count)
const exchange = {
  queue: mails,
  consumer: "test",
  lane: "0",
  sequence: 1,
  settle: [],
  claim: 10,
  leaseMs: 60_000,
  wake: false
}

/** Log lines at level Trace, as message and annotations. */
const lines = () => {
  const seen: Array<readonly [string, Readonly<Record<string, unknown>>]> = []
  const logger = Logger.make(({ fiber, message }) => {
    seen.push([String(message), fiber.getRef(References.CurrentLogAnnotations)])
  })
  const at = (level: "Trace" | "Debug") =>
    Layer.merge(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, level))
  return { seen, at }
}

describe("every broker", () => {
  it.effect("counts the jobs that it was given, by what became of them", () =>
    Effect.gen(function*() {
      const broker = yield* Broker
      yield* broker.enqueue(mails, [JobFactory.job({ id: "a" }), ...jobs(1)])
      yield* broker.enqueue(mails, [JobFactory.job({ id: "a" }), ...jobs(3)])
      yield* broker.enqueue(mails, [])
      assert.deepStrictEqual(yield* counts("messaging.client.sent.messages", "sluice.answer"), {
        created: 3,
        existing: 1,
        refused: 2,
        undefined: 0
      })
      assert.deepStrictEqual(yield* counts("sluice.batch.size", "messaging.operation.name"), { enqueue: 2 })
    }).pipe(Effect.provide(MemoryBroker.layer), ownRegistry))

  it.effect("measures its calls, and counts what duties moved", () =>
    Effect.gen(function*() {
      const broker = yield* Broker
      yield* broker.enqueue(mails, jobs(2))
      yield* broker.exchange(exchange)
      yield* broker.extend(mails, [], 1000)
      yield* broker.pause(mails)
      yield* broker.enqueue(mails, jobs(1))
      yield* broker.drain(mails, 10)
      yield* broker.rescue(mails, 10)
      assert.deepStrictEqual(yield* counts("messaging.client.operation.duration", "messaging.operation.name"), {
        enqueue: 2,
        exchange: 1,
        extend: 1,
        pause: 1,
        drain: 1,
        rescue: 1
      })
      assert.deepStrictEqual(yield* counts("sluice.maintenance.jobs", "messaging.operation.name"), {
        drain: 1,
        rescue: 0
      })
    }).pipe(Effect.provide(MemoryBroker.layer), ownRegistry))
})

describe("a call that fails", () => {
  it.effect("is counted by its error, and fails as it did", () =>
    Effect.gen(function*() {
      const { calls, enqueues } = Observed.make(yield* Effect.context<never>())
      const broker = calls({ ...(yield* Broker), pause: () => Effect.die("bug"), resume: () => Effect.fail(away) })
      const failure = enqueues.failed(mails, 2, Cause.fail(away), enqueues.now())
      assert.strictEqual(yield* Effect.flip(failure), away)
      assert.strictEqual(yield* Effect.flip(broker.resume(mails)), away)
      yield* Effect.exit(broker.pause(mails))
      assert.deepStrictEqual(yield* counts("messaging.client.sent.messages", "error.type"), { BrokerUnavailable: 2 })
      assert.deepInclude(yield* counts("messaging.client.operation.duration", "error.type"), {
        BrokerUnavailable: 1,
        defect: 1
      })
    }).pipe(Effect.provide(MemoryBroker.layer), ownRegistry))
})

describe("the log at level Trace", () => {
  it.effect("tells of each call what it carried and how long it took", () => {
    const { at, seen } = lines()
    return Effect.gen(function*() {
      const broker = yield* Broker
      yield* broker.enqueue(mails, jobs(2))
      yield* broker.exchange(exchange)
      assert.deepStrictEqual(seen, [
        ["broker enqueue", { queue: "mails", jobs: 2, ms: 0 }],
        ["broker exchange", {
          queue: "mails",
          lane: "0",
          sequence: 1,
          settle: 0,
          claim: 10,
          claimed: 2,
          nextDueMs: undefined,
          ms: 0
        }]
      ])
    }).pipe(Effect.provide(Layer.provideMerge(MemoryBroker.layer, at("Trace"))), ownRegistry)
  })

  it.effect("has nothing to say at other levels", () => {
    const { at, seen } = lines()
    return Effect.gen(function*() {
      const broker = yield* Broker
      yield* broker.enqueue(mails, jobs(2))
      assert.deepStrictEqual(seen, [])
    }).pipe(Effect.provide(Layer.provideMerge(MemoryBroker.layer, at("Debug"))), ownRegistry)
  })
})
