import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Broker } from "../../src/broker/Broker.ts"
import * as RedisBroker from "../../src/broker/redis/RedisBroker.ts"
import { config, settings } from "../../src/broker/redis/RedisConfig.ts"
import { jobs } from "../../src/testing/JobFactory.ts"
import { created, server } from "./support/Brokers.ts"

const shown = (options: RedisBroker.Options) => {
  const { database, host, password, port, tls, username } = settings(options)
  return [host, port, username, password && Redacted.value(password), database, tls]
}

const fromEnv = (env: Record<string, string>) =>
  Effect.provide(Effect.suspend(() => config), ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))

describe("the options", () => {
  it("have defaults", () => {
    assert.deepStrictEqual(shown({}), ["127.0.0.1", 6379, undefined, undefined, 0, false])
    const { clock, connectionName, deadlineMs, evictionPolicy, prefix } = settings({})
    assert.deepStrictEqual([clock, connectionName, deadlineMs, evictionPolicy, prefix], [
      "redis",
      "sluice",
      5000,
      "refuse",
      "sluice"
    ])
  })

  it("read a URL, of which single options replace parts", () => {
    const url = "rediss://me:p%40ss@cache.internal:7000/3"
    assert.deepStrictEqual(shown({ url }), ["cache.internal", 7000, "me", "p@ss", 3, true])
    assert.deepStrictEqual(shown({ url: Redacted.make(url), password: "other", database: 0, tls: false }), [
      "cache.internal",
      7000,
      "me",
      "other",
      0,
      false
    ])
    assert.deepStrictEqual(shown({ url: "redis://[::1]" }), ["::1", 6379, undefined, undefined, 0, false])
  })

  it("refuse what is out of range, and never repeat a URL, which may hold a password", () => {
    for (const url of ["http://secret", "secret", "redis://secret/x", "redis://secret:99999"]) {
      try {
        settings({ url })
        assert.fail(`took ${url}`)
      } catch (error) {
        assert.instanceOf(error, RangeError)
        assert.notInclude(error.message, "secret")
      }
    }
    const wrong: ReadonlyArray<RedisBroker.Options> = [
      { prefix: "a:b" },
      { prefix: "" },
      { deadline: 0 },
      { deadline: "30 days" },
      { port: 0 },
      { port: 1.5 },
      { database: -1 }
    ]
    for (const options of wrong) assert.throws(() => settings(options), RangeError)
  })
})

describe("the environment", () => {
  it.effect("may be empty", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* fromEnv({}), settings({}))
    }))

  it.effect("sets every option but the clock", () =>
    Effect.gen(function*() {
      const found = yield* fromEnv({
        SLUICE_REDIS_URL: "redis://cache:7000",
        SLUICE_REDIS_PASSWORD: "pw",
        SLUICE_PREFIX: "my-app",
        SLUICE_REDIS_DEADLINE: "250 millis",
        SLUICE_REDIS_EVICTION_POLICY: "warn",
        SLUICE_REDIS_CONNECTION_NAME: "api"
      })
      assert.deepStrictEqual([found.host, found.port, found.prefix, found.deadlineMs], ["cache", 7000, "my-app", 250])
      assert.deepStrictEqual([found.evictionPolicy, found.connectionName, found.clock], ["warn", "api", "redis"])
      assert.strictEqual(found.password && Redacted.value(found.password), "pw")
      assert.notInclude(JSON.stringify(found), "pw")
    }))

  it.effect("is refused with what is wrong in it", () =>
    Effect.gen(function*() {
      for (
        const [env, word] of [
          [{ SLUICE_PREFIX: "a:b" }, "prefix"],
          [{ SLUICE_REDIS_URL: "nonsense" }, "redis://"],
          [{ SLUICE_REDIS_DEADLINE: "soon" }, "SLUICE_REDIS_DEADLINE"],
          [{ SLUICE_REDIS_EVICTION_POLICY: "pray" }, "SLUICE_REDIS_EVICTION_POLICY"]
        ] as const
      ) {
        const error = yield* Effect.flip(fromEnv(env))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, word)
      }
    }))

  it.live("is all that layerConfig needs", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const env = ConfigProvider.layer(ConfigProvider.fromEnvRecord({ SLUICE_REDIS_URL: url }))
      yield* Effect.provide(
        Broker.use((broker) => created(broker, jobs(1))),
        Layer.provide(RedisBroker.layerConfig, env)
      )
    }))
})
