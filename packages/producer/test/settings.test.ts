import { assert, describe, it } from "@effect/vitest"
import { readSettings, redisTable } from "@sluice/core/program"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { ConfigProvider, Effect, Exit, Layer, Redacted, Result } from "effect"
import { maskKeys, readApiKeys } from "../src/settings/apiKeys.ts"
import { table } from "../src/settings/table.ts"
import { conflictsOf, isLoopback, toOptions } from "../src/settings/toOptions.ts"

const source = (name: string, env: Record<string, string>) => ({ name, provider: ConfigProvider.fromEnv({ env }) })

const read = (env: Record<string, string> = {}) => readSettings(table, [source("environment", env)])

describe("settings", () => {
  it.effect("have defaults that fit together", () =>
    Effect.gen(function*() {
      const settings = yield* read()
      assert.deepStrictEqual(conflictsOf(settings, []), [])
      assert.deepInclude(settings, {
        host: "127.0.0.1",
        port: 7070,
        maxBodyBytes: 8_388_608,
        maxWaitMs: 60_000,
        requestTimeoutMs: 300_000,
        keepDeadMs: 2_592_000_000,
        docs: true,
        maxJobs: undefined
      })
      assert.deepStrictEqual(toOptions(settings, []).corsOrigins, [])
    }))

  it.effect.each(
    [
      ["SLUICE_MAX_BODY", "64kB", "maxBodyBytes", 64_000],
      ["SLUICE_MAX_BODY", "1.5 MiB", "maxBodyBytes", 1_572_864],
      ["SLUICE_MAX_BODY", "2048", "maxBodyBytes", 2048],
      ["SLUICE_MAX_WAIT", "90 seconds", "maxWaitMs", 90_000],
      ["SLUICE_MAX_WAIT", "250", "maxWaitMs", 250],
      ["SLUICE_DOCS", "off", "docs", false],
      ["SLUICE_HTTP_PORT", "0", "port", 0],
      ["SLUICE_MAX_JOBS", "1_000_000", "maxJobs", 1_000_000],
      ["SLUICE_LOG_LEVEL", "DEBUG", "logLevel", "debug"],
      ["SLUICE_CORS_ORIGINS", " https://a , https://b,", "corsOrigins", ["https://a", "https://b"]],
      ["SLUICE_HTTP_HOST", "", "host", "127.0.0.1"]
    ] as const
  )("read %s=%s", ([name, text, key, expected]) =>
    Effect.gen(function*() {
      const settings = yield* read({ [name]: text })
      assert.deepStrictEqual<unknown>(settings[key], expected)
    }))

  it.effect("tell everything that is wrong at once, by name and source, and never repeat a value", () =>
    Effect.gen(function*() {
      const wrong = {
        SLUICE_HTTP_PORT: "70000",
        SLUICE_MAX_BATCH: "-1",
        SLUICE_MAX_BODY: "big-secret",
        SLUICE_DOCS: "perhaps",
        SLUICE_LOG_LEVEL: "loud",
        SLUICE_MAX_WAIT: "2 fortnights"
      }
      const { message, problems } = yield* Effect.flip(read(wrong))
      assert.deepStrictEqual(
        new Set(problems.map((problem) => problem.split(" ")[0])),
        new Set(Object.keys(wrong))
      )
      assert.isTrue(problems.every((problem) => problem.includes("(environment): expected")))
      for (const value of Object.values(wrong)) assert.notInclude(message, ` ${value}`)
    }))

  it("name each variable once", () => {
    const names = Object.values(table).map(({ name }) => name)
    assert.strictEqual(new Set(names).size, names.length)
    assert.isTrue(names.every((name) => /^(?:SLUICE|OTEL)_[A-Z_]+$/.test(name)))
  })

  it.effect("of Redis are those that its broker reads", () =>
    Effect.gen(function*() {
      const asked = new Set<string>()
      const provider = ConfigProvider.make((path) =>
        Effect.sync(() => {
          asked.add(path.join("_"))
          return path[0] === "SLUICE_PREFIX" ? ConfigProvider.makeValue("not a prefix!") : undefined
        })
      )
      // the prefix is wrong, so nothing connects
      const exit = yield* Effect.exit(Effect.scoped(Layer.build(RedisBroker.layerConfig.pipe(
        Layer.provide(ConfigProvider.layer(provider))
      ))))
      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual([...asked].toSorted(), Object.values(redisTable).map(({ name }) => name).toSorted())
    }))
})

