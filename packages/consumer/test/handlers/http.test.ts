import { assert, describe, it } from "@effect/vitest"
import { CurrentJob, JobId, MemoryBroker, RetryPolicy, Task } from "@sluice/core"
import { Deferred, Effect, Fiber, Layer, Redacted, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Consumer from "../../src/Consumer.ts"
import { deliver } from "../../src/handlers/http/deliver.ts"
import * as HttpOptions from "../../src/handlers/http/HttpOptions.ts"
import type { Sender } from "../../src/handlers/http/Sender.ts"
import * as Signature from "../../src/handlers/http/Signature.ts"
import * as Targets from "../../src/handlers/http/Targets.ts"
import * as HttpHandler from "../../src/handlers/HttpHandler.ts"
import { aJob, attempts, discarded, failedWith } from "../support/Attempt.ts"
import * as HttpSink from "../support/HttpSink.ts"

/** Names that the tests use, all of them at home here but `private.example`. */
const resolve = (host: string) =>
  host === "gone.example"
    ? Promise.reject(Object.assign(new Error("getaddrinfo ENOTFOUND gone.example"), { code: "ENOTFOUND" }))
    : Promise.resolve([{ address: host === "private.example" ? "10.0.0.1" : "127.0.0.1", family: 4 }])

/** Delivers one request by the task whose payload is the request. */
const request = Effect.fnUntraced(
  function*(payload: typeof HttpHandler.HttpRequest.Type, options: HttpHandler.Options = {}) {
    const run = yield* attempts(HttpHandler.make({
      allow: ["http://*:*"],
      networks: ["127.0.0.0/8"],
      resolve,
      ...options
    }))
    return yield* run("http", payload)
  }
)

/** Delivers a text to a target on the sink. */
const toTarget = Effect.fnUntraced(
  function*(url: string, body: string, target: Partial<HttpHandler.Target> = {}, options: HttpHandler.Options = {}) {
    const targets = { "order.created": { url, ...target } }
    const run = yield* attempts(HttpHandler.make({ targets, networks: ["127.0.0.0/8"], resolve, ...options }))
    return yield* run("order.created", body)
  }
)

const failed = failedWith(HttpHandler.DeliveryFailed)

const ok = HttpSink.listen((_, response) => response.end("thanks"))

const answering = (status: number, headers: Record<string, string> = {}, body = "") =>
  HttpSink.listen((_, response) => response.writeHead(status, headers).end(body))

describe("a delivery", () => {
  it.effect("sends a task's payload to its target, byte for byte, as JSON", () =>
    Effect.gen(function*() {
      const sink = yield* ok
      const body = "{ \"big\": 12345678901234567890,\n \"empty\": [], \"text\": \"\u00e9\u{1f680}\" }"
      const success = yield* toTarget(`http://hooks.example:${sink.port}/in?x=1`, body, { headers: { "X-Shop": "7" } })
      assert.deepStrictEqual(success, { status: 200, body: "thanks", truncated: false })
      const [{ body: got, headers, method, url }] = sink.received as [HttpSink.Received]
      assert.deepStrictEqual([method, url, got], ["POST", "/in?x=1", body])
      assert.strictEqual(headers.host, `hooks.example:${sink.port}`)
      assert.strictEqual(headers["content-type"], "application/json")
      assert.strictEqual(headers["x-shop"], "7")
      assert.strictEqual(headers["sluice-task"], "order.created")
      assert.strictEqual(headers["sluice-attempt"], "1")
      assert.strictEqual(headers["webhook-id"], "default/0:job-1")
      assert.isUndefined(headers["webhook-signature"])
    }))

  it.effect("sends what the payload says, where it says, and nothing that is ours to say", () =>
    Effect.gen(function*() {
      const sink = yield* ok
      const url = `http://shop.example:${sink.port}/items/1`
      yield* request({
        url,
        method: "PUT",
        headers: { "Content-Type": "text/plain", Host: "evil.example", "webhook-id": "forged", "Content-Length": "1" },
        body: "exactly this"
      })
      const [{ body, headers, method }] = sink.received as [HttpSink.Received]
      assert.deepStrictEqual([method, body, headers["content-type"]], ["PUT", "exactly this", "text/plain"])
      assert.strictEqual(headers.host, `shop.example:${sink.port}`)
      assert.strictEqual(headers["content-length"], "12")
      assert.strictEqual(headers["webhook-id"], "default/0:job-1")
    }))

  it.effect("keeps connections for the next delivery", () =>
    Effect.gen(function*() {
      const sink = yield* ok
      const targets = { hook: { url: `http://a.example:${sink.port}/` } }
      const run = yield* attempts(HttpHandler.make({ targets, networks: ["127.0.0.0/8"], resolve }))
      for (let count = 0; count < 3; count++) yield* run("hook", "{}")
      assert.deepStrictEqual([sink.received.length, sink.connections()], [3, 1])
    }))

  it.effect("tries once more when a kept connection was closed just then", () =>
    Effect.gen(function*() {
      let count = 0
      const sink = yield* HttpSink.listen((request, response) => {
        if (++count === 2) request.socket.resetAndDestroy()
        else response.end()
      })
      const targets = { hook: { url: `http://a.example:${sink.port}/` } }
      const run = yield* attempts(HttpHandler.make({ targets, networks: ["127.0.0.0/8"], resolve }))
      yield* run("hook", "1")
      yield* run("hook", "2")
      assert.deepStrictEqual(sink.received.map(({ body }) => body), ["1", "2", "2"])
    }))

  it.effect("reads no more of an answer than it may", () =>
    Effect.gen(function*() {
      const sink = yield* HttpSink.listen((_, response) => {
        response.write("x".repeat(100_000)) // and never ends
      })
      const success = yield* toTarget(`http://a.example:${sink.port}/`, "{}", {}, { maxResponseBytes: 10 })
      assert.deepStrictEqual(success, { status: 200, body: "xxxxxxxxxx", truncated: true })
    }))
})

describe("an answer", () => {
  it.effect("of a success code completes the job", () =>
    Effect.gen(function*() {
      const sink = yield* answering(409)
      const success = yield* toTarget(`http://a.example:${sink.port}/`, "{}", { success: "200-299,409" })
      assert.deepStrictEqual(success, { status: 409, body: "", truncated: false })
    }))

  it.effect("of 410 ends the job for good", () =>
    Effect.gen(function*() {
      const sink = yield* answering(410)
      assert.strictEqual(
        yield* discarded(toTarget(`http://a.example:${sink.port}/`, "{}")),
        "answered 410: not to be tried again"
      )
    }))

  it.effect("of anything else is a failure that shows its beginning", () =>
    Effect.gen(function*() {
      const sink = yield* answering(500, {}, `no room ${"x".repeat(1000)}`)
      const error = yield* failed(toTarget(`http://a.example:${sink.port}/`, "{}"))
      assert.deepStrictEqual([error.reason, error.status, error.retryAfterMs], ["status", 500, undefined])
      assert.match(error.message, /^answered 500: no room x+$/)
      assert.isBelow(error.message.length, 400)
    }))

  it.effect("says with Retry-After how long to wait: in seconds, or with a date", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-11-23T12:00:00Z"))
      const headers = ["120", "Mon, 23 Nov 2026 12:01:30 GMT", "Mon, 23 Nov 2026 11:00:00 GMT", "soon", "999999"]
      const waits: Array<number | undefined> = []
      for (const header of headers) {
        const sink = yield* answering(429, { "retry-after": header })
        waits.push((yield* failed(toTarget(`http://a.example:${sink.port}/`, "{}"))).retryAfterMs)
      }
      assert.deepStrictEqual(waits, [120_000, 90_000, 0, undefined, 3_600_000])
    }))

  it.effect("that does not come in time is a failure, and its request is closed", () =>
    Effect.gen(function*() {
      const arrived = Deferred.makeUnsafe<void>()
      const closed = Deferred.makeUnsafe<void>()
      const sink = yield* HttpSink.listen((request) => {
        request.socket.once("close", () => Deferred.doneUnsafe(closed, Effect.void))
        Deferred.doneUnsafe(arrived, Effect.void)
      })
      const attempt = yield* Effect.forkChild(
        toTarget(`http://a.example:${sink.port}/`, "{}", { timeout: "10 seconds" })
      )
      yield* Deferred.await(arrived)
      yield* TestClock.adjust("10 seconds")
      const error = yield* failed(Fiber.join(attempt))
      assert.deepStrictEqual([error.reason, error.message], ["timeout", "no answer within 10000 ms"])
      yield* Deferred.await(closed)
    }))

  it.effect("that breaks off is a failure", () =>
    Effect.gen(function*() {
      const sink = yield* HttpSink.listen((_, response) => {
        response.writeHead(200, { "content-length": "100" })
        response.write("half", () => response.destroy())
      })
      const error = yield* failed(toTarget(`http://a.example:${sink.port}/`, "{}"))
      assert.strictEqual(error.reason, "network")
    }))

  it.effect("that can't come because nobody listens, or the name is unknown, is a failure", () =>
    Effect.gen(function*() {
      const refused = yield* failed(request({ url: "http://a.example:1/" }))
      assert.deepStrictEqual([refused.reason, /ECONNREFUSED/.test(refused.message)], ["network", true])
      const unknown = yield* failed(request({ url: "http://gone.example/" }))
      assert.deepStrictEqual([unknown.reason, /ENOTFOUND/.test(unknown.message)], ["network", true])
    }))
})

