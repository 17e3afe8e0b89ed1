/**
 * Events over HTTP from a process on a real Redis: what happens to jobs, across restarts of the producer and of Redis, to
 * many clients, and to some that do not read.
 */
import { Redis } from "ioredis"
import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import { startRedisServer } from "../support/RedisServer.ts"
import { uniquePrefix } from "../support/uniquePrefix.ts"
import { type EventClient, follow } from "./support/EventClient.ts"
import { eventually, type ProducerProcess, startProducer, withProducer } from "./support/ProducerProcess.ts"

const environment = { SLUICE_REDIS_URL: inject("redisUrl"), SLUICE_PREFIX: uniquePrefix("events") }
let producer: ProducerProcess

beforeAll(async () => {
  producer = await startProducer(environment)
}, 60_000)

afterAll(async () => {
  producer.signal("SIGKILL")
  await producer.ended
})

const enqueue = async (queue: string, id: string, url = producer.url) => {
  const body = JSON.stringify({ task: "Send", payload: 1, id })
  const headers = { "content-type": "application/json" }
  const { status } = await fetch(`${url}/v1/queues/${queue}/jobs`, { method: "POST", headers, body })
  assert.strictEqual(status, 201)
}

/** Enqueues so many jobs by lines, whose ids are as long as they may be. */
const flood = async (queue: string, count: number) => {
  const headers = { "content-type": "application/x-ndjson", "idempotency-key": "k".repeat(240) }
  const body = Array.from({ length: count }, () => `{"task":"S","payload":1}`).join("\n")
  const answer = await fetch(`${producer.url}/v1/queues/${queue}/jobs`, { method: "POST", headers, body })
  assert.strictEqual((await answer.text()).trim().split("\n").length, count)
  return (index: number) => `0:${"k".repeat(240)}/${index}`
}

const jobsOf = (client: EventClient) => client.events().flatMap(({ event, job }) => event === "enqueued" ? [job] : [])
const gapsOf = (client: EventClient) => client.events().filter(({ event }) => event === "gap").length

describe("who follows a queue", () => {
  it("goes on behind the last event that was seen, when the producer was killed meanwhile", async () => {
    let last = ""
    await withProducer(environment, async (first) => {
      await enqueue("restart", "a", first.url)
      const client = await follow(first.url, "restart")
      await enqueue("restart", "b", first.url)
      last = (await client.until("enqueued", "0:b")).at(-1)?.id ?? ""
      first.signal("SIGKILL")
      await client.ended
    })
    await enqueue("restart", "c")
    const again = await follow(producer.url, "restart", last)
    await again.until("enqueued", "0:c")
    assert.deepStrictEqual(again.events().map(({ event, job }) => [event, job]), [
      ["listening", undefined],
      ["enqueued", "0:c"]
    ])
    await again.hangUp()
  }, 60_000)

  it("is told what others do through another producer", async () => {
    await withProducer(environment, async (other) => {
      await enqueue("shared", "a")
      const client = await follow(producer.url, "shared")
      await enqueue("shared", "b", other.url)
      await client.until("enqueued", "0:b")
      await fetch(`${other.url}/v1/queues/shared/jobs/0%3Ab`, { method: "DELETE" })
      const events = await client.until("removed", "0:b")
      assert.deepStrictEqual(events.map(({ event }) => event), ["listening", "enqueued", "removed"])
      await client.hangUp()
    })
  }, 60_000)

  it("may begin before the queue's first use", async () => {
    const response = await fetch(`${producer.url}/v1/queues/unborn/events`)
    assert.strictEqual(response.status, 200)
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    await enqueue("unborn", "a")
    let text = ""
    while (!text.includes("listening")) text += (await reader.read()).value ?? ""
    await enqueue("unborn", "b")
    while (!text.includes("0:b")) text += (await reader.read()).value ?? ""
    await reader.cancel()
  }, 20_000)
})

