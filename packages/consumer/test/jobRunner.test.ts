import { assert, describe, it } from "@effect/vitest"
import { Task } from "@sluice/core"
import * as Handler from "@sluice/core/Handler"
import * as JobId from "@sluice/core/JobId"
import type { ClaimedJob, Settlement } from "@sluice/core/Lease"
import * as Verdict from "@sluice/core/Verdict"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Host from "../src/Host.ts"
import { JobRunner } from "../src/JobRunner.ts"
import type { RunningJob } from "../src/RunningJob.ts"

class Work extends Task.make("Work", { timeout: "1 minute" }) {}

/** A runner of one handler, its jobs, and what was to be settled. */
const running = Effect.fnUntraced(
  function*(handler: (runner: () => JobRunner, job: () => RunningJob) => Effect.Effect<void>) {
    const host = Host.make(yield* Effect.context<never>())
    const started: Array<RunningJob> = []
    const ended: Array<Settlement | undefined> = []
    const live = Work.toLayer(() => handler(() => runner, () => started[0]!))
    const services = yield* Layer.build(live)
    const runner: JobRunner = new JobRunner({
      host,
      queue: "default",
      consumer: "test",
      interruptGraceMs: 1000,
      handlers: [services.mapUnsafe.get(Handler.key("Work").key)],
      report: () => Effect.void,
      onStart: (job) => started.push(job),
      onEnd: (_, settlement) => ended.push(settlement)
    })
    const start = (facts: Partial<ClaimedJob> = {}, limits: Partial<ClaimedJob["job"]> = {}) =>
      runner.start(
        {
          id: JobId.make(0, String(started.length)),
          token: "t",
          attempt: 1,
          handedBack: 0,
          startedAtMs: 0,
          job: {
            task: "Work",
            version: 1,
            payload: "null",
            priority: 0,
            attempts: 3,
            maxAgeMs: 0,
            crashDelayMs: 0,
            keepDeadMs: 0,
            key: undefined,
            trace: undefined,
            enqueuedAtMs: 0,
            ...limits
          },
          ...facts
        },
        30_000,
        0,
        0
      )
    return { runner, start, started, ended }
  }
)

describe("a runner", () => {
  it.effect("ends each job once, whatever happens to it after its slot was taken", () =>
    Effect.gen(function*() {
      const { ended, runner, start, started } = yield* running(() => Effect.uninterruptible(Effect.sleep("10 seconds")))
      start()
      runner.interrupt(started[0]!, { _tag: "Shutdown" })
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(ended.map((settlement) => settlement?._tag), ["release"])
      assert.strictEqual(runner.stuck(), 1)
      runner.abandon(started[0]!)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(ended.length, 1)
      assert.strictEqual(runner.stuck(), 0)
    }))

  it.effect("keeps the first reason of an interruption, but for a lost lease", () =>
    Effect.gen(function*() {
      const { ended, runner, start, started } = yield* running(() => Effect.uninterruptible(Effect.sleep("100 millis")))
      start()
      runner.interrupt(started[0]!, { _tag: "Cancel", reason: "not wanted" })
      runner.interrupt(started[0]!, { _tag: "Shutdown" })
      start()
      runner.interrupt(started[1]!, { _tag: "Cancel", reason: "not wanted" })
      runner.interrupt(started[1]!, { _tag: "Lost" })
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(ended.map((settlement) => settlement?._tag), ["cancel", undefined])
    }))

  it.effect("interrupts a handler that brings that about before it first waits", () =>
    Effect.gen(function*() {
      const { ended, start } = yield* running((runner, job) =>
        Effect.andThen(Effect.sync(() => runner().interrupt(job(), { _tag: "Shutdown" })), Effect.never)
      )
      start()
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(ended.map((settlement) => settlement?._tag), ["release"])
    }))

  for (const [clock, enqueuedAtMs] of [["ahead of", 5_000_000_000_000], ["behind", -5_000_000_000_000]] as const) {
    it.effect(`judges a job's age by the broker's clock when that is far ${clock} its own`, () =>
      Effect.gen(function*() {
        const { ended, start } = yield* running(() => Effect.andThen(Effect.sleep("2 seconds"), Effect.die("boom")))
        const claimedAfter = (ms: number) => ({ startedAtMs: enqueuedAtMs + ms, attempt: 2 })
        // the next attempt, a second or so after the failure, would be too late for the last two only
        for (const ms of [0, 7500, 9500, 10_001]) start(claimedAfter(ms), { enqueuedAtMs, maxAgeMs: 10_000 })
        yield* TestClock.adjust("2 seconds")
        const endings = ended.map((one) => one?._tag === "die" ? [one._tag, Verdict.decode(one.verdict)] : [one?._tag])
        assert.deepStrictEqual(endings.map(([tag]) => tag), ["die", "retry", "die", "die"])
        for (const [tag, verdict] of endings) if (tag === "die") assert.deepInclude(verdict, { reason: "expired" })
        const retry = ended.find((one) => one?._tag === "retry")
        assert.strictEqual(Verdict.decodeFailure(retry!.failure).startedAtMs, enqueuedAtMs)
      }))
  }
})