describe("a target", () => {
  it.effect("has to be allowed by name", () =>
    Effect.gen(function*() {
      const allow = ["hooks.example", "*.shop.example", "http://plain.example:8080", "any.example:*"]
      const reason = (url: string) =>
        discarded(request({ url }, { allow, networks: [], resolve: () => Promise.reject(1) }))
      assert.strictEqual(
        yield* reason("https://evil.example/"),
        "https://evil.example is not among the allowed targets"
      )
      assert.match(yield* reason("http://hooks.example/"), /not among/)
      assert.match(yield* reason("https://hooks.example:8443/"), /not among/)
      assert.match(yield* reason("https://shop.example/"), /not among/)
      assert.match(yield* reason("https://evilshop.example/"), /not among/)
      assert.match(yield* reason("https://hooks.example.evil.example/"), /not among/)
      assert.match(yield* reason("http://plain.example/"), /not among/)
      assert.match(yield* reason("https://hooks.example@evil.example/"), /user or a password/)
      assert.match(yield* reason("ftp://hooks.example/"), /no http\(s\) URL/)
      assert.match(yield* reason("hooks.example"), /no http\(s\) URL/)
      assert.match(yield* reason("file:///etc/passwd"), /no http\(s\) URL/)
    }))

  it.effect.each([
    "http://127.0.0.1/",
    "http://127.1/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://2130706433/",
    "http://0/",
    "http://127.0.0.1./",
    "http://\uff11\uff12\uff17.0.0.1/",
    "http://%31%32%37.0.0.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:a9fe:a9fe]/",
    "http://[64:ff9b::7f00:1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://10.0.0.1/",
    "http://100.100.100.200/",
    "http://private.example/",
    "http://localhost/",
    "http://localhost./"
  ])("is refused when it is private, even if every name is allowed: %s", (url) =>
    Effect.gen(function*() {
      const sink = yield* ok
      const at = new URL(url)
      at.port = String(sink.port)
      const reason = yield* discarded(request({ url: at.href }, { networks: [] }))
      assert.match(reason, /has no address that deliveries may go to/)
      assert.deepStrictEqual(sink.received, [])
    }))

  it.effect("that is configured still has to be public, or listed", () =>
    Effect.gen(function*() {
      const sink = yield* ok
      const url = `http://hooks.example:${sink.port}/`
      assert.match(yield* discarded(toTarget(url, "{}", {}, { networks: [] })), /has no address/)
      assert.deepStrictEqual(sink.received, [])
    }))

  it.effect("whose name changes its address between check and connection gains nothing", () =>
    Effect.gen(function*() {
      const sink = yield* ok
      let asked = 0
      // public at the first look, private at every later one
      const rebinding = () => Promise.resolve([{ address: asked++ === 0 ? "192.0.2.1" : "127.0.0.1", family: 4 }])
      const options = { networks: ["192.0.2.0/24"], resolve: rebinding, timeout: 50 }
      const attempt = yield* Effect.forkChild(request({ url: `http://evil.example:${sink.port}/` }, options))
      yield* TestClock.adjust("1 second")
      const first = yield* failed(Fiber.join(attempt))
      assert.include(["network", "timeout"], first.reason)
      assert.strictEqual(asked, 1)
      assert.match(yield* discarded(request({ url: `http://evil.example:${sink.port}/` }, options)), /has no address/)
      assert.deepStrictEqual(sink.received, [])
    }))

  it.effect("with headers or a path that HTTP can't carry ends the job", () =>
    Effect.gen(function*() {
      const sink = yield* ok
      const url = `http://a.example:${sink.port}/`
      assert.match(yield* discarded(request({ url, headers: { "x-a": "1\r\nx-b: 2" } })), /Invalid character/)
      assert.match(yield* discarded(request({ url, headers: { "x a": "1" } })), /valid HTTP token/)
      assert.deepStrictEqual(sink.received, [])
    }))
})

