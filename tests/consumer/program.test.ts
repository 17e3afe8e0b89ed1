/**
 * The program sluice-consumer, as processes on a real Redis.
 */
import { Broker, Inspector, JobQueue, Registry, Task } from "@sluice/core"
import type * as JobId from "@sluice/core/JobId"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { Cause, Effect, Exit, Option, Schema } from "effect"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, inject, it, onTestFinished } from "vitest"
import { startRedisServer } from "../support/RedisServer.ts"
import { uniquePrefix } from "../support/uniquePrefix.ts"
import { eventually, start } from "./support/ConsumerProcess.ts"
import { Chain, Hang, Sleep } from "./support/tasks.ts"

const handlers = { SLUICE_HANDLERS: "./handlers.ts" }

const environment = () => ({ SLUICE_REDIS_URL: inject("redisUrl"), SLUICE_PREFIX: uniquePrefix("consumer") })

/** Where nobody listens. */
const nowhere = { SLUICE_REDIS_URL: "redis://127.0.0.1:1", SLUICE_REDIS_DEADLINE: "200ms" }

type Environment = ReturnType<typeof environment>

/** Does something as a producer in another process would: by Redis alone. */
const run = <A, E>(env: Environment, effect: Effect.Effect<A, E, Broker | Inspector | Registry>): Promise<A> =>
  Effect.runPromise(
    effect.pipe(Effect.provide(RedisBroker.layer({ url: env.SLUICE_REDIS_URL, prefix: env.SLUICE_PREFIX })))
  )

const jobOf = (env: Environment, queue: string, id: JobId.JobId) =>
  run(
    env,
    Effect.map(Inspector.use((inspector) => inspector.job(JobQueue.make(queue), id)), Option.getOrThrow)
  )

const folderWith = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-consumer-"))
  Object.entries(files).forEach(([name, text]) => writeFileSync(join(folder, name), text))
  return folder
}

const timeout = 60_000