describe("settings that do not fit together", () => {
  const key = { name: "k", scopes: ["read"], secret: { sha256: "0".repeat(64) } } as const
  const cases: ReadonlyArray<readonly [Record<string, string>, ReadonlyArray<typeof key>, string | undefined]> = [
    [{ SLUICE_HTTP_HOST: "0.0.0.0" }, [], "SLUICE_HTTP_HOST"],
    [{ SLUICE_HTTP_HOST: "::" }, [], "SLUICE_HTTP_HOST"],
    [{ SLUICE_HTTP_HOST: "0.0.0.0" }, [key], undefined],
    [{ SLUICE_HTTP_HOST: "0.0.0.0", SLUICE_ALLOW_ANONYMOUS: "true" }, [], undefined],
    [{ SLUICE_HTTP_HOST: "::1" }, [], undefined],
    [{ SLUICE_TLS_CERT_FILE: "/cert" }, [], "SLUICE_TLS_CERT_FILE"],
    [{ SLUICE_IDLE_TIMEOUT: "30s" }, [], "SLUICE_IDLE_TIMEOUT"],
    [{ SLUICE_REQUEST_TIMEOUT: "5s" }, [], "SLUICE_HEADERS_TIMEOUT"]
  ]
  it.effect.each(cases)("are told: %j", ([env, keys, name]) =>
    Effect.gen(function*() {
      const conflicts = conflictsOf(yield* read(env), keys)
      assert.deepStrictEqual(conflicts.map((one) => one.split(/[ :]/)[0]), name === undefined ? [] : [name])
    }))

  it.each([["127.0.0.1", true], ["127.9.8.7", true], ["localhost", true], ["0.0.0.0", false], ["10.0.0.1", false], [
    "127.0.0.1.evil.example",
    false
  ]])(
    "%s is loopback: %s",
    (host, expected) => assert.strictEqual(isLoopback(host), expected)
  )
})

describe("API keys", () => {
  const keysOf = (text: string) => readApiKeys(Redacted.make(text))

  it("are read from one line or many, with comments between them", () => {
    const hash = "A".repeat(64)
    const keys = Result.getOrThrow(keysOf(`a:enqueue:0123456789abcdef,
      # rotated in March
      a:enqueue:fedcba9876543210:with:colons
      b.c-d_e:enqueue+read+operate:sha256=${hash}
    `))
    assert.deepStrictEqual(keys.map(({ name }) => name), ["a", "a", "b.c-d_e"])
    assert.deepStrictEqual(keys[2]?.scopes, ["enqueue", "read", "operate"])
    assert.deepStrictEqual(keys[2]?.secret, { sha256: hash.toLowerCase() })
    const secret = keys[1]?.secret ?? { sha256: "" }
    assert.strictEqual("plain" in secret ? Redacted.value(secret.plain) : "", "fedcba9876543210:with:colons")
  })

  it.each([
    ["ok:read:0123456789abcdef,short:read:0123", "entry 2: the key is shorter than 16 characters"],
    ["a:admin:0123456789abcdef", "entry 1: the scopes are enqueue, read and operate, with + between them"],
    ["a:read:sha256=123", "entry 1: sha256= needs 64 hex digits"],
    ["0123456789abcdef", "entry 1: expected <name>:<scopes>:<key>, such as shop:enqueue+read:<16 or more characters>"]
  ])("that are wrong are told by their place: %s", (text, problem) => {
    assert.deepStrictEqual(keysOf(text), Result.fail(problem))
  })

  it("are shown by their names and scopes only", () => {
    const text = "shop:enqueue:secret-1-0000000000,broken-secret-2,ops:read+operate:secret-3-000000000"
    assert.strictEqual(maskKeys(text), "shop:enqueue:<redacted>,<redacted>,ops:read+operate:<redacted>")
    assert.strictEqual(table.apiKeys.mask(text), maskKeys(text))
  })

  it("are none in an empty text", () => assert.deepStrictEqual(keysOf(" \n, # nothing"), Result.succeed([])))
})
