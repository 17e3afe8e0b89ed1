import { assert, describe, inject, it } from "vitest"
import { uniquePrefix } from "../support/uniquePrefix.ts"
import { type App, startApp } from "./support/App.ts"
import { type OtlpReceiver, plain, type Span, startOtlpReceiver } from "./support/OtlpReceiver.ts"
import { type Sink, startSink } from "./support/Sink.ts"

const traceId = "0af7651916cd43dd8448eb211c80319c"
const remote = "b7ad6b7169203331"

const order = (app: App, id: string, url: string, headers: Record<string, string> = {}, fail = false) =>
  fetch(`${app.url}/orders/${id}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ url, fail })
  })

/** Runs a test on an application that exports to a receiver, and calls a sink; looks at what came when all has ended. */
const exporting = async (
  env: Readonly<Record<string, string>>,
  use: (app: App, sink: Sink, receiver: OtlpReceiver) => Promise<void>,
  look: (receiver: OtlpReceiver, app: App) => void | Promise<void>,
  answer?: (path: string) => number
) => {
  const receiver = await startOtlpReceiver(answer)
  const sink = await startSink()
  const app = await startApp({
    redisUrl: inject("redisUrl"),
    prefix: uniquePrefix("otlp"),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", ...env }
  })
  try {
    await use(app, sink, receiver)
  } finally {
    await app.stop()
  }
  await look(receiver, app)
  await Promise.all([sink.stop(), receiver.stop()])
}

/** The spans from one to its outermost parent, by name. */
const lineage = (spans: ReadonlyArray<Span>, from: Span): ReadonlyArray<string> => {
  const parent = spans.find(({ spanId }) => spanId === from.parentSpanId)
  return [from.name, ...(parent === undefined ? [`(${from.parentSpanId})`] : lineage(spans, parent))]
}

describe("one trace", () => {
  it("goes from an HTTP request through the queue into the handler and out of its call", async () => {
    await exporting({}, async (app, sink) => {
      const headers = { traceparent: `00-${traceId}-${remote}-01`, tracestate: "vendor=1", baggage: "tenant=acme" }
      assert.strictEqual((await order(app, "1", sink.url, headers)).status, 200)
      const called = await sink.next()
      assert.include(called, { tracestate: "vendor=1", baggage: "tenant=acme" })
      assert.match(called["traceparent"] ?? "", new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
    }, (receiver) => {
      const spans = receiver.spans()
      const call = spans.find(({ kind }) => kind === 3)!
      assert.deepStrictEqual(lineage(spans, call), [
        "GET",
        "process calls",
        "enqueue calls",
        "POST /orders/:id",
        `(${remote})`
      ])
      assert.deepStrictEqual(new Set(spans.map(({ kind }) => kind)), new Set([2, 3, 4, 5]))
      assert.strictEqual(spans.length, 4)
      assert.deepStrictEqual([...new Set(spans.map((span) => span.traceId))], [traceId])
      const handled = plain(spans.find(({ name }) => name === "process calls")!.attributes)
      assert.deepInclude(handled, { "sluice.task": "Call", "sluice.attempt": 1, "messaging.destination.name": "calls" })
      assert.match(String(handled["messaging.message.id"]), /^\d+:/)
      assert.deepStrictEqual([...receiver.services()], ["app"])
    })
  })

  it("says that a handler failed, and its log lines name the trace", async () => {
    await exporting({ SLUICE_LOG_LEVEL: "trace" }, async (app, sink) => {
      await order(app, "1", sink.url, {}, true)
      await sink.next()
    }, (receiver, app) => {
      const span = receiver.spans().find(({ name }) => name === "process calls")!
      assert.strictEqual(span.status.code, 2)
      const calling = receiver.logs().find(({ body }) => body.stringValue === "calling")!
      assert.deepInclude(calling, { severityText: "Info", traceId: span.traceId, spanId: span.spanId })
      assert.deepInclude(plain(calling.attributes), { task: "Call", queue: "calls", attempt: 1 })
      const lines = app.logs.map((line): Record<string, unknown> => JSON.parse(line))
      const line = lines.find(({ message }) => message === "calling")
      assert.deepInclude(line, {
        level: "info",
        task: "Call",
        queue: "calls",
        attempt: 1,
        trace_id: span.traceId,
        span_id: span.spanId
      })
      assert.strictEqual(line?.["job"], plain(span.attributes)["messaging.message.id"])
      assert.isTrue(lines.some(({ level, message }) => level === "trace" && message === "broker enqueue"))
      assert.isTrue(lines.some(({ level, message }) => level === "trace" && message === "redis claim"))
    })
  })

  it("is left out by a sampler, with all that belongs to it", async () => {
    const env = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }
    await exporting(env, async (app, sink) => {
      await order(app, "1", sink.url)
      await sink.next()
      await order(app, "2", sink.url, { traceparent: `00-${traceId}-${remote}-01` })
      await sink.next()
    }, (receiver) => {
      assert.deepStrictEqual([...new Set(receiver.spans().map((span) => span.traceId))], [traceId])
      assert.strictEqual(receiver.spans().length, 4)
    })
  })
})

describe("metrics", () => {
  it("are sent with their units, and the queues' numbers among them", async () => {
    await exporting({ OTEL_METRIC_EXPORT_INTERVAL: "100" }, async (app, sink, receiver) => {
      await order(app, "1", sink.url)
      await sink.next()
      await receiver.until(({ metrics }) =>
        metrics().get("sluice.queue.events")?.sum?.dataPoints.some(({ asDouble }) => asDouble === 1) === true
      )
    }, (receiver) => {
      const metrics = receiver.metrics()
      const sent = metrics.get("messaging.client.sent.messages")
      assert.strictEqual(sent?.unit, "{message}")
      const points = sent?.sum?.dataPoints.filter(({ asDouble }) => asDouble !== 0)
      assert.deepStrictEqual(points?.map(({ asDouble, attributes }) => [asDouble, plain(attributes)]), [[
        1,
        {
          "messaging.system": "sluice",
          "messaging.operation.name": "enqueue",
          "messaging.operation.type": "send",
          "messaging.destination.name": "calls",
          "sluice.answer": "created"
        }
      ]])
      const run = metrics.get("messaging.process.duration")
      assert.strictEqual(run?.unit, "s")
      assert.strictEqual(run?.histogram?.dataPoints[0]?.count, 1)
      assert.isTrue(metrics.has("sluice.redis.round_trip.duration"))
    })
  })
})

describe("the settings of OpenTelemetry", () => {
  it("are followed: headers, names, protobuf, compression, and which signals go out", async () => {
    const env = {
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc",
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_LOGS_EXPORTER: "none"
    }
    await exporting(env, async (app, sink) => {
      await order(app, "1", sink.url)
      await sink.next()
    }, ({ requests }) => {
      assert.deepStrictEqual([...new Set(requests.map(({ path }) => path))].toSorted(), ["/v1/metrics", "/v1/traces"])
      for (const { bytes, headers } of requests) {
        assert.deepInclude(headers, { authorization: "Bearer abc", "content-type": "application/x-protobuf" })
        assert.isTrue(bytes > 100)
      }
      assert.isTrue(requests.some(({ headers }) => headers["content-encoding"] === "gzip"))
    })
  })

  it("can switch everything off", async () => {
    await exporting({ OTEL_SDK_DISABLED: "true" }, async (app, sink) => {
      const called = order(app, "1", sink.url, { traceparent: `00-${traceId}-${remote}-01` })
      assert.match((await sink.next())["traceparent"] ?? "", new RegExp(`^00-${traceId}-`))
      await called
    }, ({ requests }) => assert.deepStrictEqual(requests, []))
  })
})

describe("a receiver that refuses", () => {
  it("costs the application nothing, and does not hold up its end", async () => {
    let endedIn = Infinity
    await exporting(
      { OTEL_EXPORTER_OTLP_TIMEOUT: "500" },
      async (app, sink) => {
        for (let n = 0; n < 20; n++) {
          assert.strictEqual((await order(app, String(n), sink.url)).status, 200)
          await sink.next()
        }
        const before = performance.now()
        await app.stop()
        endedIn = performance.now() - before
      },
      () => assert.isBelow(endedIn, 5000),
      () => 503
    )
  })
})
