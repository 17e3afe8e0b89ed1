import { assert, describe, it } from "@effect/vitest"
import { JobQueue } from "@sluice/core"
import type { ExchangeReply } from "@sluice/core/Broker"
import type { ClaimedJob } from "@sluice/core/Lease"
import * as JobId from "@sluice/core/JobId"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Appetite } from "../src/Appetite.ts"
import * as Host from "../src/Host.ts"
import type { Call } from "../src/Lane.ts"

const claimed: ClaimedJob = {
  id: JobId.make(0, "a"),
  token: "t",
  attempt: 1,
  handedBack: 0,
  startedAtMs: 0,
  job: {
    task: "test",
    version: 1,
    payload: "{}",
    priority: 0,
    attempts: 1,
    maxAgeMs: 0,
    crashDelayMs: 0,
    keepDeadMs: 0,
    key: undefined,
    trace: undefined,
    enqueuedAtMs: 0
  }
}

/** A reply with so many jobs; another one is due in `nextDueMs`. */
const reply = (count: number, nextDueMs?: number): ExchangeReply => ({
  settled: [],
  jobs: Array.from({ length: count }, () => claimed),
  nextDueMs,
  paused: false
})

const setUp = Effect.gen(function*() {
  let rung = 0
  const appetite = new Appetite(Host.make(yield* Effect.context<never>()), 60_000, () => void rung++)
  /** A call that claims two, sent now. */
  const call = (tries = 1): Call => ({
    request: {
      queue: JobQueue.make("q"),
      consumer: "c",
      lane: "0",
      sequence: 1,
      settle: [],
      claim: 2,
      leaseMs: 1000,
      wake: true
    },
    news: appetite.news,
    firstSentAt: 0,
    lastSentAt: 0,
    tries,
    failed: false
  })
  return { appetite, call, rings: () => rung }
})

describe("an appetite", () => {
  it.effect("rests after a short claim until the next job is due", () =>
    Effect.gen(function*() {
      const { appetite, call, rings } = yield* setUp
      appetite.fed(call(), reply(1, 500))
      assert.isFalse(appetite.hungry)
      yield* TestClock.adjust(500)
      assert.deepStrictEqual([appetite.hungry, rings()], [true, 1])
    }))

  it.effect("stays after a full claim", () =>
    Effect.gen(function*() {
      const { appetite, call } = yield* setUp
      appetite.fed(call(), reply(2))
      assert.isTrue(appetite.hungry)
    }))

  it.effect("stays when a wake-up came after the short claim had been sent", () =>
    Effect.gen(function*() {
      const { appetite, call } = yield* setUp
      const sent = call()
      appetite.woken()
      appetite.fed(sent, reply(0))
      assert.isTrue(appetite.hungry)
    }))

  it.effect("stays when another lane's claim got all it asked for after the short one had been sent", () =>
    Effect.gen(function*() {
      const { appetite, call } = yield* setUp
      const sent = call()
      appetite.fed(call(), reply(2))
      appetite.fed(sent, reply(0))
      assert.isTrue(appetite.hungry)
    }))

  it.effect("comes back when a short reply answers a repeat", () =>
    Effect.gen(function*() {
      const { appetite, call } = yield* setUp
      appetite.fed(call(), reply(0))
      assert.isFalse(appetite.hungry)
      appetite.fed(call(2), reply(0))
      assert.isTrue(appetite.hungry)
    }))
})
