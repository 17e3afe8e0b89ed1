import { assert, describe, it } from "@effect/vitest"
import { Inspector, MemoryBroker } from "@sluice/core"
import { BrokerError, BrokerUnavailable } from "@sluice/core/BrokerError"
import { Effect, Layer } from "effect"
import { type Answer, call, startProducer, withProducer } from "./support/TestProducer.ts"

const assertProblem = (answer: Answer, status: number, kind: string) => {
  assert.strictEqual(answer.status, status)
  assert.strictEqual(answer.headers.get("content-type"), "application/problem+json")
  assert.strictEqual(answer.json.type, `urn:sluice:problem:${kind}`)
  assert.strictEqual(answer.json.status, status)
  assert.isString(answer.json["title"])
}

describe("what no endpoint takes", () => {
  it.each(["/", "/v1", "/v2/queues", "/v1/queues/a/b/c/d", "/metrics/x", "/%", "/v1/queues/a/jobs/0%3Ax/nothing"])(
    "is 404 for an unknown path: %s",
    (path) =>
      withProducer({}, async (producer) => {
        const answer = await call(producer, "GET", path)
        assertProblem(answer, 404, "route-not-found")
        assert.include(answer.json.detail, "/openapi.json")
      })()
  )

  it.each([
    ["POST", "/v1/queues", "GET, HEAD"],
    ["PUT", "/v1/queues/a/jobs", "POST, GET, HEAD"],
    ["GET", "/v1/queues/a/pause", "POST"],
    ["PATCH", "/v1/queues/a/jobs/0%3Ax?x=1", "GET, HEAD, DELETE"],
    ["DELETE", "/livez", "GET, HEAD"],
    ["OPTIONS", "/openapi.json", "GET, HEAD"]
  ])("is 405 for another method: %s %s", (method, path, allow) =>
    withProducer({}, async (producer) => {
      const answer = await call(producer, method, path)
      assertProblem(answer, 405, "method-not-allowed")
      assert.strictEqual(answer.headers.get("allow"), allow)
    })())

  it(
    "answers HEAD as GET, without the body",
    withProducer({}, async (producer) => {
      const answer = await call(producer, "HEAD", "/livez")
      assert.deepStrictEqual([answer.status, answer.text], [200, ""])
    })
  )

  it.each([
    ["POST", "/v1/queues/a/jobs", "text/plain"],
    ["POST", "/v1/queues/a/jobs", "application/x-www-form-urlencoded"],
    ["POST", "/v1/queues/a/redrive", "text/plain"]
  ])("is 415 for another content type: %s %s as %s", (method, path, type) =>
    withProducer({}, async (producer) => {
      const answer = await call(producer, method, path, "{}", { "content-type": type })
      assertProblem(answer, 415, "unsupported-media-type")
      assert.include(answer.json.detail, "application/json")
    })())
})

describe("bodies", () => {
  it.each([["/v1/queues/a/jobs"], ["/v1/queues/a/redrive"]])(
    "are 413 beyond the limit: %s",
    (path) =>
      withProducer({ producer: { maxBodyBytes: 1000 } }, async (producer) => {
        const answer = await call(producer, "POST", path, { task: "Send", payload: "x".repeat(2000) })
        assertProblem(answer, 413, "body-too-large")
        assert.strictEqual(answer.json["limit"], 1000)
      })()
  )

  it(
    "are 413 beyond the limit without a length, too",
    withProducer({
      producer: { maxBodyBytes: 1000 }
    }, async (producer) => {
      const chunk = new TextEncoder().encode("x".repeat(900))
      const body = ReadableStream.from([chunk, chunk])
      const response = await fetch(`${producer.url}/v1/queues/a/jobs`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        duplex: "half"
      })
      assert.strictEqual(response.status, 413)
    })
  )

  it.each([
    ["", "empty"],
    ["{", "cut off"],
    [`{"task":"Send","payload":NaN}`, "no JSON"]
  ])("are 400 when they are no JSON: %s (%s)", (body) =>
    withProducer({}, async (producer) => {
      const answer = await call(producer, "POST", "/v1/queues/a/jobs", body)
      assertProblem(answer, 400, "invalid-request")
      assert.deepStrictEqual(answer.json.errors[0]?.path, ["payload"])
    })())

  it(
    "are 400 when they are no UTF-8, rather than being changed",
    withProducer({}, async (producer) => {
      const response = await fetch(`${producer.url}/v1/queues/a/jobs`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: Buffer.concat([Buffer.from(`{"task":"Send","payload":"`), Buffer.from([0xff]), Buffer.from(`"}`)])
      })
      assert.strictEqual(response.status, 400)
    })
  )

  it(
    "may be as deep as anyone likes",
    withProducer({}, async (producer) => {
      const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
      const answer = await call(producer, "POST", "/v1/queues/a/jobs", `{"task":"Send","payload":${deep}}`)
      assert.strictEqual(answer.status, 201)
    })
  )
})

