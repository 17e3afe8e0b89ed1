import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Redis } from "ioredis"
import type { Broker } from "../../src/broker/Broker.ts"
import { jobsLimit } from "../../src/broker/redis/EnqueueCall.ts"
import { job, jobs, settle } from "../../src/testing/JobFactory.ts"
import { client, commandCalls, connect, created, queue, request, server } from "./support/Brokers.ts"

/** The commands of one call, and the microseconds of all of them in Redis. */
const costOf = Effect.fnUntraced(function*<A, E>(redis: Redis, call: Effect.Effect<A, E>) {
  yield* Effect.promise(() => redis.config("RESETSTAT"))
  yield* call
  const stats = yield* commandCalls(redis)
  for (const name of ["config|resetstat", "info"]) stats.delete(name)
  return {
    calls: Object.fromEntries([...stats].map(([name, { calls }]) => [name, calls])),
    us: stats.get("evalsha")?.us ?? 0
  }
})

const total = ({ calls }: { readonly calls: Readonly<Record<string, number>> }): number =>
  Object.values(calls).reduce((sum, count) => sum + count, 0)

/** Rounds of 100 jobs settled and 100 claimed; the cheapest one, as a busy machine makes any of them dear. */
const cheapestRound = Effect.fnUntraced(function*(redis: Redis, broker: Broker["Service"], from: number) {
  let held = (yield* broker.exchange(request(from, { claim: 100 }))).jobs
  let best = Infinity
  let calls: object = {}
  for (let sequence = from + 1; sequence <= from + 10; sequence++) {
    const round = broker.exchange(request(sequence, { claim: 100, settle: held.map((one) => settle.complete(one, 0)) }))
    const cost = yield* costOf(redis, Effect.map(round, (reply) => held = reply.jobs))
    assert.strictEqual(held.length, 100)
    best = Math.min(best, cost.us)
    calls = cost.calls
  }
  yield* broker.exchange(request(from + 11, { settle: held.map((one) => settle.release(one)) }))
  return { best, calls }
})

describe("what a call costs Redis", () => {
  it.live(
    "a round is as many commands with 100,000 jobs waiting as with few, and about as long",
    () =>
      Effect.gen(function*() {
        const { url } = yield* server()
        const redis = yield* client(url)
        const { broker } = yield* connect({ url, deadline: "30 seconds" })
        const later = (count: number) => jobs(count, () => ({ delayMs: 3_600_000 }))
        yield* created(broker, [...jobs(2000), ...later(1)])
        const few = yield* cheapestRound(redis, broker, 1)
        yield* created(broker, [...jobs(100_000), ...later(20_000)])
        const many = yield* cheapestRound(redis, broker, 100)
        assert.deepStrictEqual(many.calls, few.calls)
        assert.isBelow(many.best / few.best, 4)
      }),
    60_000
  )

  it.live("a full call of enqueues takes as many commands as one with a single job", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker } = yield* connect({ url })
      yield* created(broker, jobs(1))
      const one = yield* costOf(redis, broker.enqueue(queue, jobs(1)))
      const full = yield* costOf(redis, broker.enqueue(queue, jobs(jobsLimit)))
      assert.deepStrictEqual(full.calls, one.calls)
    }))

  it.live("a claim takes as many commands for a hundred jobs as for two, and one job takes three fewer", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker } = yield* connect({ url })
      yield* created(broker, jobs(200))
      yield* broker.exchange(request(1, { claim: 1 }))
      const one = yield* costOf(redis, broker.exchange(request(2, { claim: 1 })))
      const two = yield* costOf(redis, broker.exchange(request(3, { claim: 2 })))
      yield* broker.exchange(request(4, { claim: 20 }))
      const hundred = yield* costOf(redis, broker.exchange(request(5, { claim: 100 })))
      assert.deepStrictEqual(hundred.calls, two.calls)
      assert.strictEqual(total(one), total(two) - 3)
    }))

  it.live("sets with more than a few entries are no listpacks, which would be searched from their start", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker } = yield* connect({ url })
      yield* created(broker, jobs(60, () => ({ priority: 1, awaited: true })))
      const held = (yield* broker.exchange(request(1, { claim: 60 }))).jobs
      for (const one of held.slice(0, 30)) yield* broker.progress(queue, one, "1")
      yield* broker.exchange(request(2, { settle: held.slice(30).map((one) => settle.retry(one)) }))
      const names = ["running", "leases", "attempts", "priorities", "awaited", "progress"]
      for (const name of names) {
        const encoding = yield* Effect.promise(() => redis.object("ENCODING", `{sluice:q:0}:${name}`))
        assert.notStrictEqual(encoding, "listpack", name)
        const entries = yield* Effect.promise(() =>
          redis.call(name === "running" ? "ZCARD" : "HLEN", `{sluice:q:0}:${name}`)
        )
        assert.isAtMost(Number(entries), 60, name)
      }
      yield* created(broker, [job()])
    }))
})
