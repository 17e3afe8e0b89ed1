import { assert, describe, it } from "@effect/vitest"
import { Broker, Inspector, JobQueue, MemoryBroker } from "@sluice/core"
import { BrokerError, BrokerUnavailable } from "@sluice/core/BrokerError"
import { Effect, Layer } from "effect"
import { call, claim, sendLines, withProducer } from "./support/TestProducer.ts"

const jobs = "/v1/queues/mail/jobs"

describe("one job", () => {
  it(
    "is created once, and existing from then on",
    withProducer({}, async (producer) => {
      const first = await call(producer, "POST", jobs, { task: "Send", payload: 1, id: "welcome/ada" })
      assert.strictEqual(first.status, 201)
      assert.deepStrictEqual<unknown>(first.json, { queue: "mail", id: "0:welcome/ada", answer: "created" })
      assert.strictEqual(first.headers.get("location"), "/v1/queues/mail/jobs/0%3Awelcome%2Fada")
      const again = await call(producer, "POST", jobs, { task: "Send", payload: 2, id: "welcome/ada" })
      assert.strictEqual(again.status, 200)
      assert.strictEqual(again.json.answer, "existing")
      const found = await call(producer, "GET", first.headers.get("location") ?? "")
      assert.strictEqual(found.json.payload, 1)
    })
  )

  it.each([
    `{"n":1e400,"big":12345678901234567890,"zero":-0.0,"exact":1.10}`,
    `{ "spaces" : [ 1 ,  2 ] }`,
    `"\\ud800 \\u0000 😀"`,
    `[[],{},""]`,
    `null`
  ])("arrives with its payload exactly as it was sent: %s", (payload) =>
    withProducer({}, async (producer) => {
      const one = await call(producer, "POST", jobs, `{"payload":${payload},"task":"Send","id":"one"}`)
      assert.strictEqual(one.status, 201)
      const many = await call(producer, "POST", jobs, `[{"task":"Send","id":"many","payload":${payload} }]`)
      assert.strictEqual(many.json.results[0]?.status, 201)
      const lines = await sendLines(producer, "mail", `{"task":"Send","id":"line","payload":${payload}}`)
      assert.strictEqual(lines.lines[0]?.status, 201)
      const claimed = await claim(producer, "mail", 10)
      assert.deepStrictEqual(claimed.map(({ job }) => job.payload), [payload, payload, payload])
      const shown = await call(producer, "GET", `${jobs}/0%3Aone`)
      assert.include(shown.text, `"payload":${payload}`)
    })())

  it(
    "takes every option",
    withProducer({}, async (producer) => {
      const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      const body = {
        task: "a/b:c.D_1-2",
        payload: {},
        version: 3,
        id: "all",
        delay: "1.5 hours",
        priority: -100,
        attempts: 3,
        maxAge: "2 days",
        key: "tenant 1"
      }
      assert.strictEqual((await call(producer, "POST", jobs, body, { traceparent: trace })).status, 201)
      const { json } = await call(producer, "GET", `${jobs}/0%3Aall`)
      assert.strictEqual(json.state, "scheduled")
      assert.strictEqual(Date.parse(json.dueAt) - Date.parse(json.enqueuedAt), 5_400_000)
      assert.deepInclude(json, {
        task: "a/b:c.D_1-2",
        version: 3,
        priority: -100,
        attempts: 3,
        maxAgeMs: 172_800_000,
        key: "tenant 1",
        traceparent: trace
      })
    })
  )

  it(
    "is of version 1 when it names none, and leaves out a trace that is none",
    withProducer({}, async (producer) => {
      await call(producer, "POST", jobs, { task: "Send", payload: 1, id: "x" }, { traceparent: "nonsense" })
      const { json } = await call(producer, "GET", `${jobs}/0%3Ax`)
      assert.strictEqual(json.version, 1)
      assert.notProperty(json, "traceparent")
    })
  )

  it(
    "runs at a moment, given with an offset or as a number",
    withProducer({}, async (producer) => {
      await call(producer, "POST", jobs, { task: "Send", payload: 1, id: "text", at: "2100-01-31T10:00:00+01:00" })
      await call(producer, "POST", jobs, { task: "Send", payload: 1, id: "number", at: Date.UTC(2100, 0, 31, 9) })
      const { json } = await call(producer, "GET", `${jobs}?state=scheduled`)
      assert.deepStrictEqual(json.jobs.map((job) => job.dueAt), [
        "2100-01-31T09:00:00.000Z",
        "2100-01-31T09:00:00.000Z"
      ])
      const local = await call(producer, "POST", jobs, { task: "Send", payload: 1, at: "2100-01-31T10:00:00" })
      assert.deepStrictEqual(local.json.errors[0]?.path, ["payload", "at"])
    })
  )

  it(
    "takes its id from Idempotency-Key, bare or quoted, unless it names one",
    withProducer({}, async (producer) => {
      const body = { task: "Send", payload: 1 }
      const bare = await call(producer, "POST", jobs, body, { "idempotency-key": "order-1" })
      assert.strictEqual(bare.json.id, "0:order-1")
      const quoted = await call(producer, "POST", jobs, body, { "idempotency-key": "\"order-1\"" })
      assert.strictEqual(quoted.json.answer, "existing")
      const own = await call(producer, "POST", jobs, { ...body, id: "own" }, { "idempotency-key": "order-1" })
      assert.strictEqual(own.json.id, "0:own")
      const bad = await call(producer, "POST", jobs, body, { "idempotency-key": "a b" })
      assert.strictEqual(bad.status, 400)
      assert.deepStrictEqual(bad.json.errors[0]?.path, ["headers", "idempotency-key"])
    })
  )

  it.each([
    [{ task: "Send", payload: { a: 1, b: [1, 2] } }, 200],
    [`{ "payload": {"b":[ 1,2 ], "a":1.0}, "task": "Send", "delay": "1h" }`, 200],
    [{ task: "Send", payload: { a: 1, b: [2, 1] } }, 422],
    [{ task: "Send", payload: { a: 1, b: [1, 2] }, version: 2 }, 422],
    [{ task: "Other", payload: { a: 1, b: [1, 2] } }, 422],
    [{ task: "Other", payload: 7, id: "key" }, 200]
  ])(
    "under a used Idempotency-Key is the one that was there, or refused: %j",
    (body, status) =>
      withProducer({}, async (producer) => {
        const headers = { "idempotency-key": "key" }
        await call(producer, "POST", jobs, { task: "Send", payload: { a: 1, b: [1, 2] } }, headers)
        const before = await call(producer, "GET", `${jobs}/0%3Akey`)
        const answer = await call(producer, "POST", jobs, body, headers)
        assert.strictEqual(answer.status, status)
        assert.strictEqual(answer.json.id, "0:key")
        if (status === 422) assert.strictEqual(answer.json.type, "urn:sluice:problem:idempotency-key-reused")
        assert.deepStrictEqual((await call(producer, "GET", `${jobs}/0%3Akey`)).json, before.json)
        assert.strictEqual((await call(producer, "GET", "/v1/queues/mail")).json.totals.enqueued, 1)
      })()
  )

  it.each([
    [{ payload: 1 }, ["task"]],
    [{ task: "Send" }, ["payload"]],
    [{ task: "no spaces", payload: 1 }, ["task"]],
    [{ task: "Send", payload: 1, prio: 1 }, ["prio"]],
    [{ task: "Send", payload: 1, delay: -1 }, ["delay"]],
    [{ task: "Send", payload: 1, delay: "soon" }, ["delay"]],
    [{ task: "Send", payload: 1, delay: "2 years" }, ["delay"]],
    [{ task: "Send", payload: 1, delay: 1, at: 1 }, ["at"]],
    [{ task: "Send", payload: 1, at: "2030-02-31T00:00:00Z" }, ["at"]],
    [{ task: "Send", payload: 1, at: "2030-01-31T09:00:00" }, ["at"]],
    [{ task: "Send", payload: 1, priority: 101 }, ["priority"]],
    [{ task: "Send", payload: 1, priority: 0.5 }, ["priority"]],
    [{ task: "Send", payload: 1, attempts: 0 }, ["attempts"]],
    [{ task: "Send", payload: 1, version: "1" }, ["version"]],
    [{ task: "Send", payload: 1, id: "a b" }, ["id"]],
    [{ task: "Send", payload: 1, id: "x".repeat(257) }, ["id"]],
    [{ task: "Send", payload: 1, key: "" }, ["key"]],
    [7, []],
    [null, []]
  ])("is refused with the path of what is wrong: %j", (body, path) =>
    withProducer({}, async (producer) => {
      const answer = await call(producer, "POST", jobs, JSON.stringify(body))
      assert.strictEqual(answer.status, 400)
      assert.strictEqual(answer.headers.get("content-type"), "application/problem+json")
      assert.strictEqual(answer.json.type, "urn:sluice:problem:invalid-request")
      assert.deepStrictEqual(answer.json.errors.map((one) => one.path), [["payload", ...path]])
      assert.strictEqual((await call(producer, "GET", "/v1/queues/mail")).json.totals.enqueued, 0)
    })())

  it(
    "is refused when its payload is too large, or the queue is full",
    withProducer({
      producer: { maxPayloadBytes: 100, maxJobs: 1 }
    }, async (producer) => {
      const large = await call(producer, "POST", jobs, { task: "Send", payload: "ä".repeat(50) })
      assert.strictEqual(large.status, 413)
      assert.deepInclude(large.json, { type: "urn:sluice:problem:payload-too-large", bytes: 102, limit: 100 })
      assert.strictEqual((await call(producer, "POST", jobs, { task: "Send", payload: 1 })).status, 201)
      const full = await call(producer, "POST", jobs, { task: "Send", payload: 1 })
      assert.strictEqual(full.status, 429)
      assert.strictEqual(full.json.type, "urn:sluice:problem:queue-full")
      assert.strictEqual(full.headers.get("retry-after"), "1")
    })
  )
})

