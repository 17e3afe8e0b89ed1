import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { scripts } from "../../src/broker/redis/Scripts.generated.ts"
import { jobs, settle } from "../../src/testing/JobFactory.ts"
import { client, commandCalls, connect, created, queue, request, server } from "./support/Brokers.ts"

describe("scripts", () => {
  it.live("are sent again when the server has forgotten them, and only then", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker } = yield* connect({ url })
      yield* created(broker, jobs(1))
      yield* Effect.promise(() => redis.script("FLUSH"))
      yield* Effect.promise(() => redis.config("RESETSTAT"))
      yield* Effect.forEach(jobs(50), (job) => created(broker, [job]), { concurrency: "unbounded" })
      const [first] = (yield* broker.exchange(request(1, { claim: 1 }))).jobs
      yield* broker.exchange(request(2, { settle: [settle.complete(first!)] }))
      const calls = yield* commandCalls(redis)
      // two enqueues may be under way when the first learns of it; claim and settle are one script
      assert.isAtMost(calls.get("eval")?.calls ?? 0, 3)
      assert.isAtLeast(calls.get("eval")?.calls ?? 0, 2)
    }))

  it.live("are sent again in the middle of a bulk enqueue, without doing anything twice", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker, inspector } = yield* connect({ url })
      const flushing = yield* Effect.forkChild(
        Effect.forever(Effect.promise(() => redis.script("FLUSH")).pipe(Effect.andThen(Effect.yieldNow)))
      )
      yield* Effect.forEach(Array.from({ length: 20 }), () => created(broker, jobs(100)), { concurrency: 4 })
      flushing.interruptUnsafe()
      assert.strictEqual((yield* inspector.stats(queue)).totals.enqueued, 2000)
    }))

  it.live("tell how long it is until the next job is due to less than a millisecond", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker } = yield* connect({ url })
      const [id] = yield* created(broker, jobs(1, () => ({ delayMs: 60_000 })))
      const due = Number(yield* Effect.promise(() => redis.zscore("{sluice:q:0}:scheduled", id!)))
      // whole milliseconds would be too many in most of the tries
      for (let sequence = 1; sequence <= 50; sequence++) {
        const [seconds, micros] = yield* Effect.promise(() => redis.time())
        const before = Number(seconds) * 1000 + Number(micros) / 1000
        const { nextDueMs } = yield* broker.exchange(request(sequence, { claim: 1 }))
        // three decimals were rounded
        assert.isAtMost(nextDueMs!, due - before + 0.001)
        assert.isAbove(nextDueMs!, 0)
      }
    }))

  it.live("settle an id that a call names twice once, whoever wrote the client", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker, inspector } = yield* connect({ url })
      const [id] = yield* created(broker, jobs(1))
      const [claimed] = (yield* broker.exchange(request(1, { claim: 1 }))).jobs
      const group = ["C", "60000", "2", claimed!.token, id!, id!]
      const reply = yield* Effect.promise(() =>
        redis.eval(scripts.exchange.lua, 1, "{sluice:q:0}", "", "x", "1", "x", "0", "1000", "x", "", "100", ...group)
      )
      assert.deepStrictEqual(Array.isArray(reply) ? reply.slice(0, -1) : reply, [2, "2", -1, 0, "", "", []])
      assert.strictEqual((yield* inspector.stats(queue)).totals.completed, 1)
    }))

  it("carry the address under which Redis files them", () => {
    for (const { lua, name, sha1 } of Object.values(scripts)) {
      assert.strictEqual(sha1, createHash("sha1").update(lua).digest("hex"), name)
    }
  })

  it.live("load on a real server", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      for (const { lua, sha1 } of Object.values(scripts)) {
        assert.strictEqual(yield* Effect.promise(() => redis.script("LOAD", lua)), sha1)
      }
    }))
})
