import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as References from "effect/References"
import type { Redis } from "ioredis"
import { Broker } from "../../src/broker/Broker.ts"
import { Events, type QueueEvent } from "../../src/broker/Events.ts"
import * as RedisBroker from "../../src/broker/redis/RedisBroker.ts"
import { job, jobs, settle } from "../../src/testing/JobFactory.ts"
import { client, commandCalls, created, queue, request, server } from "./support/Brokers.ts"

const key = "{sluice:q:0}:events"

/** A broker and its events; what it logs of outages is not printed. */
const connect = (url: string) =>
  Effect.map(RedisBroker.make({ url, deadline: "20 seconds" }), (context) => ({
    broker: Context.get(context, Broker),
    events: Context.get(context, Events)
  })).pipe(Effect.provideService(References.MinimumLogLevel, "Fatal"))

/** Opens a reader; its events come one by one. */
const listen = Effect.fnUntraced(function*(events: Events["Service"], after?: string) {
  const heard = yield* Queue.unbounded<QueueEvent>()
  // one that names its partitions is opened; any other would be waited for
  const reader = yield* events.read({ ...queue, partitions: 1 }, { after })
  yield* Effect.forkScoped(Effect.forever(Effect.flatMap(reader.next, (found) => Queue.offerAll(heard, found))))
  return { listening: yield* Queue.take(heard), next: Queue.take(heard) }
})

/** What each entry of the stream is of, and how many jobs it has. */
const entries = (redis: Redis) =>
  Effect.map(
    Effect.promise(() => redis.xrange(key, "-", "+")),
    (found) => found.map(([, fields]): readonly [string, number] => [fields[1]!, fields[5]!.split("\n").length])
  )

describe("the stream of events", () => {
  it.live("is not there, and takes no command, while nobody reads", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker } = yield* connect(url)
      yield* created(broker, jobs(10))
      const { jobs: held } = yield* broker.exchange(request(1, { claim: 10 }))
      yield* broker.exchange(request(2, { settle: held.map((one) => settle.complete(one)) }))
      assert.strictEqual(yield* Effect.promise(() => redis.exists(key)), 0)
      const stats = yield* commandCalls(redis)
      assert.doesNotHaveAnyKeys(Object.fromEntries(stats), ["xadd", "hincrby recorded"])
    }))

  it.live("has one entry for each call and kind, whatever the number of jobs", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker, events } = yield* connect(url)
      const { next } = yield* listen(events)
      yield* created(broker, jobs(100))
      const { jobs: held } = yield* broker.exchange(request(1, { claim: 60 }))
      yield* broker.exchange(request(2, {
        claim: 20,
        settle: held.map((one, index) => index % 2 === 0 ? settle.complete(one, index) : settle.release(one))
      }))
      const found = yield* entries(redis)
      assert.deepStrictEqual(found, [
        ["enqueued", 100],
        ["claimed", 60],
        ["completed", 30],
        ["released", 30],
        ["claimed", 20]
      ])
      for (let index = 0; index < 240; index++) yield* next
    }))

  it.live("keeps about as many jobs' events as it was told, not entries", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker } = yield* connect(url)
      const small = { ...queue, recordEvents: "always" as const, keepEvents: 2000 }
      for (let call = 0; call < 20; call++) yield* broker.enqueue(small, jobs(500))
      const kept = (yield* entries(redis)).reduce((sum, [, count]) => sum + count, 0)
      assert.isAtLeast(kept, 2000)
      assert.isBelow(kept, 4000)
    }))

  it.live("tells a reader at once", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const { broker, events } = yield* connect(url)
      const { next } = yield* listen(events)
      const times: Array<number> = []
      for (let round = 0; round < 20; round++) {
        const before = performance.now()
        yield* created(broker, [job()])
        assert.strictEqual((yield* next).event, "enqueued")
        times.push(performance.now() - before)
      }
      // a slow look comes every 2 s only
      assert.isBelow(times.toSorted((left, right) => left - right)[10]!, 500)
    }))

  it.live("does not hold up what a full server still does", () =>
    Effect.gen(function*() {
      const { url } = yield* server({ config: { "maxmemory-policy": "noeviction" } })
      const redis = yield* client(url)
      const { broker, events } = yield* connect(url)
      const { next } = yield* listen(events)
      yield* created(broker, jobs(20))
      let reply = yield* broker.exchange(request(1, { claim: 5 }))
      yield* Effect.promise(() => redis.config("SET", "maxmemory", "1"))
      for (let sequence = 2; reply.jobs.length > 0; sequence++) {
        const settles = reply.jobs.map((one) => settle.complete(one, 0))
        reply = yield* broker.exchange(request(sequence, { claim: 5, settle: settles }))
        assert.notInclude(reply.settled, "lost")
      }
      yield* broker.pause(queue)
      yield* Effect.promise(() => redis.config("SET", "maxmemory", "0"))
      yield* broker.resume(queue)
      // whatever was recorded meanwhile: nothing is told wrongly, and the reader goes on
      while ((yield* next).event !== "resumed");
    }))
})

describe("a reader of events whose server goes away", () => {
  it.live("is told a gap when the data is lost, and goes on", () =>
    Effect.gen(function*() {
      const world = yield* server()
      const { broker, events } = yield* connect(world.url)
      const first = yield* listen(events)
      yield* created(broker, jobs(3))
      const last = yield* Effect.andThen(first.next, Effect.andThen(first.next, first.next))
      yield* Effect.promise(() => world.restart())
      const again = yield* listen(events, last.cursor)
      yield* created(broker, [job({ id: "later" })])
      assert.strictEqual((yield* again.next).event, "gap")
      assert.propertyVal(yield* again.next, "id", "0:later")
    }), 30_000)

  it.live("misses nothing when the data stays", () =>
    Effect.gen(function*() {
      const world = yield* server({ appendonly: true })
      const { broker, events } = yield* connect(world.url)
      const { next } = yield* listen(events)
      const before = yield* created(broker, jobs(2))
      yield* Effect.promise(() => world.restart())
      const after = yield* created(broker, jobs(2))
      for (const id of [...before, ...after]) assert.propertyVal(yield* next, "id", id)
    }), 30_000)

  it.live("is recorded for again where the queue is set to record always", () =>
    Effect.gen(function*() {
      const world = yield* server()
      const redis = yield* client(world.url)
      const { broker } = yield* connect(world.url)
      const always = { ...queue, recordEvents: "always" as const }
      yield* broker.enqueue(always, jobs(1))
      yield* Effect.promise(() => world.restart())
      while ((yield* entries(redis)).length === 0) yield* broker.enqueue(always, jobs(1))
    }), 30_000)
})
