import { Broker, JobQueue } from "@sluice/core"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, inject, it } from "vitest"
import { startRedisServer } from "../support/RedisServer.ts"
import { uniquePrefix } from "../support/uniquePrefix.ts"
import { eventually, type ProducerProcess, run, startProducer, withProducer } from "./support/ProducerProcess.ts"

const json = { "content-type": "application/json" }
const lines = { "content-type": "application/x-ndjson" }

const environment = (prefix = uniquePrefix("producer")) => ({
  SLUICE_REDIS_URL: inject("redisUrl"),
  SLUICE_PREFIX: prefix
})

const post = (producer: ProducerProcess, path: string, body: string, headers: Record<string, string> = json) =>
  fetch(`${producer.url}${path}`, { method: "POST", headers, body })

const get = (producer: ProducerProcess, path: string) => fetch(`${producer.url}${path}`)

const statsOf = async (producer: ProducerProcess, queue: string) =>
  await (await get(producer, `/v1/queues/${queue}`)).json() as {
    readonly states: Readonly<Record<string, number>>
    readonly totals: Readonly<Record<string, number>>
  }

/** Claims as a consumer in another process would: by Redis alone. */
const claim = (prefix: string, queue: string, count: number) =>
  Effect.runPromise(
    Broker.use((broker) =>
      broker.exchange({
        queue: JobQueue.make(queue),
        consumer: "test",
        lane: crypto.randomUUID(),
        sequence: 1,
        settle: [],
        claim: count,
        leaseMs: 60_000,
        wake: false
      })
    ).pipe(Effect.provide(RedisBroker.layer({ url: inject("redisUrl"), prefix })))
  ).then(({ jobs }) => jobs)

describe("jobs over HTTP", () => {
  it("arrive in Redis exactly as they were sent, one by one, in arrays and in lines", { timeout: 60_000 }, async () => {
    const env = environment()
    await withProducer(env, async (producer) => {
      const payload = `{ "n": 1e400, "big": 12345678901234567890, "text": "ä\\ud800\\n", "empty": [ ] }`
      const job = (id: string) => `{"task":"Send","id":"${id}","payload":${payload}}`
      assert.strictEqual((await post(producer, "/v1/queues/q/jobs", job("one"))).status, 201)
      assert.strictEqual((await post(producer, "/v1/queues/q/jobs", `[${job("many")}]`)).status, 207)
      assert.strictEqual((await post(producer, "/v1/queues/q/jobs", job("line"), lines)).status, 207)
      const claimed = await claim(env.SLUICE_PREFIX, "q", 10)
      assert.deepStrictEqual(claimed.map(({ id }) => id), ["0:one", "0:many", "0:line"])
      assert.deepStrictEqual(claimed.map((one) => one.job.payload), [payload, payload, payload])
    })
  })

  it("come by 1000 at once, and none twice after a kill and a repeat", { timeout: 60_000 }, async () => {
    const env = environment()
    const text = Array.from({ length: 20_000 }, (_, index) => `{"task":"Send","payload":${index}}`).join("\n")
    const headers = { ...lines, "idempotency-key": "import-1" }
    await withProducer(env, async (producer) => {
      const ids = Array.from({ length: 1000 }, (_, index) => `single-${index}`)
      const answers = await Promise.all(
        ids.map((id) => post(producer, "/v1/queues/q/jobs", `{"task":"Send","payload":1,"id":"${id}"}`))
      )
      assert.isTrue(answers.every(({ status }) => status === 201))
      const answer = await post(producer, "/v1/queues/q/jobs", text, headers)
      const reader = answer.body?.getReader()
      await reader?.read()
      // the first lines are in; whatever else was on its way is unknown now
      producer.signal("SIGKILL")
      await reader?.read().catch(() => {})
      await reader?.cancel().catch(() => {})
    })
    await withProducer(env, async (producer) => {
      const before = await statsOf(producer, "q")
      assert.isAtLeast(before.states["available"] ?? 0, 1001)
      const answer = await (await post(producer, "/v1/queues/q/jobs", text, headers)).text()
      const answers = answer.trim().split("\n").map((one) => (JSON.parse(one) as { readonly answer: string }).answer)
      assert.strictEqual(answers.length, 20_000)
      assert.isTrue(answers.every((one) => one === "created" || one === "existing"))
      const { states } = await statsOf(producer, "q")
      assert.strictEqual(states["available"], 21_000)
    })
  })

  it("that are due become available although no consumer attends the queue", { timeout: 60_000 }, async () => {
    await withProducer(environment(), async (producer) => {
      await post(producer, "/v1/queues/q/jobs", `{"task":"Send","payload":1,"delay":"200ms"}`)
      const { states } = await eventually(() => statsOf(producer, "q"), (stats) => stats.states["available"] === 1)
      assert.strictEqual(states["scheduled"], 0)
    })
  })
})

