/**
 * The registry in Redis is held to the conformance suite, and to what only Redis can show: which keys it has, and that
 * those who are gone leave nothing behind.
 */
import { assert, describe, it } from "@effect/vitest"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { Registry } from "@sluice/core/Registry"
import { registryConformance } from "@sluice/core/testing"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Redis } from "ioredis"
import { inject } from "vitest"
import { uniquePrefix } from "../../../tests/support/uniquePrefix.ts"

const layer = (prefix = uniquePrefix()) => RedisBroker.layer({ url: inject("redisUrl"), prefix, clock: "caller" })

registryConformance("Redis broker, its registry", layer)

const client = Effect.acquireRelease(
  Effect.sync(() => new Redis(inject("redisUrl"))),
  (redis) => Effect.sync(() => redis.disconnect())
)

const consumer = (name: string) => ({
  name,
  host: "host",
  pid: 1,
  version: undefined,
  queues: [],
  startedAtMs: 0,
  state: "running" as const
})

describe("the registry's keys", () => {
  it.effect("lie in one slot of their own, and hold nothing of consumers that lapsed", () => {
    const prefix = uniquePrefix()
    const key = (name: string) => `{${prefix}:registry}:${name}`
    return Effect.gen(function*() {
      const redis = yield* client
      const registry = yield* Registry
      const count = Effect.promise(async () => [await redis.zcard(key("seen")), await redis.hlen(key("consumers"))])
      const beat = (name: string) => registry.beat(consumer(name))
      yield* Effect.forEach(Array.from({ length: 250 }, (_, index) => `gone-${index}`), beat)
      yield* registry.publish([{ task: "T", queue: "q", version: 1, schemas: [] }])
      const keys = yield* Effect.promise(() => redis.keys(`*${prefix}*`))
      assert.deepStrictEqual(keys.toSorted(), [key("consumers"), key("seen"), key("tasks")])
      yield* TestClock.adjust("1 minute")
      yield* beat("here")
      // each beat deletes a bounded number of those that have lapsed, though nobody lists them
      assert.deepStrictEqual(yield* count, [151, 151])
      yield* beat("here")
      yield* beat("here")
      assert.deepStrictEqual(yield* count, [1, 1])
    }).pipe(Effect.provide(layer(prefix)), Effect.scoped)
  })

  it.effect("leaves out and leaves alone what it can't read", () => {
    const prefix = uniquePrefix()
    return Effect.gen(function*() {
      const redis = yield* client
      const registry = yield* Registry
      yield* registry.publish([{ task: "T", queue: "q", version: 1, schemas: [] }])
      yield* Effect.promise(() => redis.hset(`{${prefix}:registry}:tasks`, "U", "{\"format\":2}"))
      yield* registry.publish([{ task: "U", queue: "q", version: 1, schemas: [] }])
      assert.deepStrictEqual((yield* registry.tasks).map(({ task }) => task), ["T"])
      assert.strictEqual((yield* registry.task("U"))._tag, "None")
      const kept = yield* Effect.promise(() => redis.hget(`{${prefix}:registry}:tasks`, "U"))
      assert.strictEqual(kept, "{\"format\":2}")
    }).pipe(Effect.provide(layer(prefix)), Effect.scoped)
  })
})
