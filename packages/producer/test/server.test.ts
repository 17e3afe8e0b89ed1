import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { request } from "node:https"
import { connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { call, startProducer, type TestProducer, withProducer } from "./support/TestProducer.ts"

/** A connection of its own, and everything that comes back on it until it is closed. */
const open = async (producer: TestProducer) => {
  const socket: Socket = connect(producer.port, "127.0.0.1")
  let received = ""
  socket.setEncoding("utf8").on("data", (text: string) => received += text).on("error", () => {})
  const closed = once(socket, "close").then(() => received)
  await once(socket, "connect")
  return { socket, closed }
}

const head = (text: string) => `${text.replaceAll("\n", "\r\n")}\r\n\r\n`

describe("slow clients", () => {
  it(
    "are told 408 when their headers take too long",
    withProducer({
      server: { headersTimeoutMs: 300 }
    }, async (producer) => {
      const { closed, socket } = await open(producer)
      socket.write("GET /livez HTTP/1.1\r\nhost: x\r\n")
      const answer = await closed
      assert.match(answer, /^HTTP\/1.1 408 /)
      assert.include(answer, "application/problem+json")
      assert.include(answer, "urn:sluice:problem:request-timeout")
    })
  )

  it(
    "are told 408 when their body takes too long, and enqueue nothing",
    withProducer({
      server: { headersTimeoutMs: 300, requestTimeoutMs: 300 }
    }, async (producer) => {
      const { closed, socket } = await open(producer)
      socket.write(
        head("POST /v1/queues/a/jobs HTTP/1.1\nhost: x\ncontent-type: application/json\ncontent-length: 100")
      )
      socket.write(`{"task":"Send",`)
      assert.match(await closed, /^HTTP\/1.1 408 /)
      assert.strictEqual((await call(producer, "GET", "/v1/queues/a")).json.totals["enqueued"], 0)
    })
  )

  it(
    "are cut off in the middle of lines, whose answers they have",
    withProducer({
      server: { headersTimeoutMs: 300, requestTimeoutMs: 600 }
    }, async (producer) => {
      const { closed, socket } = await open(producer)
      socket.write(
        head("POST /v1/queues/a/jobs HTTP/1.1\nhost: x\ncontent-type: application/x-ndjson\ncontent-length: 1000")
      )
      socket.write(`{"task":"Send","payload":1}\n{"task"`)
      const answer = await closed
      assert.match(answer, /^HTTP\/1.1 207 /)
      assert.include(answer, `"line":1,"status":201`)
      assert.notInclude(answer, "HTTP/1.1 408")
      assert.strictEqual((await call(producer, "GET", "/v1/queues/a")).json.totals["enqueued"], 1)
    })
  )

  it(
    "lose their connection when they are silent while they wait",
    withProducer({
      server: { idleTimeoutMs: 200 }
    }, async (producer) => {
      await call(producer, "POST", "/v1/queues/a/jobs", { task: "Send", payload: 1, id: "x" })
      const { closed, socket } = await open(producer)
      socket.write(head("GET /v1/queues/a/jobs/0%3Ax/result?wait=60s HTTP/1.1\nhost: x"))
      assert.strictEqual(await closed, "")
    })
  )

  it("do not keep the producer from stopping", async () => {
    const producer = await startProducer({ server: { shutdownTimeoutMs: 200 } })
    const connections = await Promise.all(Array.from({ length: 20 }, () => open(producer)))
    connections.forEach(({ socket }, index) => {
      if (index % 3 === 0) socket.write("GET /livez HT")
      if (index % 3 === 1) {
        socket.write(
          head("POST /v1/queues/a/jobs HTTP/1.1\nhost: x\ncontent-type: application/json\ncontent-length: 100")
        )
      }
    })
    await call(producer, "GET", "/livez")
    const start = performance.now()
    await producer.stop()
    assert.isBelow(performance.now() - start, 5000)
    await Promise.all(connections.map(({ closed }) => closed))
  })
})

describe("stopping", () => {
  it("closes a kept connection as soon as its last answer is out", async () => {
    const producer = await startProducer({ server: { shutdownTimeoutMs: 60_000, keepAliveTimeoutMs: 60_000 } })
    await call(producer, "POST", "/v1/queues/a/jobs", { task: "Send", payload: 1, id: "x" })
    const idle = await open(producer)
    idle.socket.write(head("GET /livez HTTP/1.1\nhost: x"))
    await once(idle.socket, "data")
    const waiting = await open(producer)
    waiting.socket.write(head("GET /v1/queues/a/jobs/0%3Ax/result?wait=50s HTTP/1.1\nhost: x"))
    const streaming = await open(producer)
    const lines = "content-type: application/x-ndjson\ntransfer-encoding: chunked"
    streaming.socket.write(head(`POST /v1/queues/a/jobs HTTP/1.1\nhost: x\n${lines}`))
    const line = `{"task":"Send","payload":1}\n`
    streaming.socket.write(`${line.length.toString(16)}\r\n${line}\r\n`)
    await once(streaming.socket, "data")
    const start = performance.now()
    const stopped = producer.stop()
    streaming.socket.write("0\r\n\r\n")
    await stopped
    assert.isBelow(performance.now() - start, 5000)
    assert.match(await idle.closed, /^HTTP\/1.1 200 /)
    assert.match(await waiting.closed, /^HTTP\/1.1 202 /)
    assert.include(await streaming.closed, `"line":1,"status":201`)
  }, 90_000)
})

describe("clients that speak no HTTP", () => {
  it(
    "are told 400",
    withProducer({}, async (producer) => {
      const { closed, socket } = await open(producer)
      socket.write("hello\r\n\r\n")
      const answer = await closed
      assert.match(answer, /^HTTP\/1.1 400 /)
      assert.include(answer, "urn:sluice:problem:invalid-request")
    })
  )

  it(
    "are told 431 when their headers are too long",
    withProducer({
      server: { maxHeaderBytes: 2048 }
    }, async (producer) => {
      const { closed, socket } = await open(producer)
      socket.write(head(`GET /livez HTTP/1.1\nhost: x\nx-long: ${"x".repeat(4000)}`))
      const answer = await closed
      assert.match(answer, /^HTTP\/1.1 431 /)
      assert.include(answer, "urn:sluice:problem:headers-too-large")
    })
  )
})

it(
  "takes no more connections than it may",
  withProducer({ server: { maxConnections: 2 } }, async (producer) => {
    const [first, second] = [await open(producer), await open(producer)]
    const third = await open(producer)
    assert.strictEqual(await third.closed, "")
    first.socket.write(head("GET /livez HTTP/1.1\nhost: x\nconnection: close"))
    assert.match(await first.closed, /^HTTP\/1.1 200 /)
    second.socket.destroy()
  })
)

it(
  "refuses a huge body by its length, before it is sent",
  withProducer({}, async (producer) => {
    const { closed, socket } = await open(producer)
    socket.write(head(
      "POST /v1/queues/a/jobs HTTP/1.1\nhost: x\nexpect: 100-continue\ncontent-type: application/json\ncontent-length: 1000000000000"
    ))
    const answer = await closed
    assert.match(answer, /^HTTP\/1.1 413 /)
    assert.notInclude(answer, "100 Continue")
  })
)

it(
  "answers 1000 requests at once, each with its own",
  withProducer({}, async (producer) => {
    const answers = await Promise.all(
      Array.from(
        { length: 1000 },
        (_, index) =>
          call(producer, "POST", "/v1/queues/a/jobs", { task: "Send", payload: index, id: `job-${index}` }, {
            "x-request-id": `request-${index}`
          })
      )
    )
    answers.forEach((answer, index) => {
      assert.strictEqual(answer.status, 201)
      assert.strictEqual(answer.json.id, `0:job-${index}`)
      assert.strictEqual(answer.headers.get("x-request-id"), `request-${index}`)
    })
    assert.strictEqual((await call(producer, "GET", "/v1/queues/a")).json.states["available"], 1000)
  }),
  30_000
)

it(
  "goes on when a client hangs up in the middle of everything",
  withProducer({}, async (producer) => {
    const bodies = [
      "POST /v1/queues/a/jobs HTTP/1.1\nhost: x\ncontent-type: application/json\ncontent-length: 100",
      "POST /v1/queues/a/jobs HTTP/1.1\nhost: x\ncontent-type: application/x-ndjson\ncontent-length: 100",
      "GET /v1/queues/a/jobs/0%3Ax/result?wait=30s HTTP/1.1\nhost: x"
    ]
    await call(producer, "POST", "/v1/queues/a/jobs", { task: "Send", payload: 1, id: "x" })
    for (const body of bodies) {
      const { closed, socket } = await open(producer)
      socket.write(head(body))
      await call(producer, "GET", "/livez")
      socket.destroy()
      await closed
    }
    assert.strictEqual((await call(producer, "GET", "/v1/queues/a")).status, 200)
    assert.deepStrictEqual(producer.logs.filter((line) => /"level":"(ERROR|FATAL)"/.test(line)), [])
  })
)

/** A certificate for this machine, made by openssl, which every system with a Redis has. */
const certificate = () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-tls-"))
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")]
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
  try {
    execFileSync("openssl", [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "1",
      "-keyout",
      key,
      "-out",
      cert,
      ...subject
    ], {
      stdio: "ignore"
    })
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

it("serves HTTPS with a certificate", async () => {
  const tls = certificate()
  await withProducer({ server: { tls } }, async (producer) => {
    const answer = await new Promise<string>((resolve, reject) => {
      request({ host: "127.0.0.1", port: producer.port, path: "/livez", ca: tls.cert }, (response) => {
        response.setEncoding("utf8").on("data", resolve)
      }).on("error", reject).end()
    })
    assert.strictEqual(answer, `{"status":"ok"}`)
  })()
})