describe("stopping", () => {
  it("exits 0 after SIGTERM, having answered what waits", { timeout: 60_000 }, async () => {
    await withProducer(environment(), async (producer) => {
      await post(producer, "/v1/queues/q/jobs", `{"task":"Send","payload":1,"id":"x"}`)
      const waiting = get(producer, "/v1/queues/q/jobs/0%3Ax/result?wait=50s")
      await get(producer, "/livez")
      const start = performance.now()
      producer.signal("SIGTERM")
      assert.strictEqual((await waiting).status, 202)
      assert.strictEqual((await producer.ended).code, 0)
      // its kept connections do not hold it up until the time-out of 20 seconds
      assert.isBelow(performance.now() - start, 10_000)
    })
  })

  it("answers the lines that it has read, and says from where on it has not", { timeout: 60_000 }, async () => {
    await withProducer(environment(), async (producer) => {
      let more: ReadableStreamDefaultController<Uint8Array> | undefined
      const line = new TextEncoder().encode(`{"task":"Send","payload":1}\n`)
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          more = controller
          controller.enqueue(line)
        }
      })
      const answer = await fetch(`${producer.url}/v1/queues/q/jobs`, {
        method: "POST",
        headers: lines,
        body,
        duplex: "half"
      })
      const reader = answer.body?.getReader()
      const first = new TextDecoder().decode((await reader?.read())?.value)
      assert.include(first, `"line":1,"status":201`)
      producer.signal("SIGTERM")
      // it has stopped once it takes no new connection
      await eventually(() => get(producer, "/livez").then(() => true, () => false), (isUp) => !isUp)
      more?.enqueue(line)
      let rest = ""
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
        rest += new TextDecoder().decode(part.value)
      }
      // the second line either was enqueued or is where nothing was read any more
      assert.include(rest, `"line":2`)
      assert.include(rest, `"aborted":true`)
      more?.close()
      assert.strictEqual((await producer.ended).code, 0)
    })
  })

  it("goes on serving for the delay, not ready, and exits 143 on a second signal", { timeout: 60_000 }, async () => {
    await withProducer({ ...environment(), SLUICE_SHUTDOWN_DELAY: "1h" }, async (producer) => {
      assert.strictEqual((await get(producer, "/readyz")).status, 200)
      producer.signal("SIGTERM")
      await eventually(() => get(producer, "/readyz"), ({ status }) => status === 503)
      assert.strictEqual((await get(producer, "/livez")).status, 200)
      assert.strictEqual((await post(producer, "/v1/queues/q/jobs", `{"task":"Send","payload":1}`)).status, 201)
      producer.signal("SIGTERM")
      assert.strictEqual((await producer.ended).code, 143)
    })
  })
})

describe("a Redis that is not there", () => {
  it("at start is waited for, and then given up on with exit code 1", { timeout: 60_000 }, async () => {
    const { code, output } = await run({
      SLUICE_REDIS_URL: "redis://127.0.0.1:1",
      SLUICE_REDIS_DEADLINE: "200 millis",
      SLUICE_STARTUP_TIMEOUT: "1500ms"
    }).ended
    assert.strictEqual(code, 1)
    assert.include(output, "can't be reached yet")
    assert.include(output, "could not start")
    assert.notInclude(output, "listening")
  })

  it("at start is found when it comes, and lost and found again later", { timeout: 120_000 }, async () => {
    const redis = await startRedisServer({ appendonly: true })
    try {
      await redis.kill()
      const starting = startProducer({ SLUICE_REDIS_URL: redis.url, SLUICE_REDIS_DEADLINE: "500 millis" })
      await redis.restart()
      const producer = await starting
      try {
        assert.strictEqual((await post(producer, "/v1/queues/q/jobs", `{"task":"Send","payload":1}`)).status, 201)
        await redis.kill()
        const away = await post(producer, "/v1/queues/q/jobs", `{"task":"Send","payload":1,"id":"x"}`)
        assert.strictEqual(away.status, 503)
        assert.strictEqual(
          (await away.json() as { readonly type: string }).type,
          "urn:sluice:problem:broker-unavailable"
        )
        await eventually(() => get(producer, "/readyz"), ({ status }) => status === 503)
        assert.strictEqual((await get(producer, "/livez")).status, 200)
        await redis.restart()
        await eventually(() => get(producer, "/readyz"), ({ status }) => status === 200)
        // the same id once more: it is there at most once, whatever became of the first
        const again = await post(producer, "/v1/queues/q/jobs", `{"task":"Send","payload":1,"id":"x"}`)
        assert.include([200, 201], again.status)
        assert.strictEqual((await statsOf(producer, "q")).states["available"], 2)
      } finally {
        producer.signal("SIGKILL")
        await producer.ended
      }
    } finally {
      await redis.stop()
    }
  })
})