describe("a consumer process", { timeout }, () => {
  it("runs the handlers of a module, which may enqueue, and is listed with its version and queues", async () => {
    const env = environment()
    const consumer = start({ ...env, ...handlers, SLUICE_QUEUES: "slow:3,default" })
    const id = await run(env, Chain.run(undefined))
    const pid = await run(env, Sleep.await(id as JobId.JobId))
    const [listed] = await run(env, Effect.flatMap(Registry, ({ consumers }) => consumers))
    assert.deepStrictEqual([listed?.pid, listed?.version], [pid, "0.1.0"])
    assert.deepStrictEqual(
      listed?.queues.map(({ concurrency, queue }) => [queue, concurrency]).toSorted(),
      [["default", 10], ["slow", 3]]
    )
    consumer.signal("SIGTERM")
    const { code, errors } = await consumer.ended
    assert.deepStrictEqual([code, errors], [0, ""])
    assert.deepStrictEqual(await run(env, Effect.flatMap(Registry, ({ consumers }) => consumers)), [])
  })

  it("takes its handlers from a package, too, seen from the folder where it runs", async () => {
    const env = environment()
    // within the repository, so that the package finds what it imports
    const cache = join(import.meta.dirname, "../../.cache")
    mkdirSync(cache, { recursive: true })
    const folder = mkdtempSync(join(cache, "consumer-"))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const home = join(folder, "node_modules/@acme/handlers")
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, "package.json"), `{"type":"module","exports":{".":{"import":"./handlers.js"}}}`)
    writeFileSync(
      join(home, "handlers.js"),
      `import { Handlers } from "@sluice/consumer"
import { Task } from "@sluice/core"
import { Effect } from "effect"
class Ping extends Task.make("Ping") {}
export const { tasks, layer } = Handlers.make({ tasks: [Ping], layer: Ping.toLayer(() => Effect.void) })
`
    )
    start({ ...env, SLUICE_HANDLERS: "@acme/handlers" }, [], folder)
    class Ping extends Task.make("Ping") {}
    assert.isUndefined(await run(env, Ping.run(undefined)))
  })

  it("delivers and runs commands without any code, in every queue it consumes", async () => {
    const env = environment()
    const bodies: Array<string> = []
    const sink = createServer((request, response) => {
      request.setEncoding("utf8").on("data", (text: string) => bodies.push(text)).once("end", () => response.end("ok"))
    }).listen(0, "127.0.0.1")
    onTestFinished(() => void sink.close())
    await once(sink, "listening")
    const { port } = sink.address() as AddressInfo
    class Order extends Task.make("order.created", { queue: "hooks", payload: Schema.Json, success: Schema.Json }) {}
    class Count extends Task.make("count", { queue: "batch", payload: Schema.Json, success: Schema.Json }) {}
    class Http extends Task.make("http", { queue: "hooks", payload: Schema.Json, success: Schema.Json }) {}
    start({
      ...env,
      SLUICE_QUEUES: "hooks,batch:2",
      SLUICE_HTTP_TARGETS: JSON.stringify({ "order.created": `http://127.0.0.1:${port}/` }),
      SLUICE_HTTP_ALLOW: "http://127.0.0.1:*",
      SLUICE_HTTP_NETWORKS: "127.0.0.1",
      SLUICE_COMMANDS: JSON.stringify({ count: ["wc", "-c"] })
    })
    assert.deepStrictEqual(await run(env, Order.run({ total: 1.5 })), { status: 200, body: "ok", truncated: false })
    assert.deepStrictEqual(await run(env, Http.run({ url: `http://127.0.0.1:${port}/`, body: "as it is" })), {
      status: 200,
      body: "ok",
      truncated: false
    })
    assert.deepStrictEqual(bodies, ["{\"total\":1.5}", "as it is"])
    assert.deepStrictEqual(await run(env, Count.run("12345")), { code: 0, output: "7\n", truncated: false })
  })

  it("reads its settings from a .env file, under the environment", async () => {
    const env = environment()
    const folder = folderWith({
      ".env": `SLUICE_COMMANDS='{"echo":["cat"]}'\nSLUICE_QUEUES=filed\nSLUICE_PREFIX=wrong\n`
    })
    class Echo extends Task.make("echo", { queue: "filed", payload: Schema.Json, success: Schema.Json }) {}
    start(env, [], folder)
    assert.deepStrictEqual(await run(env, Echo.run([1])), { code: 0, output: "[1]", truncated: false })
  })
})

