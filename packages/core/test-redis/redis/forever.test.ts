import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { job, settle } from "../../src/testing/JobFactory.ts"
import { connect, created, queue, request, server } from "./support/Brokers.ts"

it.effect("jobs that are kept for ever are kept, however they ended", () =>
  Effect.gen(function*() {
    const { url } = yield* server()
    const { broker, inspector } = yield* connect({ url, clock: "caller" })
    const endless = job({ keepDeadMs: Infinity, maxAgeMs: Infinity, attempts: 1 })
    const ids = yield* created(broker, [endless, endless, endless, endless])
    const held = (yield* broker.exchange(request(1, { claim: 3, leaseMs: 1000 }))).jobs
    yield* broker.exchange(request(2, {
      settle: [settle.complete(held[0]!, Infinity), settle.die(held[1]!, Number.MAX_SAFE_INTEGER)]
    }))
    yield* broker.cancel(queue, [ids[3]!], "no")
    yield* TestClock.adjust("1 second")
    assert.strictEqual((yield* broker.rescue(queue, 10)).count, 1)
    yield* TestClock.adjust("5000 days")
    assert.strictEqual((yield* broker.prune(queue, 10)).count, 0)
    const { states } = yield* inspector.stats(queue)
    assert.deepStrictEqual([states.completed, states.dead, states.cancelled], [1, 2, 1])
  }))
