/**
 * What anybody can send to a running producer: every answer is a problem with a request's id, says nothing of the inside,
 * and the producer goes on as before. One process for all.
 */
import { gzipSync } from "node:zlib"
import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import { uniquePrefix } from "../support/uniquePrefix.ts"
import { head, open, post, type RawAnswer, readAnswer, readAnswers } from "./support/Connection.ts"
import { type ProducerProcess, startProducer } from "./support/ProducerProcess.ts"

let producer: ProducerProcess

beforeAll(async () => {
  producer = await startProducer({
    SLUICE_REDIS_URL: inject("redisUrl"),
    SLUICE_PREFIX: uniquePrefix("strangers"),
    SLUICE_LOG_LEVEL: "debug",
    SLUICE_HEADERS_TIMEOUT: "1s",
    SLUICE_REQUEST_TIMEOUT: "1s",
    SLUICE_MAX_BODY: "1 MiB"
  })
}, 60_000)

afterAll(async () => {
  producer.signal("SIGKILL")
  await producer.ended
})

const jobs = "/v1/queues/mail/jobs"
const job = `{"task":"Send","payload":1}`

/** Sends bytes, and reads until the producer closes the connection. */
const exchange = async (...parts: ReadonlyArray<string | Uint8Array>): Promise<ReadonlyArray<RawAnswer>> => {
  const { closed, socket } = await open(producer.url)
  for (const part of parts) socket.write(part)
  return readAnswers(await closed)
}

/** The log line of a request. */
const loggedLines = (id: string | undefined) =>
  producer.output().split("\n").filter((line) => line.includes(`"requestId":"${id}"`))