describe("a redirect", () => {
  const redirecting = (status: number, location: string) =>
    HttpSink.listen((request, response) =>
      request.url === "/end" ? response.end("there") : response.writeHead(status, { location }).end()
    )

  it.effect("is a failure unless redirects are allowed", () =>
    Effect.gen(function*() {
      const sink = yield* redirecting(307, "/end")
      const error = yield* failed(request({ url: `http://a.example:${sink.port}/` }))
      assert.deepStrictEqual([error.status, sink.received.length], [307, 1])
    }))

  it.effect("that keeps the request is followed with the same body", () =>
    Effect.gen(function*() {
      const sink = yield* redirecting(308, "/end")
      yield* request({ url: `http://a.example:${sink.port}/`, body: "same" }, { redirects: 1 })
      assert.deepStrictEqual(sink.received.map(({ body, method, url }) => [method, url, body]), [
        ["POST", "/", "same"],
        ["POST", "/end", "same"]
      ])
    }))

  it.effect("that would drop the body is a failure, and fine for a GET", () =>
    Effect.gen(function*() {
      const sink = yield* redirecting(302, "/end")
      const url = `http://a.example:${sink.port}/`
      assert.strictEqual((yield* failed(request({ url, body: "x" }, { redirects: 5 }))).status, 302)
      assert.deepStrictEqual(yield* request({ url, method: "GET" }, { redirects: 5 }), {
        status: 200,
        body: "there",
        truncated: false
      })
    }))

  it.effect("is followed no further than allowed", () =>
    Effect.gen(function*() {
      const sink = yield* redirecting(307, "/")
      const error = yield* failed(request({ url: `http://a.example:${sink.port}/` }, { redirects: 3 }))
      assert.deepStrictEqual([error.status, sink.received.length], [307, 4])
    }))

  it.effect.each(
    [
      ["http://169.254.169.254/", /has no address/],
      ["http://[::ffff:10.0.0.1]/", /has no address/],
      ["http://private.example/", /has no address/],
      ["//private.example/", /has no address/],
      ["https://b.example/", /not among the allowed targets/],
      ["ftp://a.example/", /no http\(s\) URL/],
      ["http://user:word@a.example/", /user or a password/]
    ] as const
  )("to where a delivery may not go is not followed: %s", ([location, expected]) =>
    Effect.gen(function*() {
      const sink = yield* redirecting(307, location)
      const url = `http://a.example:${sink.port}/`
      assert.match(yield* discarded(request({ url }, { redirects: 3 })), expected)
      assert.strictEqual(sink.received.length, 1)
    }))

  it.effect("from https to http is not followed, even to an allowed target", () =>
    Effect.gen(function*() {
      const settings = HttpOptions.settings({ allow: ["a.example", "http://a.example"], redirects: 3 })
      const sent: Array<string> = []
      const sender: Sender = {
        send: ({ url }) => {
          sent.push(url.href)
          return Effect.succeed({ status: 307, headers: { location: "http://a.example/" }, body: "", truncated: false })
        }
      }
      const attempt = deliver(sender, Targets.ofRequest(settings, { url: "https://a.example/" })).pipe(
        Effect.flip,
        Effect.provideService(CurrentJob, aJob)
      )
      assert.strictEqual(yield* discarded(attempt), "a redirect leads from https to http")
      assert.deepStrictEqual(sent, ["https://a.example/"])
    }))

  it.effect("to another place takes no credentials along", () =>
    Effect.gen(function*() {
      const other = yield* ok
      const sink = yield* redirecting(307, `http://b.example:${other.port}/`)
      const headers = { authorization: "Bearer secret", cookie: "a=b", "x-shop": "7" }
      yield* request({ url: `http://a.example:${sink.port}/`, headers }, { redirects: 1 })
      const [{ headers: got }] = other.received as [HttpSink.Received]
      assert.deepStrictEqual([got.authorization, got.cookie, got["x-shop"]], [undefined, undefined, "7"])
    }))
})

