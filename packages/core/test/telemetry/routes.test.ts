import { Broker, Inspector, JobQueue, MemoryBroker } from "@sluice/core"
import { Propagation } from "@sluice/core/Propagation"
import { JobFactory } from "@sluice/core/testing"
import { propagating, QueueGauges, Telemetry } from "@sluice/core/telemetry"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Metric, Redacted, Ref, Tracer } from "effect"
import { HttpClient, HttpClientResponse, HttpRouter, HttpServerResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { isWatching, routeOf } from "../../src/telemetry/HttpRoutes.ts"

const mails = JobQueue.make("mails")
const traceId = "0af7651916cd43dd8448eb211c80319c"
const traceparent = `00-${traceId}-b7ad6b7169203331-01`

/** A router with our routes and one that tells what a request carries; and a function to call it. */
const served = (options: Telemetry.RoutesOptions = {}) => {
  const registry = Layer.succeed(Metric.MetricRegistry, new Map())
  const echo = HttpRouter.add(
    "POST",
    "/v1/queues/:queue/jobs",
    Effect.gen(function*() {
      const carried = yield* Propagation
      const span = yield* Effect.option(Effect.currentParentSpan)
      return yield* HttpServerResponse.json({ ...carried, traceId: span._tag === "Some" ? span.value.traceId : "none" })
    })
  )
  const queues = Telemetry.queueNumbers({ queues: "all" })
  const routes = Layer.mergeAll(Telemetry.routes(options), queues, echo).pipe(
    Layer.provideMerge(MemoryBroker.layer),
    Layer.provideMerge(registry)
  )
  const { dispose, handler } = HttpRouter.toWebHandler(routes, { disableLogger: true })
  const call = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const response = await handler(new Request(`http://test${path}`, { method, headers }), Context.empty())
    return { status: response.status, type: response.headers.get("content-type"), text: await response.text() }
  }
  return { call, dispose }
}

describe("GET /metrics", () => {
  it("is a page that Prometheus reads", async () => {
    const { call, dispose } = served({ templates: ["/v1/queues/:queue/jobs"] })
    await call("GET", "/nowhere")
    const { status, text, type } = await call("GET", "/metrics")
    assert.strictEqual(status, 200)
    assert.strictEqual(type, "text/plain; version=0.0.4; charset=utf-8")
    assert.include(text, "# TYPE http_server_request_duration_seconds histogram")
    assert.include(text, "http_request_method=\"GET\",http_response_status_code=\"404\"")
    await call("POST", "/v1/queues/mails/jobs")
    const again = await call("GET", "/metrics")
    assert.include(again.text, "http_route=\"/v1/queues/:queue/jobs\",http_response_status_code=\"200\"")
    assert.include(text, "# TYPE sluice_queues_hidden gauge\nsluice_queues_hidden 0")
    await dispose()
  })

  it("asks for the token where there is one", async () => {
    const { call, dispose } = served({ metricsToken: Redacted.make("a-token") })
    assert.strictEqual((await call("GET", "/metrics")).status, 401)
    for (const wrong of ["Bearer a-tokem", "Bearer ", "Bearer a-tokena-token", "a-token"]) {
      assert.strictEqual((await call("GET", "/metrics", { authorization: wrong })).status, 401, wrong)
    }
    assert.strictEqual((await call("GET", "/metrics", { authorization: "Bearer a-token" })).status, 200)
    await dispose()
  })

  it("is not there where it is switched off", async () => {
    const { call, dispose } = served({ metrics: false })
    assert.strictEqual((await call("GET", "/metrics")).status, 404)
    await dispose()
  })
})

describe("a request", () => {
  it("hands on what it carries, and its trace where no tracer does", async () => {
    const { call, dispose } = served()
    const headers = { traceparent, tracestate: "a=1", baggage: "tenant=acme" }
    const { text } = await call("POST", "/v1/queues/mails/jobs", headers)
    assert.deepStrictEqual(JSON.parse(text), { tracestate: "a=1", baggage: "tenant=acme", traceId })
    const bare = await call("POST", "/v1/queues/mails/jobs", { traceparent: "nonsense" })
    assert.deepStrictEqual(JSON.parse(bare.text), { traceId: "none" })
    await dispose()
  })
})

describe("the route of a request", () => {
  const route = routeOf(["/v1/queues", "/v1/queues/:queue", "/v1/queues/:queue/jobs/:id", "/metrics"])

  it("is its template, whatever it names and asks for", () => {
    assert.strictEqual(route("/v1/queues/mails?limit=1"), "/v1/queues/:queue")
    assert.strictEqual(route("/v1/queues/mails/jobs/0:1#x"), "/v1/queues/:queue/jobs/:id")
    assert.strictEqual(route("/metrics"), "/metrics")
  })

  it("is none for what is no route", () => {
    for (const url of ["/", "/v1/queues/", "/v1/queues/mails/jobs", "/v2/queues", "/v1/queues/a/b/c/d"]) {
      assert.isUndefined(route(url), url)
    }
  })

  it("is no reason for a span when it only watches", () => {
    assert.isTrue(isWatching("/readyz?verbose"))
    assert.isFalse(isWatching("/v1/queues"))
  })
})

const ownRegistry = Effect.provideServiceEffect(Metric.MetricRegistry, Effect.sync(() => new Map()))

