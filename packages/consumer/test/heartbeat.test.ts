import { assert, describe, it } from "@effect/vitest"
import { JobQueue } from "@sluice/core"
import type { ClaimedJob } from "@sluice/core/Lease"
import * as JobId from "@sluice/core/JobId"
import { Effect, Logger } from "effect"
import { TestClock } from "effect/testing"
import { Heartbeat } from "../src/Heartbeat.ts"
import * as Host from "../src/Host.ts"
import { LeaseBook } from "../src/LeaseBook.ts"
import { QueueHealth } from "../src/QueueHealth.ts"
import type { RunningJob } from "../src/RunningJob.ts"

const claimed = (n: number): ClaimedJob => ({
  id: JobId.make(0, String(n)),
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
})
const job = (n: number, heldUntil: number): RunningJob => ({
  claimed: claimed(n),
  startedAt: 0,
  startedMs: 0,
  heldUntil,
  stop: undefined,
  ended: false,
  fiber: undefined
})

/** A heartbeat over jobs whose leases hold for 30 s, in a process that can be made to stand still. */
const beating = Effect.fnUntraced(function*(count: number) {
  const base = Host.make(yield* Effect.context<never>())
  const process = { stoodStillMs: 0 }
  const host: Host.Host = { ...base, nowMs: () => base.nowMs() + process.stoodStillMs }
  const events: Array<string> = []
  const leases = new LeaseBook((_, stop) => events.push(stop._tag))
  for (let n = 0; n < count; n++) leases.enter(job(n, 30_000))
  const heartbeat = new Heartbeat({
    host,
    queue: JobQueue.make("default"),
    leaseMs: 30_000,
    leases,
    health: new QueueHealth(host, "default"),
    extend: (_, refs) =>
      Effect.sync(() => {
        events.push(`extend ${refs.length}`)
        return refs.map(() => ({ _tag: "Extended" as const }))
      })
  })
  yield* Effect.forkChild(heartbeat.run, { startImmediately: true })
  return { events, process, heartbeat }
})

describe("a heartbeat", () => {
  it.effect("gives overdue leases up before anything else, after its process stood still", () => {
    const logged: Array<string> = []
    const logger = Logger.make(({ message }) => {
      logged.push(String(message))
    })
    return Effect.gen(function*() {
      const { events, process } = yield* beating(2)
      yield* TestClock.adjust("9 seconds")
      process.stoodStillMs = 60_000
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(events, ["Lost", "Lost"])
      assert.include(logged.join("\n"), "stood still for 60000 ms")
    }).pipe(Effect.provide(Logger.layer([logger])))
  })

  it.effect("says nothing of a standstill that was shorter, and extends", () =>
    Effect.gen(function*() {
      const { events, process } = yield* beating(2)
      yield* TestClock.adjust("9 seconds")
      process.stoodStillMs = 5000
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(events, ["extend 2"])
    }))

  it.effect("extends more leases than one call carries in several", () =>
    Effect.gen(function*() {
      const { events } = yield* beating(2500)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(events, ["extend 1000", "extend 1000", "extend 500"])
    }))

  it.effect("beats at once when it is kicked, once however often", () =>
    Effect.gen(function*() {
      const { events, heartbeat } = yield* beating(1)
      yield* TestClock.adjust("1 second")
      heartbeat.kick()
      heartbeat.kick()
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(events, ["extend 1"])
    }))
})