describe("a signature", () => {
  it("agrees with the specification's example", () => {
    const signed = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: "{\"test\": 2432232314}" }
    assert.deepStrictEqual(Signature.headers(signed, [Redacted.make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]), {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    })
  })

  it("names jobs in what a header can carry, and no two alike", () => {
    assert.deepStrictEqual(["0:order-7", "0:\u00e9t\u00e9", "0:%C3%A9"].map(Signature.headerId), [
      "0:order-7",
      "0:%C3%A9t%C3%A9",
      "0:%25C3%25A9"
    ])
  })

  it.effect("is one of the Standard Webhooks, one for each secret", () =>
    Effect.gen(function*() {
      const sink = yield* ok
      yield* TestClock.setTime(1_614_265_330_500)
      const secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a plain secret text"].map((one) => Redacted.make(one))
      yield* toTarget(`http://a.example:${sink.port}/`, "{\"test\": 2432232314}", {}, { secrets })
      const [{ headers }] = sink.received as [HttpSink.Received]
      assert.strictEqual(headers["webhook-timestamp"], "1614265330")
      assert.match(String(headers["webhook-signature"]), /^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/)
    }))

  it.effect("of a target is by its own secrets", () =>
    Effect.gen(function*() {
      const sink = yield* ok
      const url = `http://a.example:${sink.port}/`
      yield* toTarget(url, "{}", { secrets: [] }, { secrets: [Redacted.make("a plain secret text")] })
      assert.isUndefined(sink.received[0]?.headers["webhook-signature"])
    }))
})