const inside = /\bat [\w.]+ \(|node_modules|file:\/\/|\/packages\/|\.ts:\d|127\.0\.0\.1|ioredis|redis:\/\//

/** It is a problem of this kind, as every problem has to be. */
const assertProblem = (answer: RawAnswer | undefined, status: number, kind: string) => {
  assert.isDefined(answer)
  assert.strictEqual(answer.status, status, answer.body)
  assert.include(answer.headers["content-type"], "application/problem+json")
  const problem = JSON.parse(answer.body) as { readonly type: string; readonly status: number; readonly title: string }
  assert.strictEqual(problem.type, `urn:sluice:problem:${kind}`)
  assert.strictEqual(problem.status, status)
  assert.isNotEmpty(problem.title)
  assert.notMatch(answer.body, inside)
  assert.match(answer.headers["x-request-id"] ?? "", /^[\w.:/+=-]{1,128}$/)
  assert.strictEqual(answer.headers["cache-control"], "no-store")
  assert.strictEqual(answer.headers["x-content-type-options"], "nosniff")
  assert.isAtLeast(loggedLines(answer.headers["x-request-id"]).length, 1, "it is in the log")
}

const enqueued = async (queue = "mail") => {
  const answer = await fetch(`${producer.url}/v1/queues/${queue}`)
  return (await answer.json() as { readonly totals: { readonly enqueued: number } }).totals.enqueued
}

const close = "connection: close"
const json = "content-type: application/json"
const chunked = "transfer-encoding: chunked"

describe("what is no request of HTTP/1.1", () => {
  it.for(
    [
      ["garbage", "hello\r\n\r\n", 400, "invalid-request"],
      ["the beginning of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "invalid-request"],
      ["the beginning of TLS", Buffer.from("16030100a5010000a1030300", "hex"), 400, "invalid-request"],
      ["a path of raw bytes", Buffer.from("GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n", "latin1"), 400, "invalid-request"],
      ["no host", `GET /livez HTTP/1.1\r\n${close}\r\n\r\n`, 400, "invalid-request"],
      ["two lengths", head(`POST ${jobs}`, "content-length: 3", "content-length: 4"), 400, "invalid-request"],
      ["a length and chunks", head(`POST ${jobs}`, "content-length: 3", chunked), 400, "invalid-request"],
      ["a negative length", head(`POST ${jobs}`, "content-length: -1"), 400, "invalid-request"],
      ["a length beyond numbers", head(`POST ${jobs}`, `content-length: ${"9".repeat(30)}`), 400, "invalid-request"],
      ["chunks that are none", `${head(`POST ${jobs}`, json, chunked)}zz\r\n`, 400, "invalid-request"],
      ["headers without an end", head("GET /livez", `x-long: ${"x".repeat(20_000)}`), 431, "headers-too-large"],
      ["a URL without an end", head(`GET /${"x".repeat(20_000)}`), 431, "headers-too-large"]
    ] as const
  )("is answered by a problem: %s", async ([, bytes, status, kind]) => {
    const answers = await exchange(bytes)
    assert.strictEqual(answers.length, 1)
    assertProblem(answers[0], status, kind)
  })

  it("is answered behind the whole requests before it, which count", async () => {
    const before = await enqueued("piped")
    const answers = await exchange(
      `${post("/v1/queues/piped/jobs", job)}${post("/v1/queues/piped/jobs", job)}this is no request\r\n\r\n`
    )
    assert.deepStrictEqual(answers.map(({ status }) => status), [201, 201, 400])
    assertProblem(answers[2], 400, "invalid-request")
    assert.strictEqual(await enqueued("piped"), before + 2)
  })

  it("of a body that is longer than it says, keeps the rest from becoming a job", async () => {
    const before = await enqueued()
    const answers = await exchange(`${head(`POST ${jobs}`, json, "content-length: 5")}${job}`)
    assert.deepStrictEqual(answers.map(({ status }) => status), [400, 400])
    assert.strictEqual(await enqueued(), before)
  })

  it("of a body that ends before its length, enqueues nothing", async () => {
    const before = await enqueued()
    const { closed, socket } = await open(producer.url)
    socket.end(`${head(`POST ${jobs}`, json, "content-length: 500")}${job}`)
    assertProblem(readAnswer(await closed), 400, "invalid-request")
    assert.strictEqual(await enqueued(), before)
  })
})

describe("what comes slowly", () => {
  it.for(
    [
      ["headers", `GET /livez HTTP/1.1\r\nhost: x\r\n`],
      ["a body that trickles", `${head(`POST ${jobs}`, json, "content-length: 100", "x-request-id: slow-1")}{"task"`],
      ["chunks that stop", `${head(`POST ${jobs}`, json, chunked)}3\r\n{"t\r\n`]
    ] as const
  )("is told 408: %s", async ([, bytes]) => {
    const [answer, ...more] = await exchange(bytes)
    assertProblem(answer, 408, "request-timeout")
    assert.deepStrictEqual(more, [])
    if (bytes.includes("slow-1")) assert.strictEqual(answer?.headers["x-request-id"], "slow-1")
  })

  it("holds nobody else up", async () => {
    const slow = await Promise.all(Array.from({ length: 100 }, () => open(producer.url)))
    slow.forEach(({ socket }) => socket.write(`${head(`POST ${jobs}`, json, "content-length: 100")}{`))
    assert.strictEqual((await fetch(`${producer.url}/livez`)).status, 200)
    const answers = await Promise.all(slow.map(({ closed }) => closed))
    assert.isTrue(answers.every((answer) => answer.startsWith("HTTP/1.1 408 ")))
  })
})

describe("a path or a method that is not there", () => {
  it.for(
    [
      ["GET /nothing", 404, "route-not-found"],
      ["GET *", 404, "route-not-found"],
      ["GET /v1/queues/%zz", 404, "route-not-found"],
      ["GET /v1/queues/%ff", 404, "route-not-found"],
      ["TRACE /livez", 405, "method-not-allowed"],
      ["OPTIONS /v1/queues", 405, "method-not-allowed"],
      ["OPTIONS *", 404, "route-not-found"],
      ["PUT /v1/queues/mail/jobs", 405, "method-not-allowed"],
      ["PROPFIND /v1/queues", 405, "method-not-allowed"]
    ] as const
  )("is answered by a problem: %s", async ([line, status, kind]) => {
    const [answer] = await exchange(head(line, close))
    assertProblem(answer, status, kind)
    assert.strictEqual(status === 405, answer?.headers["allow"] !== undefined)
  })
})

it("that is very long is not repeated in the answer", async () => {
  const [answer] = await exchange(head(`GET /v1/queues/${"q".repeat(9000)}`, close))
  assertProblem(answer, 404, "route-not-found")
  assert.isBelow(answer?.body.length ?? 0, 1000)
})

describe("a body that is none", () => {
  it.for(
    [
      ["another content type", ["content-type: text/plain"], job, 415, "unsupported-media-type"],
      ["an empty content type", ["content-type:"], job, 415, "unsupported-media-type"],
      ["compressed", [json, "content-encoding: gzip"], gzipSync(job), 415, "unsupported-media-type"],
      ["no UTF-8", [json], Buffer.from(`{"task":"Send","payload":"\xff"}`, "latin1"), 400, "invalid-request"],
      ["empty", [json], "", 400, "invalid-request"],
      ["cut off", [json], `{"task":"Send","payload":`, 400, "invalid-request"],
      ["not quite JSON", [json], `{'task':'Send','payload':1}`, 400, "invalid-request"],
      ["a number", [json], "7", 400, "invalid-request"],
      ["longer than the limit", [json], `{"task":"Send","payload":"${"x".repeat(2_000_000)}"}`, 413, "body-too-large"],
      [
        "a payload beyond its limit",
        [json],
        `{"task":"Send","payload":"${"x".repeat(300_000)}"}`,
        413,
        "payload-too-large"
      ],
      ["more jobs than the limit", [json], `[${`${job},`.repeat(1000)}${job}]`, 413, "too-many-jobs"]
    ] as const
  )("is answered by a problem, and enqueues nothing: %s", async ([, headers, body, status, kind]) => {
    const before = await enqueued()
    const length = `content-length: ${Buffer.byteLength(body)}`
    const [answer] = await exchange(head(`POST ${jobs}`, close, length, ...headers), body)
    assertProblem(answer, status, kind)
    assert.strictEqual(await enqueued(), before)
  })

  it("is 413 without a length, too, as soon as it is too long", async () => {
    const { closed, socket } = await open(producer.url)
    socket.write(head(`POST ${jobs}`, json, chunked))
    const part = `${(65_536).toString(16)}\r\n${"x".repeat(65_536)}\r\n`
    for (let sent = 0; sent < 2_000_000; sent += 65_536) socket.write(part)
    const answer = readAnswer(await closed)
    assertProblem(answer, 413, "body-too-large")
    assert.strictEqual(answer.rest, "")
  })

  it("of a hundred thousand unknown fields is refused at once, and shortly", async () => {
    const fields = Array.from({ length: 80_000 }, (_, index) => `"k${index}":1`).join(",")
    const [answer] = await exchange(post(jobs, `{"task":"Send","payload":1,${fields}}`, close))
    assertProblem(answer, 400, "invalid-request")
    assert.isBelow(answer?.body.length ?? 0, 1000)
  })

  it("does not fit in any field is told with all of its places", async () => {
    const wrong = { task: 7, version: "1", id: "a b", delay: {}, priority: 1.5, attempts: 0, maxAge: -1, key: "", x: 1 }
    const [answer] = await exchange(post(jobs, JSON.stringify(wrong), close))
    assertProblem(answer, 400, "invalid-request")
    const { errors } = JSON.parse(answer?.body ?? "") as {
      readonly errors: ReadonlyArray<{ readonly path: ReadonlyArray<string> }>
    }
    const places = new Set(errors.map(({ path }) => path.join(".")))
    for (const name of [...Object.keys(wrong), "payload"]) assert.isTrue(places.has(`payload.${name}`), name)
  })
})

describe("what is odd, and yet good", () => {
  it.for(
    [
      ["HTTP/1.0", "GET /livez HTTP/1.0\r\n\r\n", 200],
      ["HEAD", head("HEAD /v1/queues/mail", close), 200],
      ["HEAD of a stream", head("HEAD /v1/queues/mail/events", close), 200],
      ["a URL with its host", head("GET http://elsewhere.example/livez", close), 200],
      ["an expectation that is not known", post(jobs, job, close, "expect: miracles"), 201],
      ["an encoding that is none", post(jobs, job, close, "content-encoding: identity"), 201],
      ["a byte order mark", post(jobs, `\ufeff${job}`, close), 201],
      ["nesting", post(jobs, `{"task":"Send","payload":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, close), 201],
      [
        "members of one name, of which the last counts",
        post(jobs, `{"task":"!","payload":0,${job.slice(1)}`, close),
        201
      ],
      ["names of JavaScript's own", post(jobs, `{"task":"__proto__","payload":{"__proto__":{"x":1}}}`, close), 201]
    ] as const
  )("is taken: %s", async ([, bytes, status]) => {
    const answers = await exchange(bytes)
    assert.deepStrictEqual(answers.map((answer) => answer.status), [status])
    assert.match(answers[0]?.headers["x-request-id"] ?? "", /./)
    if (bytes.startsWith("HEAD")) assert.strictEqual(answers[0]?.body, "")
  })

  it("is answered in its order when it comes all at once", async () => {
    const answers = await exchange(
      head("GET /livez", "x-request-id: a") + post(jobs, job, "x-request-id: b") +
        head("GET /nothing", "x-request-id: c") + head("GET /v1/queues/mail", "x-request-id: d", close)
    )
    assert.deepStrictEqual(answers.map(({ headers, status }) => [headers["x-request-id"], status]), [
      ["a", 200],
      ["b", 201],
      ["c", 404],
      ["d", 200]
    ])
  })
})

it("gives web pages of others no permission", async () => {
  const answer = await fetch(`${producer.url}/livez`, { headers: { origin: "https://page.example" } })
  assert.isNull(answer.headers.get("access-control-allow-origin"))
})

it("logs no error for any of it, and lives", async () => {
  assert.deepStrictEqual(producer.output().split("\n").filter((line) => /"level":"(error|fatal)"/.test(line)), [])
  assert.strictEqual((await fetch(`${producer.url}/readyz`)).status, 200)
})
