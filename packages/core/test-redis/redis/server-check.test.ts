import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ServerCheck from "../../src/broker/redis/ServerCheck.ts"
import { jobs } from "../../src/testing/JobFactory.ts"
import { client, connect, created, reasonOf, server } from "./support/Brokers.ts"

const info = (...lines: ReadonlyArray<string>) => `# Server\r\n${lines.join("\r\n")}\r\n# Memory\r\nused_memory:1\r\n`
const tooOld = (...lines: ReadonlyArray<string>) => ServerCheck.tooOld(ServerCheck.factsOf(info(...lines)))

describe("the server's version", () => {
  it("is refused below 7.0, with what is needed", () => {
    for (const version of ["2.8.0", "6.2.14", "6.9.99"]) {
      const reason = tooOld(`redis_version:${version}`)
      assert.strictEqual(reason?._tag, "RedisTooOld", version)
      assert.include(reason?.message, version)
    }
  })

  it("is taken from 7.0 on, and compared by number", () => {
    for (const version of ["7.0.0", "7.0.15", "7.4.1", "8.0.2", "10.0.0"]) {
      assert.isUndefined(tooOld(`redis_version:${version}`), version)
    }
  })

  it("does not matter for Valkey, nor when it is unknown", () => {
    assert.isUndefined(tooOld("redis_version:6.0.0", "server_name:valkey", "valkey_version:8.0.1"))
    assert.isUndefined(tooOld("redis_version:6.0.0", "valkey_version:9.1.2"))
    assert.isUndefined(ServerCheck.tooOld(ServerCheck.factsOf("")))
  })
})

describe("the server's maxmemory-policy", () => {
  it("is refused when it may delete any key, and taken when it only deletes keys that expire", () => {
    const mayEvict = (policy: string) => ServerCheck.mayEvict(ServerCheck.factsOf(info(`maxmemory_policy:${policy}`)))
    for (const policy of ["allkeys-lru", "allkeys-lfu", "allkeys-random"]) {
      assert.strictEqual(mayEvict(policy)?._tag, "EvictionPolicyUnsafe", policy)
    }
    for (const policy of ["noeviction", "volatile-lru", "volatile-ttl", ""]) {
      assert.isUndefined(mayEvict(policy), policy)
    }
  })

  it.live("keeps a broker from being built, unless a warning is enough", () =>
    Effect.gen(function*() {
      const { url } = yield* server({ config: { "maxmemory-policy": "allkeys-lru" } })
      const error = yield* Effect.flip(connect({ url }))
      assert.strictEqual(error.reason._tag, "EvictionPolicyUnsafe")
      assert.include(error.message, "allkeys-lru")
      const { broker } = yield* connect({ url, evictionPolicy: "warn" })
      yield* created(broker, jobs(1))
    }))
})

describe("a server that does not let us in", () => {
  it.live("fails at once, not at the deadline", () =>
    Effect.gen(function*() {
      const { port, url } = yield* server()
      const redis = yield* client(url)
      yield* Effect.promise(() => redis.config("SET", "requirepass", "right"))
      const start = performance.now()
      assert.strictEqual(yield* reasonOf(connect({ url })), "BrokerRefused")
      assert.strictEqual(yield* reasonOf(connect({ url, password: "wrong" })), "BrokerRefused")
      assert.isBelow(performance.now() - start, 2_500)
      const { broker } = yield* connect({ url: `redis://:right@127.0.0.1:${port}` })
      yield* created(broker, jobs(1))
    }))

  it.live("is used without checks when it only keeps INFO from us", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      yield* Effect.promise(() => redis.acl("SETUSER", "app", "on", ">pw", "~*", "&*", "+@all", "-info"))
      const { broker } = yield* connect({ url, username: "app", password: "pw" })
      yield* created(broker, jobs(1))
    }))

  it.live("fails with BrokerRefused where it denies a command, and changes nothing", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      yield* Effect.promise(() =>
        redis.acl("SETUSER", "app", "on", ">pw", "~{sluice:*", "~sluice:*", "&sluice:*", "+@all", "-zadd")
      )
      const { broker, inspector } = yield* connect({ url, username: "app", password: "pw" })
      const error = yield* Effect.flip(created(broker, jobs(1)))
      assert.strictEqual(error.reason._tag, "BrokerRefused")
      assert.include(error.message, "can't run this command")
      // keys and channels of the prefix are enough for everything else
      assert.deepStrictEqual(yield* inspector.queues, ["q"])
    }))
})
