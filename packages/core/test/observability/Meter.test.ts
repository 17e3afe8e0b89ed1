import * as MetricNames from "@sluice/core/MetricNames"
import { Meter } from "@sluice/core/Meter"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Metric } from "effect"

const queue = "messaging.destination.name"

/** A meter on a registry of its own, and what is to be seen in that registry. */
const meters = () => {
  const registry: Metric.MetricRegistry = new Map()
  const context = Context.make(Metric.MetricRegistry, registry)
  const seen = () => Metric.snapshotUnsafe(context)
  return { meter: new Meter(context), another: new Meter(context), seen }
}

describe("a meter", () => {
  it("shows what was counted, with the unit and the attributes that have a value", () => {
    const { meter, seen } = meters()
    const counter = meter.counter(MetricNames.leasesLost, { [queue]: "mails", "error.type": undefined })
    counter.add(2)
    counter.add(3)
    const [found, ...others] = seen()
    assert.deepStrictEqual(others, [])
    assert.deepInclude(found, {
      id: "sluice.leases.lost",
      type: "Counter",
      description: MetricNames.leasesLost.description,
      attributes: { unit: "{lease}", [queue]: "mails" },
      state: { count: 5, incremental: true }
    })
  })

  it("shares a series with every other meter of the registry", () => {
    const { another, meter, seen } = meters()
    meter.counter(MetricNames.leasesLost, { [queue]: "mails" }).add(1)
    another.counter(MetricNames.leasesLost, { [queue]: "mails" }).add(1)
    another.counter(MetricNames.leasesLost, { [queue]: "calls" }).add(1)
    assert.deepStrictEqual(seen().map(({ state }) => "count" in state ? state.count : undefined), [2, 1])
  })

  it("sorts values into buckets whose upper bounds are part of them", () => {
    const { meter, seen } = meters()
    const histogram = meter.histogram(MetricNames.batchSize, { [queue]: "mails" })
    assert.deepInclude(seen()[0]?.state, { count: 0, min: 0, max: 0, sum: 0 })
    for (const size of [1, 2, 3, 1000, 5000]) histogram.record(size)
    const state = seen()[0]?.state
    assert.deepInclude(state, { count: 5, min: 1, max: 5000, sum: 6006 })
    assert.deepStrictEqual(state !== undefined && "buckets" in state ? state.buckets : undefined, [
      [1, 1],
      [2, 2],
      [5, 3],
      [10, 3],
      [25, 3],
      [50, 3],
      [100, 3],
      [250, 3],
      [500, 3],
      [1000, 4]
    ])
  })

  it("adds up the parts of a gauge, for as long as there are any", () => {
    const { another, meter, seen } = meters()
    const endFirst = meter.gauge(MetricNames.slots, { [queue]: "mails" }, () => 10)
    const endSecond = another.gauge(MetricNames.slots, { [queue]: "mails" }, () => 5)
    assert.deepInclude(seen()[0]?.state, { value: 15 })
    endFirst()
    assert.deepInclude(seen()[0]?.state, { value: 5 })
    endSecond()
    assert.deepStrictEqual(seen(), [])
    meter.gauge(MetricNames.slots, { [queue]: "mails" }, () => 1)
    assert.deepInclude(seen()[0]?.state, { value: 1 })
  })

  it("gives names of their own to a bounded number of queues", () => {
    const { meter } = meters()
    const counted = Array.from({ length: 300 }, (_, index) => meter.queue(`queue-${index}`))
    assert.strictEqual(new Set(counted).size, 251)
    assert.strictEqual(counted[0], "queue-0")
    assert.strictEqual(counted[299], "_other")
    assert.strictEqual(meter.queue("queue-0"), "queue-0")
  })

  it.effect("keeps the attributes that its app gives to all metrics", () =>
    Effect.gen(function*() {
      const context = yield* Effect.context<never>()
      new Meter(context).counter(MetricNames.redisConnections).add(1)
      const [found] = yield* Metric.snapshot
      assert.deepInclude(found?.attributes, { region: "eu" })
    }).pipe(
      Effect.provideService(Metric.CurrentMetricAttributes, { region: "eu" }),
      Effect.provideService(Metric.MetricRegistry, new Map())
    ))
})

describe("names of metrics", () => {
  it("are unique, also for Prometheus", () => {
    const names = MetricNames.all.map(({ name }) => name)
    assert.strictEqual(new Set(names).size, names.length)
    const scraped = MetricNames.all.map((definition) => MetricNames.prometheusName(definition))
    assert.strictEqual(new Set(scraped).size, names.length)
    assert.include(scraped, "messaging_process_duration_seconds")
    assert.include(scraped, "messaging_client_sent_messages_total")
    assert.include(scraped, "sluice_queue_jobs")
  })

  it("all stand in the list", () => {
    const declared = Object.values(MetricNames).filter((one) => typeof one === "object" && "name" in one)
    assert.sameMembers(declared, [...MetricNames.all])
  })
})
