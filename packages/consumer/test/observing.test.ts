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

describe("the metrics", () => {
  it.effect("count what was claimed and how it ended, by queue", () =>
    Effect.gen(function*() {
      yield* put(undefined)
      yield* Broker.use((broker) => broker.enqueue(Jobs.queue, [JobFactory.job({ task: "Elsewhere" })]))
      yield* TestClock.adjust("1 second")
      const values = (yield* Metric.snapshot).filter(({ id }) => id.startsWith("sluice_")).map((
        { attributes, id, state }
      ) => [
        id,
        attributes?.["queue"],
        attributes?.["outcome"],
        "count" in state ? state.count : "value" in state ? state.value : undefined
      ])
      assert.deepInclude(values, ["sluice_jobs_claimed_total", "default", undefined, 2])
      assert.deepInclude(values, ["sluice_jobs_settled_total", "default", "complete", 1])
      assert.deepInclude(values, ["sluice_jobs_settled_total", "default", "handBack", 1])
      assert.deepInclude(values, ["sluice_jobs_running", "default", undefined, 0])
      assert.deepInclude(values, ["sluice_slots", "default", undefined, 1])
    }).pipe(
      Effect.provide(consuming(Effect.void)),
      Effect.provideService(Metric.MetricRegistry, new Map())
    ))
})
