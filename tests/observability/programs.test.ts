import { assert, describe, inject, it, onTestFinished } from "vitest"
import { start } from "../consumer/support/ConsumerProcess.ts"
import { eventually, startProducer } from "../producer/support/ProducerProcess.ts"
import { uniquePrefix } from "../support/uniquePrefix.ts"
import { plain, type Span, startOtlpReceiver } from "./support/OtlpReceiver.ts"
import { startPrometheus } from "./support/Prometheus.ts"
import { prometheusBinary } from "./support/PrometheusBinary.ts"
import { startSink } from "./support/Sink.ts"

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
const remote = "00f067aa0ba902b7"
const json = { "content-type": "application/json" }

/** Both programs as processes on one Redis, delivering to a sink, exporting to a receiver. */
const startBoth = async (more: Readonly<Record<string, string>> = {}) => {
  const receiver = await startOtlpReceiver()
  const sink = await startSink()
  onTestFinished(async () => {
    await Promise.all([receiver.stop(), sink.stop()])
  })
  const env = {
    SLUICE_REDIS_URL: inject("redisUrl"),
    SLUICE_PREFIX: uniquePrefix("programs"),
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    ...more
  }
  const producer = await startProducer(env)
  onTestFinished(() => producer.signal("SIGKILL"))
  const consumer = start({
    ...env,
    SLUICE_QUEUES: "hooks:5",
    SLUICE_HTTP_TARGETS: JSON.stringify({ "order.created": sink.url }),
    SLUICE_HTTP_ALLOW: "http://127.0.0.1:*",
    SLUICE_HTTP_NETWORKS: "127.0.0.1"
  })
  const [, health = ""] = await consumer.printed(/health is served on (http:\/\/[\d.:]+)/)
  const enqueue = (headers: Record<string, string> = {}) =>
    fetch(`${producer.url}/v1/queues/hooks/jobs`, {
      method: "POST",
      headers: { ...json, ...headers },
      body: JSON.stringify({ task: "order.created", payload: { n: 1 } })
    })
  const stop = async () => {
    producer.signal("SIGTERM")
    consumer.signal("SIGTERM")
    return Promise.all([producer.ended, consumer.ended])
  }
  return { receiver, sink, producer, health, enqueue, stop }
}

const parentOf = (spans: ReadonlyArray<Span>, { parentSpanId }: Span): Span | undefined =>
  spans.find(({ spanId }) => spanId === parentSpanId)

describe("the two programs", { timeout: 30_000 }, () => {
  it("are one trace from the request to the delivery, in spans and in logs", async () => {
    const { enqueue, receiver, sink, stop } = await startBoth({ SLUICE_LOG_LEVEL: "trace" })
    const headers = { traceparent: `00-${traceId}-${remote}-01`, baggage: "tenant=acme", "x-request-id": "r-1" }
    assert.strictEqual((await enqueue(headers)).status, 201)
    const delivered = await sink.next()
    assert.strictEqual(delivered["baggage"], "tenant=acme")
    const [producer, consumer] = await stop()
    assert.deepStrictEqual([producer.code, consumer.code], [0, 0])
    const spans = receiver.spans().filter((span) => span.traceId === traceId)
    const call = spans.find(({ kind }) => kind === 3)!
    assert.strictEqual(delivered["traceparent"], `00-${traceId}-${call.spanId}-01`)
    const handled = parentOf(spans, call)!
    const enqueued = parentOf(spans, handled)!
    const request = parentOf(spans, enqueued)!
    assert.deepStrictEqual([call, handled, enqueued, request].map(({ kind, name }) => [kind, name]), [
      [3, "POST"],
      [5, "process hooks"],
      [4, "enqueue hooks"],
      [2, "POST /v1/queues/:queue/jobs"]
    ])
    assert.strictEqual(request.parentSpanId, remote)
    assert.deepInclude(plain(call.attributes), { "http.response.status_code": 200, "server.address": "127.0.0.1" })
    assert.deepStrictEqual(receiver.services(), new Set(["sluice-producer", "sluice-consumer"]))

    const lines = (output: string) => output.trim().split("\n").map((line): Record<string, unknown> => JSON.parse(line))
    const asked = lines(producer.output).find(({ message, requestId }) => message === "request" && requestId === "r-1")
    assert.deepInclude(asked, { level: "debug", status: 201, trace_id: traceId })
    assert.isTrue(
      lines(consumer.output).some(({ level, message }) => level === "trace" && message === "broker exchange")
    )
  })

  it("tell Prometheus how they do", async () => {
    const { enqueue, health, producer, sink, stop } = await startBoth({ OTEL_SDK_DISABLED: "true" })
    await enqueue()
    await sink.next()
    const page = (url: string) => async () => (await fetch(`${url}/metrics`)).text()
    const consumed = await eventually(page(health), (text) => /^sluice_jobs_settled_total.* 1$/m.test(text))
    assert.match(consumed, /^messaging_process_duration_seconds_count\{.*sluice_task="order.created".*\} 1$/m)
    assert.match(consumed, /^sluice_queue_events_total\{.*sluice_event="enqueued"\} 1$/m)
    const produced = await page(producer.url)()
    assert.match(produced, /^messaging_client_sent_messages_total\{.*sluice_answer="created"\} 1$/m)
    assert.match(produced, /http_route="\/v1\/queues\/:queue\/jobs",http_response_status_code="201"/)
    assert.match(produced, /^sluice_queue_jobs\{.*messaging_destination_name="hooks".*\}/m)
    await stop()
  })

  it("are scraped by one Prometheus, which knows them apart", { timeout: 60_000 }, async (context) => {
    const binary = prometheusBinary()
    if (typeof binary === "string") return context.skip(binary)
    const { enqueue, health, producer, sink, stop } = await startBoth({ OTEL_SDK_DISABLED: "true" })
    const targets = [producer.url, health].map((url) => url.replace("http://", ""))
    const prometheus = await startPrometheus({ binary: binary.prometheus, targets })
    try {
      await enqueue()
      await sink.next()
      await prometheus.until("sum by (instance) (sluice_jobs_settled_total)", ([settled]) => settled?.value[1] === "1")
      const instances = async (expression: string) =>
        (await prometheus.until(expression, (samples) => samples.length > 0)).map(({ metric }) => metric["instance"])
      assert.deepStrictEqual(await instances("sluice_jobs_settled_total == 1"), [targets[1]])
      assert.deepStrictEqual(await instances("messaging_client_sent_messages_total{sluice_answer=\"created\"} == 1"), [
        targets[0]
      ])
      const up = await prometheus.until("up == 1", (samples) => samples.length === 2)
      assert.deepStrictEqual(new Set(up.map(({ metric }) => metric["instance"])), new Set(targets))
    } finally {
      await prometheus.stop()
      await stop()
    }
  })

  it("keep their metrics to those who know the token", async () => {
    const { health, producer, stop } = await startBoth({
      SLUICE_METRICS_TOKEN: "let-me-see",
      OTEL_SDK_DISABLED: "true"
    })
    for (const url of [health, producer.url]) {
      assert.strictEqual((await fetch(`${url}/metrics`)).status, 401)
      const answer = await fetch(`${url}/metrics`, { headers: { authorization: "Bearer let-me-see" } })
      assert.strictEqual(answer.status, 200)
      assert.include(await answer.text(), "sluice_redis_connections_total")
    }
    const [, { output }] = await stop()
    assert.notInclude(output, "let-me-see")
  })
})
