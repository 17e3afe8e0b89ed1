import { Broker, MemoryBroker, Task } from "@sluice/core"
import * as ClientSpan from "@sluice/core/ClientSpan"
import * as EnqueueSpan from "@sluice/core/EnqueueSpan"
import { carriedBy, parentOf, Propagation } from "@sluice/core/Propagation"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Schema, Tracer } from "effect"

class Mail extends Task.make("Mail", { queue: "mails", payload: { n: Schema.Int } }) {}

const traceId = "0af7651916cd43dd8448eb211c80319c"
const spanId = "b7ad6b7169203331"
const parent = `00-${traceId}-${spanId}-01`

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

/** What a consumer would get. */
const claimed = Broker.use((broker) =>
  broker.exchange({
    queue: Mail.queue,
    consumer: "test",
    lane: "0",
    sequence: 1,
    settle: [],
    claim: 10,
    leaseMs: 60_000,
    wake: false
  })
).pipe(Effect.map(({ jobs }) => jobs.map(({ job }) => job)))

const external = (sampled: boolean): Tracer.ExternalSpan => Tracer.externalSpan({ traceId, spanId, sampled })

describe("an enqueue where spans are exported", () => {
  it.effect("is a producer's span, and its jobs carry its context", () => {
    const { layer, spans } = recording()
    return Effect.gen(function*() {
      yield* Mail.enqueue({ n: 1 }).pipe(Effect.provideService(Tracer.ParentSpan, external(true)))
      const [span, ...others] = spans
      assert.deepStrictEqual(others, [])
      assert.deepInclude(span, { name: "enqueue mails", kind: "producer", traceId })
      assert.deepStrictEqual(Object.fromEntries(span?.attributes ?? []), {
        "messaging.system": "sluice",
        "messaging.operation.name": "enqueue",
        "messaging.operation.type": "send",
        "messaging.destination.name": "mails"
      })
      assert.strictEqual(span?.status._tag, "Ended")
      assert.deepStrictEqual((yield* claimed).map(({ trace }) => trace), [`00-${traceId}-${span?.spanId}-01`])
    }).pipe(Effect.provide(Layer.provideMerge(MemoryBroker.layer, layer)))
  })

  it.effect("is one span for many jobs, and begins a trace where there is none", () => {
    const { layer, spans } = recording()
    return Effect.gen(function*() {
      yield* Mail.enqueueAll([{ n: 1 }, { n: 2 }])
      assert.deepStrictEqual(spans.map(({ attributes }) => attributes.get("messaging.batch.message_count")), [2])
      assert.deepStrictEqual(Option.getOrUndefined(spans[0]!.parent), undefined)
      assert.deepStrictEqual(new Set((yield* claimed).map(({ trace }) => trace)).size, 1)
    }).pipe(Effect.provide(Layer.provideMerge(MemoryBroker.layer, layer)))
  })

  it.effect("is no span in a trace that is not sampled, and says nothing of it in its jobs", () => {
    const { layer, spans } = recording()
    return Effect.gen(function*() {
      yield* Mail.enqueue({ n: 1 }).pipe(Effect.provideService(Tracer.ParentSpan, external(false)))
      assert.deepStrictEqual(spans, [])
      assert.deepStrictEqual((yield* claimed).map(({ trace }) => trace), [undefined])
    }).pipe(Effect.provide(Layer.provideMerge(MemoryBroker.layer, layer)))
  })
})

