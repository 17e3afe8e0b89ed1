import { assert, describe, it } from "@effect/vitest"
import { Consumer } from "@sluice/consumer"
import { Broker, Task } from "@sluice/core"
import { JobFactory } from "@sluice/core/testing"
import { Context, Effect, Layer, Logger, Metric, Option, References, Tracer } from "effect"
import { TestClock } from "effect/testing"
import { sampledParent } from "../src/JobSpan.ts"
import * as Jobs from "./support/Jobs.ts"
import * as TappedBroker from "./support/TappedBroker.ts"

class Work extends Task.make("Work") {}

const traceId = "0af7651916cd43dd8448eb211c80319c"
const spanId = "b7ad6b7169203331"

const consuming = (handler: Effect.Effect<void>) =>
  Consumer.layer({ tasks: [Work], queues: { default: { concurrency: 1 } }, maintenance: false }).pipe(
    Layer.provide(Work.toLayer(() => handler)),
    Layer.provideMerge(TappedBroker.layer)
  )
const put = (trace: string | undefined) =>
  Broker.use((broker) => broker.enqueue(Jobs.queue, [JobFactory.job({ task: "Work", payload: "null", trace })]))

/** A tracer that keeps its spans. */
const recording = () => {
  const spans: Array<Tracer.Span> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  return { spans, layer: Layer.succeed(Tracer.Tracer, tracer) }
}

describe("a traced job", () => {
  it.effect("has one span, a child of the one that enqueued it", () => {
    const { layer, spans } = recording()
    return Effect.gen(function*() {
      yield* put(`00-${traceId}-${spanId}-01`)
      yield* TestClock.adjust("1 second")
      const [span, ...others] = spans
      assert.deepStrictEqual(others, [])
      assert.deepInclude(span, { name: "process default", kind: "consumer", traceId })
      const attributes = Object.fromEntries(span?.attributes ?? [])
      assert.deepInclude(attributes, {
        "messaging.destination.name": "default",
        "sluice.task": "Work",
        "sluice.attempt": 1
      })
    }).pipe(Effect.provide(consuming(Effect.void).pipe(Layer.provideMerge(layer))))
  })

  it.effect("has none when it was not sampled, or not traced at all", () => {
    const { layer, spans } = recording()
    return Effect.gen(function*() {
      yield* put(`00-${traceId}-${spanId}-00`)
      yield* put(undefined)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Jobs.counts, { completed: 2 })
      assert.deepStrictEqual(spans, [])
    }).pipe(Effect.provide(consuming(Effect.void).pipe(Layer.provideMerge(layer))))
  })

  it.effect("is no child of the span that the app was built in", () => {
    const { layer, spans } = recording()
    const parents: Array<string | undefined> = []
    return Effect.gen(function*() {
      yield* Effect.gen(function*() {
        yield* put(undefined)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(parents, [undefined])
        assert.deepStrictEqual(spans.map(({ name }) => name), ["start-up"])
      }).pipe(
        Effect.provide(consuming(
          Effect.map(
            Effect.option(Effect.currentParentSpan),
            (span) => void parents.push(Option.getOrUndefined(span)?.spanId)
          )
        ))
      )
    }).pipe(Effect.withSpan("start-up"), Effect.provide(layer))
  })

  it("is recognised by a well-formed header only", () => {
    assert.deepInclude(sampledParent(`00-${traceId}-${spanId}-03`), { traceId, spanId, sampled: true })
    for (
      const header of ["", "00", `00-${traceId}-${spanId}`, `00-${spanId}-${traceId}-01`, `00-${traceId}-${spanId}-02`]
    ) {
      assert.isUndefined(sampledParent(header))
    }
  })
})

describe("what a handler logs", () => {
  it.effect("names the job, its task, its queue and the attempt, beside the app's own annotations", () => {
    const seen: Array<Readonly<Record<string, unknown>>> = []
    const logger = Logger.make(({ fiber, message }) => {
      if (String(message) === "working") seen.push(fiber.getRef(References.CurrentLogAnnotations))
    })
    return Effect.gen(function*() {
      const { id } = yield* Work.enqueue()
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(seen, [{ app: "demo", job: id, task: "Work", queue: "default", attempt: 1 }])
    }).pipe(Effect.provide(
      consuming(Effect.logInfo("working")).pipe(
        Layer.provideMerge(Logger.layer([logger])),
        Layer.provideMerge(Layer.succeedContext(Context.make(References.CurrentLogAnnotations, { app: "demo" })))
      )
    ))
  })
})

/** The numbers of all series of our metrics, by name and by those attributes that tell them apart. */
const series = Effect.map(Metric.snapshot, (all) =>
  new Map(all.map(({ attributes = {}, id, state }) => {
    const values = ["sluice.outcome", "sluice.task", "sluice.found_by", "messaging.operation.name"]
      .flatMap((name) => attributes[name] ?? [])
    return [[id, ...values].join(" "), "count" in state ? state.count : "value" in state ? state.value : undefined]
  })))

describe("the metrics", () => {
  it.effect("count what was claimed, how it ended, how long it waited and ran", () =>
    Effect.gen(function*() {
      yield* put(undefined)
      yield* Broker.use((broker) =>
        broker.enqueue(Jobs.queue, [
          JobFactory.job({ task: "Elsewhere" }),
          JobFactory.job({ task: "Work", payload: "null", delayMs: 500 })
        ])
      )
      yield* TestClock.adjust("1 second")
      const found = yield* series
      assert.strictEqual(found.get("messaging.client.consumed.messages claim"), 3)
      assert.strictEqual(found.get("sluice.jobs.settled complete"), 2)
      assert.strictEqual(found.get("sluice.jobs.settled handBack"), 1)
      assert.strictEqual(found.get("messaging.process.duration complete Work process"), 2)
      assert.isFalse([...found.keys()].some((name) => name.includes("Elsewhere")))
      assert.strictEqual(found.get("sluice.leases.lost settle"), 0)
      assert.strictEqual(found.get("sluice.jobs.running"), 0)
      assert.strictEqual(found.get("sluice.slots"), 1)
      const waits = (yield* Metric.snapshot).find(({ id }) => id === "sluice.job.wait.duration")?.state
      // the time until a delayed job is due is no wait
      assert.isTrue(waits !== undefined && "sum" in waits && waits.count === 2 && waits.sum < 0.1)
    }).pipe(
      Effect.provide(consuming(Effect.void)),
      Effect.provideService(Metric.MetricRegistry, new Map())
    ))

  it.effect("know how long a handler ran, and show gauges only while the consumer lives", () => {
    const registry: Metric.MetricRegistry = new Map()
    return Effect.gen(function*() {
      yield* Effect.gen(function*() {
        yield* put(undefined)
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* series).get("sluice.jobs.running"), 1)
        yield* TestClock.adjust("2 seconds")
        const ran = (yield* Metric.snapshot).find(({ id }) => id === "messaging.process.duration")?.state
        assert.isTrue(ran !== undefined && "sum" in ran && ran.sum === 2)
      }).pipe(Effect.provide(consuming(Effect.sleep("2 seconds"))))
      const left = yield* series
      assert.isFalse(left.has("sluice.jobs.running"))
      assert.strictEqual(left.get("sluice.jobs.settled complete"), 1)
    }).pipe(Effect.provideService(Metric.MetricRegistry, registry))
  })
})