describe("a request's id", () => {
  it(
    "is the caller's own, on good and bad answers",
    withProducer({}, async (producer) => {
      for (const path of ["/livez", "/nothing", "/v1/queues/a/jobs?state=x"]) {
        const answer = await call(producer, "GET", path, undefined, { "x-request-id": "my-id_1.2:3/4+5=" })
        assert.strictEqual(answer.headers.get("x-request-id"), "my-id_1.2:3/4+5=")
      }
    })
  )

  it.each(["", "a b", "x".repeat(129), "<script>", "a\"b"])(
    "is a new one when the caller's is none: %j",
    (id) =>
      withProducer({}, async (producer) => {
        const ids = await Promise.all(
          [1, 2].map(() => call(producer, "GET", "/livez", undefined, { "x-request-id": id }))
        )
        const [one, two] = ids.map(({ headers }) => headers.get("x-request-id") ?? "")
        assert.match(one ?? "", /^[0-9a-z]+-[0-9a-z]+$/)
        assert.notStrictEqual(one, two)
      })()
  )
})

describe("a bug", () => {
  const buggy = Layer.effect(
    Inspector,
    Effect.map(
      Inspector,
      (inspector) => Inspector.of({ ...inspector, job: () => Effect.die(new Error("secret detail of a bug")) })
    )
  ).pipe(Layer.provideMerge(MemoryBroker.layer))

  it(
    "is 500 without any detail, and logged with all of it",
    withProducer({ broker: buggy }, async (producer) => {
      const answer = await call(producer, "GET", "/v1/queues/a/jobs/0%3Ax", undefined, { "x-request-id": "bug-1" })
      assertProblem(answer, 500, "internal-error")
      assert.notInclude(answer.text, "secret")
      assert.notInclude(answer.text, ".ts")
      const log = producer.logs.find((line) => line.includes("secret detail of a bug"))
      assert.include(log, "bug-1")
    })
  )
})

describe("health", () => {
  const away = Layer.effect(
    Inspector,
    Effect.map(Inspector, (inspector) =>
      Inspector.of({
        ...inspector,
        stats: () =>
          Effect.fail(new BrokerError({ reason: new BrokerUnavailable({ operation: "stats", detail: "10.0.0.7" }) }))
      }))
  ).pipe(Layer.provideMerge(MemoryBroker.layer))

  it(
    "is not ready and not started while the broker is away, and lives",
    withProducer({ broker: away }, async (producer) => {
      assertProblem(await call(producer, "GET", "/readyz"), 503, "not-ready")
      assertProblem(await call(producer, "GET", "/startupz"), 503, "not-ready")
      assert.notInclude((await call(producer, "GET", "/readyz")).text, "10.0.0.7")
      assert.strictEqual((await call(producer, "GET", "/livez")).status, 200)
    })
  )

  it("is not ready as soon as the producer stops, and lives until it has", async () => {
    const producer = await startProducer({ producer: { shutdownDelay: "300 millis" } })
    assert.strictEqual((await call(producer, "GET", "/readyz")).status, 200)
    const stopped = producer.stop()
    assertProblem(await call(producer, "GET", "/readyz"), 503, "not-ready")
    assert.strictEqual((await call(producer, "GET", "/livez")).status, 200)
    assert.strictEqual((await call(producer, "GET", "/startupz")).status, 200)
    await stopped
  })
})

describe("web pages of others", () => {
  const origin = { origin: "https://page.example" }

  it(
    "get no permission by default",
    withProducer({}, async (producer) => {
      const answer = await call(producer, "GET", "/v1/queues", undefined, origin)
      assert.isNull(answer.headers.get("access-control-allow-origin"))
      assert.strictEqual((await call(producer, "OPTIONS", "/v1/queues", undefined, origin)).status, 405)
    })
  )

  it(
    "get it when their origin is named",
    withProducer({
      producer: { corsOrigins: ["https://page.example", "https://other.example"] }
    }, async (producer) => {
      const answer = await call(producer, "GET", "/v1/queues", undefined, origin)
      assert.strictEqual(answer.headers.get("access-control-allow-origin"), "https://page.example")
      const preflight = await call(producer, "OPTIONS", "/v1/queues", undefined, {
        ...origin,
        "access-control-request-method": "POST"
      })
      assert.strictEqual(preflight.status, 204)
      const bad = await call(producer, "GET", "/v1/nothing", undefined, origin)
      assert.strictEqual(bad.headers.get("access-control-allow-origin"), "https://page.example")
      const stranger = await call(producer, "GET", "/v1/queues", undefined, { origin: "https://evil.example" })
      assert.notStrictEqual(stranger.headers.get("access-control-allow-origin"), "https://evil.example")
    })
  )
})

it(
  "answers with headers that keep browsers careful",
  withProducer({}, async (producer) => {
    const { headers } = await call(producer, "GET", "/v1/queues")
    assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
    assert.strictEqual(headers.get("cache-control"), "no-store")
  })
)

it(
  "serves a documentation page that asks nobody else for anything",
  withProducer({}, async (producer) => {
    const { headers, text } = await call(producer, "GET", "/docs")
    assert.isAbove(text.length, 1_000_000)
    assert.notMatch(text, /<(script|link|img)[^>]+(src|href)=["']?https?:/)
    assert.include(headers.get("content-security-policy"), "default-src 'self'")
  })
)

it(
  "serves no documentation page when it is not to",
  withProducer({ producer: { docs: false } }, async (producer) => {
    assert.strictEqual((await call(producer, "GET", "/docs")).status, 404)
  })
)