describe("an enqueue without a tracer", () => {
  it.effect("passes the caller's trace on, with what it carries", () =>
    Effect.gen(function*() {
      yield* Mail.enqueue({ n: 1 }).pipe(
        Effect.provideService(Tracer.ParentSpan, external(true)),
        Effect.provideService(Propagation, { tracestate: "vendor=1", baggage: "tenant=acme" })
      )
      yield* Mail.enqueue({ n: 2 })
      assert.deepStrictEqual((yield* claimed).map(({ baggage, trace, tracestate }) => [trace, tracestate, baggage]), [
        [parent, "vendor=1", "tenant=acme"],
        [undefined, undefined, undefined]
      ])
    }).pipe(Effect.provide(MemoryBroker.layer)))

  it.effect("hands the same to whoever builds jobs by hand", () =>
    EnqueueSpan.around(
      "mails",
      1,
      (trace) =>
        Effect.sync(() => assert.deepStrictEqual(trace, { trace: parent, tracestate: undefined, baggage: "a=b" }))
    ).pipe(
      Effect.provideService(Tracer.ParentSpan, external(true)),
      Effect.provideService(Propagation, { tracestate: undefined, baggage: "a=b" })
    ))
})

describe("a traceparent", () => {
  it("is read when it is well-formed, and says whether the trace is sampled", () => {
    assert.deepInclude(parentOf(parent), { traceId, spanId, sampled: true })
    assert.deepInclude(parentOf(`00-${traceId}-${spanId}-00`), { sampled: false })
    assert.deepInclude(parentOf(`cc-${traceId}-${spanId}-01-what-comes-next`), { traceId, spanId })
    const bad = ["", "00", `00-${traceId}-${spanId}`, `ff-${traceId}-${spanId}-01`, `${parent}-more`]
    for (const header of [...bad, `00-${"0".repeat(32)}-${spanId}-01`, `00-${traceId}-${"0".repeat(16)}-01`]) {
      assert.isUndefined(parentOf(header), header)
    }
  })
})

describe("what a request carries", () => {
  it("is its baggage, and its tracestate beside a traceparent", () => {
    assert.deepStrictEqual(carriedBy({ traceparent: parent, tracestate: "a=1", baggage: "b=2" }), {
      tracestate: "a=1",
      baggage: "b=2"
    })
    assert.deepStrictEqual(carriedBy({ tracestate: "a=1", baggage: "b=2" }), { tracestate: undefined, baggage: "b=2" })
  })

  it("is dropped whole when it is too long or no plain text", () => {
    const long = { traceparent: parent, tracestate: "x".repeat(513), baggage: "x".repeat(8193) }
    assert.deepStrictEqual(carriedBy(long), { tracestate: undefined, baggage: undefined })
    assert.deepStrictEqual(carriedBy({ baggage: "a=\u0001" }), { tracestate: undefined, baggage: undefined })
  })
})

describe("an outgoing call", () => {
  const url = new URL("https://example.com/secret?key=1")
  const sending = (status: number) =>
    ClientSpan.around(
      { method: "POST", url },
      (headers) => Effect.succeed({ headers, status }),
      (answer) => answer.status
    )

  it.effect("is a client's span of its host, and its headers carry its context", () => {
    const { layer, spans } = recording()
    return Effect.gen(function*() {
      const { headers } = yield* sending(200)
      yield* sending(503)
      const [span, failed] = spans
      assert.deepInclude(span, { name: "POST", kind: "client", traceId })
      assert.deepStrictEqual(headers, {
        traceparent: `00-${traceId}-${span?.spanId}-01`,
        tracestate: "a=1",
        baggage: "b=2"
      })
      assert.deepStrictEqual(Object.fromEntries(span?.attributes ?? []), {
        "http.request.method": "POST",
        "server.address": "example.com",
        "server.port": 443,
        "http.response.status_code": 200
      })
      assert.strictEqual(failed?.attributes.get("error.type"), "503")
    }).pipe(
      Effect.provideService(Tracer.ParentSpan, external(true)),
      Effect.provideService(Propagation, { tracestate: "a=1", baggage: "b=2" }),
      Effect.provide(layer)
    )
  })

  it.effect("passes on what came where spans are not exported, and nothing where nothing came", () =>
    Effect.gen(function*() {
      const came = yield* Effect.provideService(sending(200), Tracer.ParentSpan, external(true))
      assert.deepStrictEqual(came.headers, { traceparent: parent })
      assert.deepStrictEqual((yield* sending(200)).headers, {})
    }))
})