describe("settings", () => {
  it(
    "that are wrong are told by their names, with exit code 2, and nothing is started",
    { timeout: 30_000 },
    async () => {
      const { code, errors, output } = await run({
        SLUICE_HTTP_PORT: "many",
        SLUICE_MAX_BODY: "0",
        SLUICE_REDIS_URL: "redis://:secret@127.0.0.1:1"
      }).ended
      assert.strictEqual(code, 2)
      assert.include(errors, "SLUICE_HTTP_PORT (environment): expected a port")
      assert.include(errors, "SLUICE_MAX_BODY (environment): expected a size")
      assert.strictEqual(output, "")
      assert.notInclude(errors, "secret")
    }
  )

  it.for(
    [
      [{ SLUICE_HTTP_HOST: "0.0.0.0" }, [], "SLUICE_HTTP_HOST"],
      [{ SLUICE_API_KEYS: "a:read:short" }, [], "SLUICE_API_KEYS: entry 1"],
      [{ SLUICE_API_KEYS_FILE: "/does/not/exist" }, [], "SLUICE_API_KEYS_FILE"],
      [{ SLUICE_ENV_FILE: "/does/not/exist" }, [], "SLUICE_ENV_FILE"],
      [{ SLUICE_TLS_CERT_FILE: "/does/not/exist", SLUICE_TLS_KEY_FILE: "/does/not/exist" }, [], "SLUICE_TLS_CERT_FILE"],
      [{}, ["--nonsense"], "unknown argument --nonsense"]
    ] as const
  )("that can't be used end it with exit code 2: %j %j", { timeout: 30_000 }, async ([env, args, told]) => {
    const { code, errors } = await run(env, args).ended
    assert.strictEqual(code, 2)
    assert.include(errors, told)
  })

  it("come from .env below the environment, and are shown without secrets", { timeout: 30_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-env-"))
    try {
      writeFileSync(
        join(folder, ".env"),
        [
          "SLUICE_HTTP_PORT=1234",
          "SLUICE_MAX_BATCH=5",
          "SLUICE_API_KEYS=shop:enqueue:secret-000000000000"
        ].join("\n")
      )
      const { code, output } = await run({ SLUICE_HTTP_PORT: "4321" }, ["--print-config"], folder).ended
      assert.strictEqual(code, 0)
      assert.include(output, "SLUICE_HTTP_PORT=4321 # environment\n")
      assert.include(output, "SLUICE_MAX_BATCH=5 # .env\n")
      assert.include(output, "SLUICE_API_KEYS=shop:enqueue:<redacted> # .env\n")
      assert.notInclude(output, "secret")
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it("with keys from a file let in who has one", { timeout: 30_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-keys-"))
    try {
      const file = join(folder, "keys")
      writeFileSync(file, "# the shop\nshop:enqueue:0123456789abcdef\n")
      await withProducer({ ...environment(), SLUICE_API_KEYS_FILE: file }, async (producer) => {
        const job = `{"task":"Send","payload":1}`
        assert.strictEqual((await post(producer, "/v1/queues/q/jobs", job)).status, 401)
        const headers = { ...json, authorization: "Bearer 0123456789abcdef" }
        assert.strictEqual((await post(producer, "/v1/queues/q/jobs", job, headers)).status, 201)
        assert.notInclude(producer.output(), "0123456789abcdef")
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