describe("a consumer process that is told to stop", { timeout }, () => {
  it("lets the running job finish, claims no other, answers probes meanwhile, and exits with 0", async () => {
    const env = environment()
    const consumer = start({ ...env, ...handlers, SLUICE_CONCURRENCY: "1" })
    const [first, second] = await run(env, Sleep.enqueueAll([{ ms: 1500 }, { ms: 0 }]))
    await consumer.printed(/sleeping/)
    consumer.signal("SIGTERM")
    await consumer.printed(/stopping/)
    const { reasons, status } = await consumer.probe("readyz")
    assert.deepInclude(reasons, "queue \"slow\": it is stopping")
    assert.deepStrictEqual([status, (await consumer.probe("livez")).status], [503, 200])
    assert.strictEqual((await consumer.ended).code, 0)
    assert.deepStrictEqual(
      [(await jobOf(env, "slow", idOf(first))).state, (await jobOf(env, "slow", idOf(second))).state],
      ["completed", "available"]
    )
  })

  it("gives the job back and exits with 3 when it is told twice", async () => {
    const env = environment()
    const consumer = start({ ...env, ...handlers })
    const { id } = await run(env, Sleep.enqueue({ ms: 60_000 }))
    await consumer.printed(/sleeping/)
    consumer.signal("SIGTERM")
    await consumer.printed(/stopping/)
    consumer.signal("SIGTERM")
    assert.strictEqual((await consumer.ended).code, 3)
    const { attempt, state } = await jobOf(env, "slow", id)
    assert.deepStrictEqual([state, attempt], ["available", 0])
  })

  it("gives the job back and exits with 3 when the time is over", async () => {
    const env = environment()
    const consumer = start({ ...env, ...handlers, SLUICE_SHUTDOWN_TIMEOUT: "100ms" })
    const { id } = await run(env, Sleep.enqueue({ ms: 60_000 }))
    await consumer.printed(/sleeping/)
    consumer.signal("SIGINT")
    assert.strictEqual((await consumer.ended).code, 3)
    assert.strictEqual((await jobOf(env, "slow", id)).state, "available")
  })

  it("ends at once when it is told three times, whatever a handler does", async () => {
    const env = environment()
    const consumer = start({ ...env, ...handlers })
    await run(env, Hang.enqueue(undefined))
    await consumer.printed(/hanging/)
    consumer.signal("SIGTERM")
    await consumer.printed(/stopping/)
    consumer.signal("SIGTERM")
    await consumer.printed(/hurried/)
    consumer.signal("SIGTERM")
    assert.strictEqual((await consumer.ended).code, 143)
  })

  it("ends in time although Redis is away, and exits with 3: its job runs again elsewhere", async () => {
    const redis = await startRedisServer({ appendonly: true })
    onTestFinished(redis.stop)
    const env = { SLUICE_REDIS_URL: redis.url, SLUICE_PREFIX: "test" }
    const consumer = start({ ...env, ...handlers, SLUICE_REDIS_DEADLINE: "500ms", SLUICE_SHUTDOWN_TIMEOUT: "1s" })
    await run(env, Sleep.enqueue({ ms: 60_000 }))
    await consumer.printed(/sleeping/)
    await redis.kill()
    const before = performance.now()
    consumer.signal("SIGTERM")
    assert.strictEqual((await consumer.ended).code, 3)
    assert.isBelow(performance.now() - before, 6000)
  })

  it("ends the program that it runs for a job, too", async () => {
    const env = environment()
    const folder = folderWith({})
    const script =
      `echo $$ > ${folder}/pid; trap 'echo asked > ${folder}/asked; exit 1' TERM; while :; do sleep 0.05; done`
    class Loop extends Task.make("loop", { payload: Schema.Json }) {}
    const consumer = start({
      ...env,
      SLUICE_COMMANDS: JSON.stringify({ loop: ["/bin/sh", "-c", script] }),
      SLUICE_SHUTDOWN_TIMEOUT: "0"
    })
    const { id } = await run(env, Loop.enqueue({}))
    const read = (name: string) => {
      try {
        return readFileSync(join(folder, name), "utf8")
      } catch {
        return ""
      }
    }
    await eventually(() => Promise.resolve(read("pid")), (text) => text.endsWith("\n"))
    consumer.signal("SIGTERM")
    assert.strictEqual((await consumer.ended).code, 3)
    assert.strictEqual(read("asked"), "asked\n")
    assert.throws(() => process.kill(Number(read("pid")), 0), /ESRCH/)
    assert.strictEqual((await jobOf(env, "default", id)).state, "available")
  })

  it("exits with 0 while it still waits for Redis", async () => {
    const consumer = start({ ...handlers, ...nowhere })
    await consumer.printed(/can't be reached yet/)
    consumer.signal("SIGTERM")
    assert.strictEqual((await consumer.ended).code, 0)
  })
})

describe("the health of a consumer process", { timeout }, () => {
  it("is the truth while Redis comes, goes and comes back", async () => {
    const redis = await startRedisServer({ appendonly: true })
    onTestFinished(redis.stop)
    await redis.kill()
    const env = { SLUICE_REDIS_URL: redis.url, SLUICE_PREFIX: "test" }
    const consumer = start({
      ...env,
      ...handlers,
      SLUICE_REDIS_DEADLINE: "200ms",
      SLUICE_POLL: "100ms",
      SLUICE_UNREACHABLE: "2s",
      SLUICE_LEASE: "1s"
    })
    // before: it waits
    assert.deepStrictEqual(await consumer.probe("readyz"), {
      status: 503,
      reasons: ["the consumer has not started: it waits for Redis, or for its handlers"]
    })
    assert.strictEqual((await consumer.probe("startupz")).status, 503)
    assert.strictEqual((await consumer.probe("livez")).status, 200)
    // it comes
    await redis.restart()
    const is = (status: number) => (probe: { readonly status: number }) => probe.status === status
    await eventually(() => consumer.probe("startupz"), is(200))
    await eventually(() => consumer.probe("readyz"), is(200))
    // it goes: not ready at once, not live after a while
    await redis.kill()
    const { reasons } = await eventually(() => consumer.probe("readyz"), is(503))
    assert.match(reasons.join(), /queue "(slow|default)": the broker has been failing for \d+ ms/)
    assert.strictEqual((await consumer.probe("startupz")).status, 200)
    await eventually(() => consumer.probe("livez"), is(503))
    // it comes back: so does everything else
    await redis.restart()
    await eventually(() => consumer.probe("readyz"), is(200))
    assert.deepStrictEqual(await consumer.probe("livez"), { status: 200, reasons: [] })
    assert.isAbove(await run(env, Sleep.run({ ms: 0 })), 0)
  })

  it("is served nowhere when that is not wanted", async () => {
    const env = environment()
    const consumer = start({ ...env, ...handlers, SLUICE_HEALTH: "false" })
    await consumer.printed(/"consuming"/)
    assert.notMatch(consumer.output(), /health is served/)
  })
})

describe("a consumer process that can't start", { timeout }, () => {
  const ends = async (env: Readonly<Record<string, string>>, args?: ReadonlyArray<string>, folder?: string) => {
    const { code, errors, output } = await start(env, args, folder).ended
    return { code, errors, output }
  }

  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ["nothing to run", {}, /SLUICE_HANDLERS: there is nothing to run/],
    ["no such file", { SLUICE_HANDLERS: "./nope.ts" }, /SLUICE_HANDLERS: there is no file .*nope\.ts/],
    ["no such package", { SLUICE_HANDLERS: "@acme/nope" }, /SLUICE_HANDLERS: there is no package @acme\/nope in /],
    ["a module without handlers", { SLUICE_HANDLERS: "./ConsumerProcess.ts" }, /exports no handlers; expected/],
    [
      "a queue of nobody's",
      { ...handlers, SLUICE_QUEUES: "emials" },
      /SLUICE_QUEUES: no task belongs to queue "emials"/
    ],
    [
      "a wrong number",
      { ...handlers, SLUICE_CONCURRENCY: "many" },
      /SLUICE_CONCURRENCY \(environment\): expected a whole/
    ],
    ["a wrong URL", { ...handlers, SLUICE_REDIS_URL: "http://x" }, /SLUICE_REDIS_URL \(environment\): expected redis:/],
    [
      "a wrong target",
      { SLUICE_HTTP_TARGETS: "{\"a\":{}}" },
      /SLUICE_HTTP_TARGETS \(environment\): .*at \["a"\]\["url"\]/
    ],
    ["no JSON", { SLUICE_COMMANDS: "{s3cret" }, /SLUICE_COMMANDS \(environment\): expected JSON\n/],
    ["a missing .env file", { ...handlers, SLUICE_ENV_FILE: "/no/such" }, /SLUICE_ENV_FILE: \/no\/such can't be read/]
  ])("says why, by the name of the variable, and exits with 2: %s", async (_, env, expected) => {
    const { code, errors, output } = await ends(env)
    assert.match(errors, expected)
    assert.deepStrictEqual([code, output], [2, ""])
  })

  it("says why when the module throws, or imports what is not there", async () => {
    const folder = folderWith({
      "throws.mjs": "throw new Error('no licence')",
      "imports.mjs": "import './nope.mjs'",
      "wrong.mjs": "export default { tasks: [{}], layer: {} }"
    })
    const thrown = await ends({ SLUICE_HANDLERS: "throws.mjs" }, [], folder)
    assert.deepStrictEqual([thrown.code, /could not be loaded\. Error: no licence/.test(thrown.errors)], [2, true])
    const imported = await ends({ SLUICE_HANDLERS: "./imports.mjs" }, [], folder)
    assert.deepStrictEqual([imported.code, /could not be loaded\. .*nope\.mjs/.test(imported.errors)], [2, true])
    const wrong = await ends({ SLUICE_HANDLERS: join(folder, "wrong.mjs") }, [], folder)
    assert.deepStrictEqual([wrong.code, /`tasks\[0\]` of .*wrong\.mjs is no task/.test(wrong.errors)], [2, true])
  })

  it("claims nothing when a task has no handler, or the handlers fail to be set up", async () => {
    const env = environment()
    const { id } = await run(env, Sleep.enqueue({ ms: 0 }))
    const incomplete = await ends({ ...env, SLUICE_HANDLERS: "./incomplete.ts" })
    assert.strictEqual(incomplete.code, 2)
    assert.match(incomplete.errors, /SLUICE_HANDLERS: `layer` has no handler for task "Chain"/)
    const failing = await ends({ ...env, SLUICE_HANDLERS: "./failing.ts" })
    assert.strictEqual(failing.code, 1)
    assert.match(failing.output, /the consumer could not start; nothing was claimed.*the database is away/)
    assert.strictEqual((await jobOf(env, "slow", id)).attempt, 0)
  })

  it("refuses a queue that has another number of partitions, with 2, and claims nothing", async () => {
    const env = environment()
    const { id } = await run(env, Sleep.enqueue({ ms: 0 }))
    await run(env, Broker.use((broker) => broker.pause(JobQueue.make("split", { partitions: 3 }))))
    const { code, output } = await ends({ ...env, SLUICE_HANDLERS: "./split.ts" })
    assert.strictEqual(code, 2)
    assert.match(output, /the consumer could not start; nothing was claimed/)
    assert.match(output, /Queue \W*split\W* has 3 partition\(s\), but this process was told 2/)
    assert.strictEqual((await jobOf(env, "slow", id)).attempt, 0)
  })

  it("exits with 1 when Redis does not come in time, and says so", async () => {
    const { code, output } = await ends({ ...handlers, ...nowhere, SLUICE_STARTUP_TIMEOUT: "0" })
    assert.strictEqual(code, 1)
    assert.match(output, /the consumer could not start; nothing was claimed/)
  })

  it("refuses arguments that it does not know", async () => {
    const { code, errors } = await ends(handlers, ["--nope"])
    assert.strictEqual(code, 2)
    assert.match(errors, /unknown argument --nope; see --help/)
  })
})

