/**
 * A thousand connections at once to a producer's process, each of another kind: all are answered, nothing is lost, and the
 * process stays small. And one key that asks too much.
 */
import { request } from "node:http"
import { assert, inject, it } from "vitest"
import { uniquePrefix } from "../support/uniquePrefix.ts"
import { follow } from "./support/EventClient.ts"
import { type ProducerProcess, withProducer } from "./support/ProducerProcess.ts"

const environment = (label: string) => ({ SLUICE_REDIS_URL: inject("redisUrl"), SLUICE_PREFIX: uniquePrefix(label) })

interface Answer {
  readonly status: number
  readonly text: string
}

/** One request on a connection of its own. */
const call = (producer: ProducerProcess, method: string, path: string, body?: string) =>
  new Promise<Answer>((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" }
    request(`${producer.url}${path}`, { method, headers, agent: false }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (part: string) => text += part)
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }))
    }).on("error", reject).end(body)
  })

/** A process that needs more memory than this ends, and with it each connection; how much it takes meanwhile is chance. */
const small = { NODE_OPTIONS: "--max-old-space-size=256" }

const enqueue = (producer: ProducerProcess, id: string, more = "") =>
  call(producer, "POST", "/v1/queues/crowd/jobs", `{"task":"Send","payload":{"of":"${id}"},"id":"${id}"${more}}`)

it("answers a thousand connections of all kinds at once, loses nothing, and stays small", async () => {
  await withProducer({ ...environment("crowd"), ...small }, async (producer) => {
    await enqueue(producer, "awaited", `,"delay":"1h"`)
    const streams = await Promise.all(Array.from({ length: 300 }, () => follow(producer.url, "crowd")))
    const waits = Array.from(
      { length: 300 },
      () => call(producer, "GET", "/v1/queues/crowd/jobs/0%3Aawaited/result?wait=50s")
    )
    const ids = Array.from({ length: 400 }, (_, index) => `job-${index}`)
    const singles = await Promise.all(ids.map((id) => enqueue(producer, id)))
    assert.deepStrictEqual(
      singles.map(({ status, text }) => [status, (JSON.parse(text) as { readonly id: string }).id]),
      ids.map((id) => [201, `0:${id}`])
    )
    const cancelled = await call(producer, "POST", "/v1/queues/crowd/jobs/0%3Aawaited/cancel")
    assert.strictEqual(cancelled.status, 200)
    for (const { status, text } of await Promise.all(waits)) {
      assert.strictEqual(status, 200)
      assert.include(text, `"state":"cancelled"`)
    }
    const expected = ids.map((id) => `0:${id}`).toSorted()
    for (const stream of streams) {
      const events = await stream.until("cancelled", "0:awaited")
      assert.deepStrictEqual(events.filter(({ event }) => event === "gap"), [])
      assert.deepStrictEqual(
        events.flatMap(({ event, job }) => event === "enqueued" ? [job ?? ""] : []).toSorted(),
        expected
      )
    }
    const { text } = await call(producer, "GET", "/v1/queues/crowd")
    const { states } = JSON.parse(text) as { readonly states: Readonly<Record<string, number>> }
    assert.strictEqual(states["available"], 400)
    await Promise.all(streams.map((stream) => stream.hangUp()))
    assert.deepStrictEqual(
      producer.output().split("\n").filter((line) => /"level":"(warn|error|fatal)"/.test(line)),
      []
    )
  })
}, 120_000)

it("tells a key that asks too much when to come back, and serves the others", async () => {
  const keys = "busy:read:busy-secret-0000001,busy:read:busy-secret-0000002,calm:read:calm-secret-0000001"
  const env = { ...environment("rate"), SLUICE_API_KEYS: keys, SLUICE_RATE_LIMIT: "1", SLUICE_RATE_BURST: "5" }
  await withProducer(env, async (producer) => {
    const ask = (secret: string) =>
      fetch(`${producer.url}/v1/queues`, { headers: { authorization: `Bearer ${secret}` } })
    // both keys of one name count together, as one is on its way out
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => ask(`busy-secret-000000${1 + index % 2}`))
    )
    const limited = answers.filter(({ status }) => status === 429)
    assert.strictEqual(answers.filter(({ status }) => status === 200).length + limited.length, 20)
    assert.isAtLeast(limited.length, 10)
    for (const answer of limited) {
      assert.isAtLeast(Number(answer.headers.get("retry-after")), 1)
      assert.strictEqual(answer.headers.get("content-type"), "application/problem+json")
    }
    assert.strictEqual((await ask("calm-secret-0000001")).status, 200)
    assert.strictEqual((await fetch(`${producer.url}/livez`)).status, 200)
    assert.notMatch(producer.output(), /-secret-/)
  })
}, 60_000)
