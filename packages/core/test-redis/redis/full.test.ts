import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { job, jobs, settle } from "../../src/testing/JobFactory.ts"
import { client, connect, created, queue, request, server } from "./support/Brokers.ts"

describe("a server that is out of memory", () => {
  const setUp = Effect.gen(function*() {
    const { url } = yield* server({ config: { "maxmemory-policy": "noeviction" } })
    const redis = yield* client(url)
    const { broker, inspector } = yield* connect({ url })
    yield* created(broker, jobs(30))
    const { jobs: claimed } = yield* broker.exchange(request(1, { claim: 5 }))
    yield* Effect.promise(() => redis.config("SET", "maxmemory", "1"))
    const free = Effect.promise(() => redis.config("SET", "maxmemory", "0"))
    return { broker, inspector, claimed, free }
  })

  it.live("refuses new jobs with BrokerFull and changes nothing", () =>
    Effect.gen(function*() {
      const { broker, free, inspector } = yield* setUp
      const full = [jobs(1), jobs(500), [job({ delayMs: 1000, priority: 5, awaited: true })]]
      for (const batch of full) {
        assert.strictEqual((yield* Effect.flip(broker.enqueue(queue, batch))).reason._tag, "BrokerFull")
      }
      yield* free
      assert.strictEqual((yield* inspector.stats(queue)).totals.enqueued, 30)
      yield* created(broker, jobs(1))
    }))

  it.live("takes the part of a call that fits, and says of each other job that it is not in", () =>
    Effect.gen(function*() {
      const { url } = yield* server({ config: { "maxmemory-policy": "noeviction" } })
      const redis = yield* client(url)
      const { broker, inspector } = yield* connect({ url })
      yield* created(broker, jobs(1))
      const info = yield* Effect.promise(() => redis.info("memory"))
      const used = Number(/used_memory:(\d+)/.exec(info)![1])
      yield* Effect.promise(() => redis.config("SET", "maxmemory", String(used + 24_000_000)))
      // calls of 4 MiB each, 40 MB in all
      const payload = `"${"x".repeat(200_000)}"`
      const answers = yield* broker.enqueue(queue, jobs(200, () => ({ payload })))
      const taken = answers.filter(({ answer }) => answer === "created").length
      const refused = answers.filter((one) => one.answer === "refused" && one.reason._tag === "BrokerFull").length
      assert.isAbove(taken, 0)
      assert.isAbove(refused, 0)
      assert.strictEqual(taken + refused, 200)
      assert.strictEqual((yield* inspector.stats(queue)).totals.enqueued, 1 + taken)
    }))

  it.live("still lets consumers settle and claim, so that it empties", () =>
    Effect.gen(function*() {
      const { broker, claimed, inspector } = yield* setUp
      const [complete, retry, snooze, release, die] = claimed
      let reply = yield* broker.exchange(request(2, {
        claim: 5,
        wake: true,
        settle: [
          settle.complete(complete!, 0),
          settle.retry(retry!, 0),
          settle.snooze(snooze!, 0),
          settle.release(release!),
          settle.die(die!)
        ]
      }))
      assert.deepStrictEqual(reply.settled, ["settled", "settled", "settled", "settled", "settled"])
      for (let sequence = 3; reply.jobs.length > 0; sequence++) {
        const settles = reply.jobs.map((one) => settle.complete(one, 0))
        reply = yield* broker.exchange(request(sequence, { claim: 5, wake: true, settle: settles }))
        assert.notInclude(reply.settled, "lost")
      }
      const { states, totals } = yield* inspector.stats(queue)
      assert.deepStrictEqual([states.available, states.running, totals.completed], [0, 0, 29])
    }))

  it.live("still does the maintenance duties and extends leases", () =>
    Effect.gen(function*() {
      const { broker, claimed } = yield* setUp
      const extended = yield* broker.extend(queue, claimed, 30_000)
      assert.isTrue(extended.every(({ _tag }) => _tag === "Extended"))
      assert.deepStrictEqual(yield* broker.promote(queue, 10), { count: 0, more: false })
      assert.deepStrictEqual(yield* broker.rescue(queue, 10), { count: 0, more: false })
      assert.deepStrictEqual(yield* broker.prune(queue, 10), { count: 0, more: false })
      assert.deepStrictEqual(yield* broker.drain(queue, 100), { count: 25, more: false })
    }))
})