describe("an array of jobs", () => {
  it(
    "answers each in its place; a refused one does not stop the others",
    withProducer({}, async (producer) => {
      const answer = await call(producer, "POST", jobs, [
        { task: "Send", payload: 1 },
        { task: "Send", payload: 1, delay: "never" },
        7,
        { task: "Send", payload: 2, id: "own" },
        { task: "Send", payload: 3, id: "own" },
        { task: "Send", payload: "x".repeat(300_000) }
      ], { "idempotency-key": "batch" })
      assert.strictEqual(answer.status, 207)
      const { results } = answer.json
      assert.deepStrictEqual(results.map((one) => one.index), [0, 1, 2, 3, 4, 5])
      assert.deepStrictEqual(results.map((one) => one.status), [201, 400, 400, 201, 200, 413])
      assert.deepStrictEqual([results[0]?.id, results[3]?.id, results[4]?.id], ["0:batch/0", "0:own", "0:own"])
      assert.deepStrictEqual(results[1]?.problem.errors[0]?.path, ["payload", "delay"])
      const again = await call(producer, "POST", jobs, [{ task: "Send", payload: 1 }], { "idempotency-key": "batch" })
      assert.deepStrictEqual<unknown>(again.json.results[0], {
        index: 0,
        status: 200,
        id: "0:batch/0",
        answer: "existing"
      })
    })
  )

  it(
    "under a used Idempotency-Key is the one that was there; a job of it that is another is refused alone",
    withProducer({}, async (producer) => {
      const headers = { "idempotency-key": "import" }
      const job = (payload: number) => ({ task: "Send", payload })
      await call(producer, "POST", jobs, [job(1), job(2)], headers)
      const again = await call(producer, "POST", jobs, [job(1), job(9), job(3), { ...job(9), id: "import/0" }], headers)
      assert.deepStrictEqual(again.json.results.map((one) => one.status), [200, 422, 201, 200])
      // a line more at the beginning: the jobs behind it would have been taken for others
      const shifted = await sendLines(
        producer,
        "mail",
        [0, 1, 2].map((one) => JSON.stringify(job(one))).join("\n"),
        headers
      )
      assert.deepStrictEqual(shifted.lines.map((one) => one.status), [422, 422, 422])
      assert.strictEqual(shifted.lines[0]?.problem.type, "urn:sluice:problem:idempotency-key-reused")
      assert.strictEqual((await call(producer, "GET", "/v1/queues/mail")).json.totals.enqueued, 3)
    })
  )

  it(
    "may be empty, and may not have more jobs than the producer takes",
    withProducer({
      producer: { maxBatch: 2 }
    }, async (producer) => {
      assert.deepStrictEqual((await call(producer, "POST", jobs, [])).json.results, [])
      const three = await call(producer, "POST", jobs, [1, 2, 3])
      assert.strictEqual(three.status, 413)
      assert.strictEqual(three.json.type, "urn:sluice:problem:too-many-jobs")
    })
  )
})

