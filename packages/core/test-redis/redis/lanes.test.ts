import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { client, connect, queue, request, server } from "./support/Brokers.ts"

it.effect("lanes of which nothing was heard for an hour are forgotten, little by little", () =>
  Effect.gen(function*() {
    const { url } = yield* server()
    const redis = yield* client(url)
    const { broker } = yield* connect({ url, clock: "caller" })
    const exchange = (lane: number) => broker.exchange(request(1, { lane: `l${lane}` }))
    const lanes = Effect.promise(() => redis.hlen("{sluice:q:0}:calls"))
    yield* Effect.forEach(Array.from({ length: 1000 }, (_, lane) => lane), exchange, { concurrency: 50 })
    yield* TestClock.adjust("59 minutes")
    yield* exchange(1000)
    yield* broker.prune(queue, 100)
    assert.strictEqual(yield* lanes, 1001)
    yield* TestClock.adjust("1 minute")
    yield* broker.prune(queue, 100)
    assert.isAbove(yield* lanes, 500)
    yield* Effect.forEach(Array.from({ length: 30 }), () => broker.prune(queue, 100))
    assert.strictEqual(yield* lanes, 1)
  }))