/** Values of the queues' series, by name and what tells them apart. */
const values = Effect.map(Metric.snapshot, (all) =>
  Object.fromEntries(all.flatMap(({ attributes = {}, id, state }) => {
    const value = "value" in state ? state.value : "count" in state ? state.count : undefined
    const { "messaging.destination.name": queue = "", "sluice.event": event, "sluice.state": name } = attributes
    return id.startsWith("sluice.queue") && value !== 0 ? [[[id, queue, name ?? event ?? ""].join(" "), value]] : []
  })))

describe("the numbers of queues", () => {
  it.effect("are those of the broker, read at most every five seconds", () =>
    Effect.gen(function*() {
      const asked = yield* Ref.make(0)
      const broker = yield* Broker
      const inspector = yield* Inspector
      const counting = Inspector.of({
        ...inspector,
        stats: (queue) => Effect.andThen(Ref.update(asked, (count) => count + 1), inspector.stats(queue))
      })
      yield* broker.enqueue(mails, JobFactory.jobs(3))
      yield* broker.enqueue(mails, [JobFactory.job({ delayMs: 60_000 })])
      yield* TestClock.adjust("4 seconds")
      const refresh = yield* QueueGauges.make({ queues: "all" }).pipe(Effect.provideService(Inspector, counting))
      yield* Effect.forEach([1, 2, 3], () => refresh, { concurrency: "unbounded" })
      assert.deepStrictEqual(yield* values, {
        "sluice.queue.jobs mails available": 3,
        "sluice.queue.jobs mails scheduled": 1,
        "sluice.queue.oldest_wait mails ": 4,
        "sluice.queue.events mails enqueued": 4
      })
      yield* broker.pause(mails)
      yield* refresh
      assert.strictEqual(yield* Ref.get(asked), 1)
      yield* TestClock.adjust("5 seconds")
      yield* refresh
      assert.strictEqual((yield* values)["sluice.queue.paused mails "], 1)
      assert.strictEqual(yield* Ref.get(asked), 2)
    }).pipe(Effect.scoped, Effect.provide(MemoryBroker.layer), ownRegistry))

  it.effect("are not shown while they can't be read, nor after the end", () =>
    Effect.gen(function*() {
      const broker = yield* Broker
      const inspector = yield* Inspector
      const isHanging = yield* Ref.make(false)
      const hanging = Inspector.of({
        ...inspector,
        stats: (queue) => Effect.flatMap(Ref.get(isHanging), (hangs) => hangs ? Effect.never : inspector.stats(queue))
      })
      yield* broker.enqueue(mails, JobFactory.jobs(1))
      yield* Effect.scoped(Effect.gen(function*() {
        const refresh = yield* QueueGauges.make({ queues: ["mails"], every: 0 })
        yield* refresh
        assert.strictEqual((yield* values)["sluice.queue.jobs mails available"], 1)
        yield* Ref.set(isHanging, true)
        const fiber = yield* Effect.forkChild(refresh)
        yield* TestClock.adjust("2 seconds")
        yield* Effect.exit(Effect.asVoid(Effect.sync(() => fiber.pollUnsafe())))
        assert.deepStrictEqual(yield* values, {})
        yield* Ref.set(isHanging, false)
        yield* refresh
        assert.strictEqual((yield* values)["sluice.queue.jobs mails available"], 1)
      })).pipe(Effect.provideService(Inspector, hanging))
      assert.deepStrictEqual(yield* values, {})
    }).pipe(Effect.provide(MemoryBroker.layer), ownRegistry))

  it.effect("are left out beyond 250 queues, and it says how many", () =>
    Effect.gen(function*() {
      const broker = yield* Broker
      for (let n = 0; n < 253; n++) {
        yield* broker.enqueue(JobQueue.make(`queue-${String(n).padStart(3, "0")}`), JobFactory.jobs(1))
      }
      const refresh = yield* QueueGauges.make({ queues: "all" })
      yield* refresh
      const found = yield* values
      assert.strictEqual(found["sluice.queues.hidden  "], 3)
      assert.strictEqual(found["sluice.queue.jobs queue-249 available"], 1)
      assert.isUndefined(found["sluice.queue.jobs queue-250 available"])
    }).pipe(Effect.scoped, Effect.provide(MemoryBroker.layer), ownRegistry))
})

describe("a propagating client", () => {
  it.effect("sends what the current request carries, and the trace", () => {
    const sent: Array<Record<string, string>> = []
    const client = propagating(HttpClient.make((request) =>
      Effect.sync(() => {
        sent.push({ ...request.headers })
        return HttpClientResponse.fromWeb(request, new Response(""))
      })
    ))
    return Effect.gen(function*() {
      yield* client.get("http://test/").pipe(
        Effect.provideService(Propagation, { tracestate: "a=1", baggage: "tenant=acme" }),
        Effect.provideService(Tracer.ParentSpan, Tracer.externalSpan({ traceId, spanId: "b7ad6b7169203331" }))
      )
      yield* client.get("http://test/", { headers: { baggage: "own=1" } }).pipe(
        Effect.provideService(Propagation, { tracestate: undefined, baggage: "tenant=acme" })
      )
      yield* client.get("http://test/")
      assert.deepInclude(sent[0], { tracestate: "a=1", baggage: "tenant=acme" })
      assert.isTrue(sent[0]?.["traceparent"]?.startsWith(`00-${traceId}-`))
      assert.deepInclude(sent[1], { baggage: "own=1" })
      assert.isFalse("baggage" in sent[2]!)
    })
  })
})