describe("lines", () => {
  it(
    "answers 10,000 lines in their order, the bad ones with a problem of their own",
    withProducer({}, async (producer) => {
      const bad = new Set([1, 500, 501, 777, 5000, 10_000])
      const text = Array.from(
        { length: 10_000 },
        (_, index) => bad.has(index + 1) ? `{"task":"Send","payload":${index}` : `{"task":"Send","payload":${index}}`
      ).join("\n")
      const { lines, status } = await sendLines(producer, "mail", text)
      assert.strictEqual(status, 207)
      assert.deepStrictEqual(
        lines.map((one) => one.line),
        Array.from({ length: 10_000 }, (_, index) => index + 1)
      )
      assert.deepStrictEqual(lines.filter((one) => one.status !== 201).map((one) => one.line), [...bad])
      const { json } = await call(producer, "GET", "/v1/queues/mail")
      assert.strictEqual(json.states.available, 10_000 - bad.size)
    }),
    30_000
  )

  it(
    "counts blank lines, and gives ids by the line",
    withProducer({}, async (producer) => {
      const job = `{"task":"Send","payload":1}`
      const { lines } = await sendLines(producer, "mail", `${job}\n\n \r\n${job}\r\n`, { "idempotency-key": "file" })
      assert.deepStrictEqual(lines.map((one) => [one.line, one.id]), [[1, "0:file/0"], [4, "0:file/3"]])
    })
  )

  it(
    "refuses one line that is too long, and takes the next",
    withProducer({
      producer: { maxPayloadBytes: 1000 }
    }, async (producer) => {
      const job = (payload: string) => `{"task":"Send","payload":"${payload}"}`
      const { lines } = await sendLines(producer, "mail", [job("a"), job("b".repeat(40_000)), job("c")].join("\n"))
      assert.deepStrictEqual(lines.map((one) => [one.line, one.status]), [[1, 201], [2, 413], [3, 201]])
      assert.strictEqual(lines[1]?.problem.type, "urn:sluice:problem:body-too-large")
    })
  )

  it(
    "stops at the limit of the whole body, and says where",
    withProducer({
      producer: { maxStreamBytes: 200_000 }
    }, async (producer) => {
      const text = Array.from({ length: 10_000 }, () => `{"task":"Send","payload":"${"x".repeat(60)}"}`).join("\n")
      const { lines } = await sendLines(producer, "mail", text)
      const last = lines.at(-1)
      assert.isTrue(last?.aborted)
      assert.strictEqual(last?.status, 413)
      assert.strictEqual(last?.line, lines.length)
      const { json } = await call(producer, "GET", "/v1/queues/mail")
      assert.strictEqual(json.states.available, lines.length - 1)
    })
  )

  const failingAfter = (calls: number) =>
    Layer.effect(
      Broker,
      Effect.map(Broker, (broker) => {
        let left = calls
        return Broker.of({
          ...broker,
          enqueue: (queue, items) =>
            left-- > 0
              ? broker.enqueue(queue, items)
              : Effect.fail(
                new BrokerError({
                  reason: new BrokerUnavailable({ operation: "enqueue", detail: "10.0.0.7:6379 away" })
                })
              )
        })
      })
    ).pipe(Layer.provideMerge(MemoryBroker.layer))

  it(
    "tells which lines failed when the broker goes away, and from where on nothing was read",
    withProducer({
      broker: failingAfter(1)
    }, async (producer) => {
      const text = Array.from({ length: 5000 }, () => `{"task":"Send","payload":1}`).join("\n")
      const { lines, text: raw } = await sendLines(producer, "mail", text)
      assert.isTrue(lines.slice(0, 500).every((one) => one.status === 201))
      assert.isTrue(lines.slice(500, -1).every((one) => one.status === 503))
      assert.deepInclude(lines.at(-1), { line: lines.length, status: 503, aborted: true })
      assert.isBelow(lines.length, 5000)
      assert.notInclude(raw, "10.0.0.7")
    })
  )

  it(
    "answers 503 to one job without telling where the broker is, and logs it",
    withProducer({
      broker: failingAfter(0)
    }, async (producer) => {
      const answer = await call(producer, "POST", jobs, { task: "Send", payload: 1 }, { "x-request-id": "r-1" })
      assert.strictEqual(answer.status, 503)
      assert.strictEqual(answer.json.type, "urn:sluice:problem:broker-unavailable")
      assert.notInclude(answer.text, "10.0.0.7")
      const log = producer.logs.find((line) => line.includes("10.0.0.7")) ?? ""
      assert.include(log, `"requestId":"r-1"`)
    })
  )

  it("holds a fast client back while the broker works", async () => {
    let open = () => {}
    const gate = new Promise<void>((resolve) => open = resolve)
    let most = 0
    let calls = 0
    const slow = Layer.effect(
      Broker,
      Effect.map(Broker, (broker) =>
        Broker.of({
          ...broker,
          enqueue: (queue, items) => {
            calls++
            most = Math.max(most, items.length)
            return Effect.andThen(Effect.promise(() => gate), broker.enqueue(queue, items))
          }
        }))
    ).pipe(Layer.provideMerge(MemoryBroker.layer))
    await withProducer({ broker: slow }, async (producer) => {
      let sent = 0
      const line = new TextEncoder().encode(`{"task":"Send","payload":"${"x".repeat(10_000)}"}\n`)
      const total = 4000
      let isIdle = () => {}
      const idle = new Promise<void>((resolve) => isIdle = resolve)
      let timer = setTimeout(() => {}, 0)
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          clearTimeout(timer)
          // nothing tells that a connection is full but that nobody asks for more
          timer = setTimeout(isIdle, 500)
          if (sent++ < total) controller.enqueue(line)
          else controller.close()
        }
      })
      const answer = fetch(`${producer.url}${jobs}`, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson" },
        body,
        duplex: "half"
      })
      await idle
      assert.strictEqual(calls, 1)
      assert.isBelow(sent, total)
      open()
      const text = await (await answer).text()
      assert.strictEqual(text.trim().split("\n").length, total)
      assert.isAtMost(most, 500)
    })()
  }, 30_000)
})

it(
  "leaves jobs to the consumers of other queues alone",
  withProducer({}, async (producer) => {
    await call(producer, "POST", "/v1/queues/a%2Fb/jobs", { task: "Send", payload: 1 })
    const stats = await producer.run(Inspector.use((inspector) => inspector.stats(JobQueue.make("a/b"))))
    assert.strictEqual(stats.states.available, 1)
    assert.deepStrictEqual((await call(producer, "GET", "/v1/queues")).json.queues.map((one) => one.queue), ["a/b"])
  })
)
