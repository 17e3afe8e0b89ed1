/**
 * A producer's process and consumers that know it only through Redis: versions of a task side by side, results that are
 * waited for, and queues that nobody attends.
 */
import { Consumer } from "@sluice/consumer"
import { Broker, JobQueue, Payload, Task } from "@sluice/core"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { Effect, Exit, Layer, Schema, Scope } from "effect"
import { Redis } from "ioredis"
import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import { uniquePrefix } from "../support/uniquePrefix.ts"
import { eventually, type ProducerProcess, startProducer } from "./support/ProducerProcess.ts"

const prefix = uniquePrefix("consumers")
const redis = Layer.suspend(() => RedisBroker.layer({ url: inject("redisUrl"), prefix }))
let producer: ProducerProcess

beforeAll(async () => {
  producer = await startProducer({ SLUICE_REDIS_URL: inject("redisUrl"), SLUICE_PREFIX: prefix })
}, 60_000)

afterAll(async () => {
  producer.signal("SIGKILL")
  await producer.ended
})

/** An answer's status and the members of it that the tests look at. */
interface Answer {
  readonly status: number
  readonly json: {
    readonly [member: string]: unknown
    readonly id: string
    readonly errors: ReadonlyArray<{ readonly path: ReadonlyArray<string | number> }>
    readonly states: Readonly<Record<string, number>>
  }
}