it("a client that does not read is told of a gap, and holds nobody else up", async () => {
  await enqueue("slow", "first")
  const fast = await follow(producer.url, "slow")
  const slow = await Promise.all(Array.from({ length: 3 }, () => follow(producer.url, "slow")))
  for (const client of slow) client.pause()
  // more than 10,000 events beyond what the connection itself holds: some 8 MB
  const count = 45_000
  const idOf = await flood("slow", count)
  await fast.until("enqueued", idOf(count - 1))
  assert.strictEqual(jobsOf(fast).length, count)
  assert.strictEqual(gapsOf(fast), 0)
  for (const client of slow) client.resume()
  for (const client of slow) {
    await client.until("enqueued", idOf(count - 1))
    assert.isBelow(jobsOf(client).length, count)
    assert.strictEqual(gapsOf(client), 1)
    // what came after the gap came without a further one, in order
    const behind = client.events().slice(client.events().findIndex(({ event }) => event === "gap") + 1)
    assert.strictEqual(behind.at(-1)?.job, idOf(count - 1))
    assert.strictEqual(behind[0]?.job, idOf(count - behind.length))
  }
  await Promise.all([fast, ...slow].map((client) => client.hangUp()))
}, 120_000)

it("two hundred clients of one queue each get everything, and leave nothing behind", async () => {
  const redis = new Redis(environment.SLUICE_REDIS_URL)
  const channels = () => redis.pubsub("CHANNELS", `${environment.SLUICE_PREFIX}:*many*`)
  try {
    await enqueue("many", "first")
    const clients = await Promise.all(Array.from({ length: 200 }, () => follow(producer.url, "many")))
    assert.strictEqual((await channels()).length, 1)
    for (let index = 0; index < 20; index++) await enqueue("many", `job-${index}`)
    const expected = Array.from({ length: 20 }, (_, index) => `0:job-${index}`)
    for (const client of clients) {
      await client.until("enqueued", "0:job-19")
      assert.deepStrictEqual(jobsOf(client), expected)
    }
    await Promise.all(clients.map((client) => client.hangUp()))
    // with its last reader, the producer stops listening for the queue
    assert.deepStrictEqual(await eventually(channels, (found) => found.length === 0), [])
  } finally {
    redis.disconnect()
  }
}, 60_000)

it("ends when the broker goes away, and a new one goes on when it is back", async () => {
  const redis = await startRedisServer({ appendonly: true })
  try {
    const own = await startProducer({ SLUICE_REDIS_URL: redis.url, SLUICE_REDIS_DEADLINE: "2 seconds" })
    try {
      await enqueue("q", "a", own.url)
      const client = await follow(own.url, "q")
      await enqueue("q", "b", own.url)
      const last = (await client.until("enqueued", "0:b")).at(-1)?.id
      await redis.kill()
      await client.ended
      await redis.restart()
      await eventually(() => fetch(`${own.url}/readyz`), ({ status }) => status === 200)
      await enqueue("q", "c", own.url)
      const again = await follow(own.url, "q", last)
      await again.until("enqueued", "0:c")
      assert.deepStrictEqual(jobsOf(again), ["0:c"])
      await again.hangUp()
    } finally {
      own.signal("SIGKILL")
      await own.ended
    }
  } finally {
    await redis.stop()
  }
}, 60_000)

it("ends when the producer stops, which does not wait for it", async () => {
  const own = await startProducer(environment)
  await enqueue("stopping", "a", own.url)
  const clients = await Promise.all(Array.from({ length: 20 }, () => follow(own.url, "stopping")))
  clients[0]?.pause()
  const start = performance.now()
  own.signal("SIGTERM")
  clients[0]?.resume()
  await Promise.all(clients.map(({ ended }) => ended))
  assert.strictEqual((await own.ended).code, 0)
  assert.isBelow(performance.now() - start, 10_000)
}, 60_000)