describe("the retry of a delivery", () => {
  const [{ definition }] = HttpHandler.make({ allow: ["a.example"] }).tasks as [Task.Any]
  const delay = (retryAfterMs?: number) => {
    const error = new HttpHandler.DeliveryFailed({
      reason: "status",
      detail: "answered 503",
      ...(retryAfterMs === undefined ? {} : { retryAfterMs })
    })
    const facts = { jobId: JobId.make(0, "1"), attempt: 3, attempts: 10, maxAgeMs: 0, ageMs: 0, error }
    return Effect.map(
      RetryPolicy.decide(definition.retry!, facts),
      (decision) => decision._tag === "Retry" ? decision.delayMs : decision.why
    )
  }

  it.effect("waits longer each time, or exactly as long as the receiver asks", () =>
    Effect.gen(function*() {
      const own = yield* delay()
      assert.isTrue(typeof own === "number" && own >= 16_000 && own <= 24_000, String(own))
      assert.deepStrictEqual([yield* delay(120_000), yield* delay(0)], [120_000, 1000])
    }))

  it.live("goes through the queue, with the same id and the same bytes", () =>
    Effect.gen(function*() {
      const sink = yield* HttpSink.listen((request, response) => {
        response.writeHead(request.headers["sluice-attempt"] === "1" ? 503 : 200).end("ok")
      })
      const targets = { "order.created": { url: `http://127.0.0.1:${sink.port}/` } }
      const handlers = HttpHandler.make({ targets, networks: ["127.0.0.1"], backoff: 1 })
      class OrderCreated extends Task.make("order.created", {
        payload: { total: Schema.Number, lines: Schema.Array(Schema.String) },
        success: HttpHandler.Delivered
      }) {}
      const consumer = Consumer.layer({ tasks: handlers.tasks, queues: { default: { concurrency: 2 } } }).pipe(
        Layer.provide(handlers.layer),
        Layer.provideMerge(MemoryBroker.layer)
      )
      const answer = yield* Effect.provide(OrderCreated.run({ total: 1.5, lines: [] }, { id: "o-1" }), consumer)
      assert.deepStrictEqual(answer, { status: 200, body: "ok", truncated: false })
      assert.deepStrictEqual(sink.received.map(({ body, headers }) => [headers["webhook-id"], body]), [
        ["default/0:o-1", "{\"total\":1.5,\"lines\":[]}"],
        ["default/0:o-1", "{\"total\":1.5,\"lines\":[]}"]
      ])
    }))
})