const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
  const answer = await fetch(`${producer.url}${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
  })
  return { status: answer.status, json: await answer.json() as Answer["json"] }
}

const enqueue = async (queue: string, job: object): Promise<string> => {
  const { json, status } = await call("POST", `/v1/queues/${queue}/jobs`, job)
  assert.strictEqual(status, 201, JSON.stringify(json))
  return json.id
}

const pathOf = (queue: string, id: string) => `/v1/queues/${queue}/jobs/${encodeURIComponent(id)}`
const resultOf = (queue: string, id: string, wait = "20s") => call("GET", `${pathOf(queue, id)}/result?wait=${wait}`)

/** Runs a test while a consumer is at work in this process. */
const withConsumer = async <E>(consumer: Layer.Layer<never, E, Broker>, test: () => Promise<void>) => {
  const scope = Scope.makeUnsafe()
  await Effect.runPromise(Layer.buildWithScope(Layer.provide(consumer, redis), scope))
  try {
    await test()
  } finally {
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

describe("versions of a task", () => {
  const queue = JobQueue.make("versions")
  const One = Task.make("Send", { queue, payload: { to: Schema.String }, success: Schema.String })
  const Two = Task.make("Send", {
    queue,
    payload: Payload.make({ to: Schema.String }).next({ to: Schema.Array(Schema.String) }, ({ to }) => ({ to: [to] })),
    success: Schema.String
  })
  const older = Consumer.layer({ tasks: [One], queues: { versions: { concurrency: 2 } }, name: "older" }).pipe(
    Layer.provide(One.toLayer(({ to }) => Effect.succeed(`1 ${to}`)))
  )
  const newer = Consumer.layer({ tasks: [Two], queues: { versions: { concurrency: 2 } }, name: "newer" }).pipe(
    Layer.provide(Two.toLayer(({ to }) => Effect.succeed(`2 ${to.join()}`)))
  )

  it("go side by side: what names none is of the first, and a newer one waits for who knows it", async () => {
    let second = ""
    await withConsumer(older, async () => {
      const first = await enqueue("versions", { task: "Send", payload: { to: "ada" } })
      assert.deepInclude((await resultOf("versions", first)).json, { state: "completed", result: "1 ada" })
      second = await enqueue("versions", { task: "Send", version: 2, payload: { to: ["ada", "bob"] } })
      await eventually(
        () => call("GET", pathOf("versions", second)),
        ({ json }) => (json["handedBack"] as { readonly why: string } | undefined)?.why === "newer-version"
      )
    })
    await withConsumer(newer, async () => {
      await call("POST", `${pathOf("versions", second)}/promote`)
      assert.deepInclude((await resultOf("versions", second)).json, { state: "completed", result: "2 ada,bob" })
      await withConsumer(older, async () => {
        const ids = await Promise.all(
          Array.from({ length: 40 }, () => enqueue("versions", { task: "Send", payload: { to: "eve" } }))
        )
        const results = await Promise.all(ids.map((id) => resultOf("versions", id)))
        // whoever takes one: the newer consumer migrates it
        for (const { json } of results) assert.include(["1 eve", "2 eve"], json["result"])
      })
    })
  }, 60_000)

  it("are all published, and each payload is checked by its own", async () => {
    await withConsumer(newer, () =>
      withConsumer(older, async () => {
        await eventually(
          () => call("GET", "/v1/tasks/Send"),
          ({ json }) => {
            const schemas = json["schemas"] as ReadonlyArray<{ readonly version: number }> | undefined
            return schemas?.map(({ version }) => version).join() === "1,2"
          }
        )
        // a producer looks at the registry only every five seconds
        const refused = (job: object) =>
          eventually(
            () => call("POST", "/v1/queues/versions/jobs", { task: "Send", delay: "1h", ...job }),
            ({ status }) => status === 422
          )
        const first = await refused({ payload: { to: 7 } })
        assert.deepStrictEqual(first.json.errors.map(({ path }) => path), [["payload", "payload", "to"]])
        const second = await refused({ version: 2, payload: { to: ["ada", 7] } })
        assert.deepStrictEqual(second.json.errors.map(({ path }) => path), [["payload", "payload", "to", 1]])
        // what nobody has published is nobody's to refuse
        await enqueue("versions", { task: "Send", version: 3, payload: 7, delay: "1h" })
        await enqueue("versions", { task: "Unknown", payload: 7, delay: "1h" })
      }))
  }, 60_000)
})

describe("awaiting a job", () => {
  const queue = JobQueue.make("awaited")
  const Echo = Task.make("Echo", { queue, payload: { text: Schema.String }, success: Schema.String })
  const echo = Consumer.layer({ tasks: [Echo], queues: { awaited: { concurrency: 10 } } }).pipe(
    Layer.provide(Echo.toLayer(({ text }) => Effect.succeed(text)))
  )
  const waiting = { task: "Echo", payload: { text: "late" }, delay: "1h" }

  it("answers all who wait, once it has ended, and who asks later", async () => {
    const id = await enqueue("awaited", waiting)
    const waits = Array.from({ length: 200 }, () => resultOf("awaited", id))
    assert.strictEqual((await resultOf("awaited", id, "1ms")).status, 202)
    await withConsumer(echo, async () => {
      assert.strictEqual((await call("POST", `${pathOf("awaited", id)}/promote`)).status, 200)
      for (const { json, status } of await Promise.all(waits)) {
        assert.strictEqual(status, 200)
        assert.deepInclude(json, { state: "completed", ended: true, result: "late" })
      }
      assert.strictEqual((await resultOf("awaited", id)).json["result"], "late")
    })
  }, 60_000)

  it("is 200 when it is cancelled meanwhile, and 404 when it is removed", async () => {
    const [cancelled, removed] = [await enqueue("awaited", waiting), await enqueue("awaited", waiting)]
    const waits = [cancelled, removed].map((id) => resultOf("awaited", id))
    // both are waited for now: a look that comes after them is answered
    await resultOf("awaited", cancelled, "1ms")
    const ids = { ids: [cancelled, "0:none"] }
    assert.strictEqual((await call("POST", "/v1/queues/awaited/jobs/cancel", ids)).status, 207)
    assert.strictEqual((await call("POST", "/v1/queues/awaited/jobs/remove", { ids: [removed] })).status, 207)
    const [first, second] = await Promise.all(waits)
    assert.strictEqual(first?.status, 200)
    assert.deepInclude(first?.json, { state: "cancelled", ended: true })
    assert.strictEqual(second?.status, 404)
  }, 30_000)

  it("goes on for the others when some of those who wait hang up", async () => {
    const id = await enqueue("awaited", waiting)
    const gone = new AbortController()
    const hungUp = Array.from(
      { length: 20 },
      () =>
        fetch(`${producer.url}${pathOf("awaited", id)}/result?wait=20s`, { signal: gone.signal }).catch(() => "gone")
    )
    const stays = resultOf("awaited", id)
    await resultOf("awaited", id, "1ms")
    gone.abort()
    assert.deepStrictEqual(await Promise.all(hungUp), Array.from({ length: 20 }, () => "gone"))
    await call("POST", `${pathOf("awaited", id)}/cancel`)
    assert.strictEqual((await stays).status, 200)
  }, 30_000)
})

describe("a queue that nobody attends", () => {
  it("that never was is zero for autoscalers, who leave no trace of it", async () => {
    const { json, status } = await call("GET", "/v1/scale/never")
    assert.strictEqual(status, 200)
    assert.deepInclude(json, { backlog: 0, available: 0, running: 0, dueSoon: false })
    const both = await call("GET", "/v1/scale?queue=never&queue=never-either")
    assert.strictEqual(both.json["backlog"], 0)
    const client = new Redis(inject("redisUrl"))
    const keys = await client.keys(`${prefix}*never*`).finally(() => client.disconnect())
    assert.deepStrictEqual(keys, [])
  })

  it("counts for autoscalers what waits and is due soon, and nothing that a pause holds back", async () => {
    await enqueue("scaled", { task: "Other", payload: 1 })
    await enqueue("soon", { task: "Other", payload: 1, delay: "25s" })
    assert.strictEqual((await call("GET", "/v1/scale/scaled")).json["backlog"], 1)
    assert.deepInclude((await call("GET", "/v1/scale/soon")).json, { backlog: 1, available: 0, dueSoon: true })
    assert.deepInclude((await call("GET", "/v1/scale?queue=soon&queue=scaled")).json, { backlog: 2, dueSoon: true })
    await call("POST", "/v1/queues/scaled/pause")
    assert.deepInclude((await call("GET", "/v1/scale/scaled")).json, { backlog: 0, available: 1, paused: true })
    await call("POST", "/v1/queues/scaled/resume")
    assert.strictEqual((await call("GET", "/v1/scale/scaled")).json["backlog"], 1)
  })

  it("wakes: jobs whose consumer vanished are there again, so that a new consumer is asked for", async () => {
    const id = await enqueue("vanished", { task: "Other", payload: 1 })
    const lane = { consumer: "vanished", lane: "a", sequence: 1, settle: [], claim: 1, leaseMs: 50, wake: false }
    await Effect.runPromise(
      Broker.use((broker) => broker.exchange({ ...lane, queue: JobQueue.make("vanished") })).pipe(Effect.provide(redis))
    )
    assert.strictEqual((await call("GET", pathOf("vanished", id))).json["state"], "running")
    const job = await eventually(() => call("GET", pathOf("vanished", id)), ({ json }) => json["state"] === "available")
    assert.strictEqual(job.json["attempt"], 1)
    assert.deepInclude((await call("GET", "/v1/scale/vanished")).json, { backlog: 1, running: 0 })
  }, 60_000)
})