describe("what the program shows", { timeout }, () => {
  it("is its effective settings, secrets left out", async () => {
    const { code, errors, output } = await start({
      SLUICE_REDIS_URL: "redis://me:s3cret@host:1",
      SLUICE_REDIS_PASSWORD: "s3cret",
      SLUICE_HTTP_TARGETS: "{\"a\":{\"url\":\"https://a.example/s3cret\",\"secrets\":[\"s3cret-s3cret-s3cret\"]}}",
      SLUICE_HTTP_SECRETS: "s3cret-s3cret-s3cret",
      SLUICE_COMMANDS: "{\"b\":{\"argv\":[\"b\"],\"environment\":{\"KEY\":\"s3cret\"}}}"
    }, ["--print-config"]).ended
    assert.deepStrictEqual([code, errors], [0, ""])
    assert.notInclude(output, "s3cret")
    assert.include(output, "SLUICE_REDIS_URL=redis://<redacted>@host:1 # environment\n")
    assert.include(output, "SLUICE_LEASE=30s # default\n")
    assert.include(output, `SLUICE_HTTP_TARGETS="{\\"a\\":\\"<redacted>\\"}" # environment\n`)
  })

  it("is its help and its version", async () => {
    const help = await start({}, ["--help"]).ended
    assert.deepStrictEqual([help.code, help.output.startsWith("sluice-consumer: ")], [0, true])
    const version = await start({}, ["--version"]).ended
    assert.deepStrictEqual([version.code, /^\d+\.\d+\.\d+\n$/.test(version.output)], [0, true])
  })
})

/** The id of a job that was taken in. */
const idOf = (enqueued: unknown): JobId.JobId => {
  const exit = Effect.runSyncExit(Schema.decodeUnknownEffect(Schema.Struct({ id: Schema.String }))(enqueued))
  if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
  return exit.value.id as JobId.JobId
}