describe("the options", () => {
  it.each([
    [{ allow: ["https://"] }, /allow/],
    [{ allow: ["https://a.example/path"] }, /allow/],
    [{ allow: ["ftp://a.example"] }, /allow/],
    [{ allow: ["*.*.example"] }, /allow/],
    [{ networks: ["10.0.0.0/40"] }, /networks/],
    [{ success: "2xx" }, /success/],
    [{ discard: "299-200" }, /discard/],
    [{ timeout: 0 }, /timeout/],
    [{ redirects: 11 }, /redirects/],
    [{ maxResponseBytes: -1 }, /maxResponseBytes/],
    [{ targets: { a: { url: "a.example" } } }, /url of target "a"/],
    [{ targets: { a: { url: "https://u:p@a.example" } } }, /url of target "a"/],
    [{ targets: { a: { url: "https://a.example", method: "post" } } }, /method of target "a"/],
    [{ targets: { a: { url: "https://a.example", success: "x" } } }, /success of target "a"/],
    [{ targets: { "a b": { url: "https://a.example" } } }, /no task name/]
  ] as ReadonlyArray<[HttpHandler.Options, RegExp]>)(
    "that are out of range are refused by name: %j",
    (options, expected) => {
      assert.throws(() => HttpHandler.make(options), expected)
    }
  )

  it("name the tasks: none without targets and allowed hosts", () => {
    const names = (options: HttpHandler.Options) => HttpHandler.make(options).tasks.map(({ _tag }) => _tag)
    assert.deepStrictEqual(names({}), [])
    assert.deepStrictEqual(names({ allow: ["a.example"], task: "webhook" }), ["webhook"])
    assert.deepStrictEqual(names({ targets: { a: { url: "https://a.example" } } }), ["a"])
  })
})
