import { type EnqueueError, type JobError, MemoryBroker, Task } from "@sluice/core"
import type { Ended } from "@sluice/core/Broker"
import { BrokerError, BrokerUnavailable } from "@sluice/core/BrokerError"
import * as JobId from "@sluice/core/JobId"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Exit, Fiber } from "effect"
import * as Verdict from "@sluice/core/Verdict"
import { recordingBroker } from "./support/recordingBroker.ts"
import { Bounced, SendEmail, welcome } from "./support/SendEmail.ts"

const id = JobId.make(0, "a")
const ended = (verdict: Verdict.Verdict): Ended => ({
  state: verdict._tag === "Completed" ? "completed" : verdict._tag === "Cancelled" ? "cancelled" : "dead",
  verdict: Verdict.encode(verdict)
})

const awaiting = (how: Ended | undefined) =>
  Effect.exit(SendEmail.await(id)).pipe(
    Effect.provide(recordingBroker(how === undefined ? {} : { ended: how }).layer)
  )

/** The error that an exit holds. */
const errorOf = <A, E>(exit: Exit.Exit<A, E>): E => {
  const error = Exit.findErrorOption(exit)
  if (error._tag === "None") throw new Error(`expected a failure, not ${String(exit)}`)
  return error.value
}

/** The reason of the `JobError` that an exit holds. */
const reasonOf = <A>(exit: Exit.Exit<A, Bounced | EnqueueError | JobError>): JobError["reason"] => {
  const error = errorOf(exit)
  if (error._tag !== "JobError") throw new Error(`expected a JobError, not ${error._tag}`)
  return error.reason
}

describe("await", () => {
  it.effect("answers the task's success", () =>
    Effect.gen(function*() {
      const success = "{\"messageId\":\"m-1\",\"at\":\"1970-01-01T00:00:00.000Z\"}"
      const exit = yield* awaiting(ended({ _tag: "Completed", success }))
      assert.deepStrictEqual(exit, Exit.succeed({ messageId: "m-1", at: DateTime.makeUnsafe(0) }))
    }))

  it.effect("fails with the task's own error where the job died of it", () =>
    Effect.gen(function*() {
      const error = "{\"_tag\":\"Bounced\",\"address\":\"a@x\"}"
      const failure = errorOf(yield* awaiting(ended({ _tag: "Dead", reason: "exhausted", message: "m", error })))
      assert.instanceOf(failure, Bounced)
    }))

  it.effect("says how the job ended otherwise", () =>
    Effect.gen(function*() {
      const dead = reasonOf(yield* awaiting(ended({ _tag: "Dead", reason: "crashed", message: "the lease ran out" })))
      assert.deepInclude(dead, { _tag: "JobDead", id, why: "crashed", detail: "the lease ran out" })
      const cancelled = yield* awaiting(ended({ _tag: "Cancelled", by: "operator", reason: "not wanted" }))
      assert.deepInclude(reasonOf(cancelled), { _tag: "JobCancelled", id, by: "operator", reason: "not wanted" })
      assert.deepInclude(reasonOf(yield* awaiting(undefined)), { _tag: "JobNotFound", id })
    }))

  it.effect("says when a result does not fit the schemas of today", () =>
    Effect.gen(function*() {
      const verdicts: ReadonlyArray<Verdict.Verdict> = [
        { _tag: "Completed" },
        { _tag: "Completed", success: "{\"messageId\":1}" },
        { _tag: "Dead", reason: "exhausted", message: "m", error: "{\"_tag\":\"Other\"}" }
      ]
      for (const verdict of verdicts) {
        assert.include(reasonOf(yield* awaiting(ended(verdict))), { _tag: "ResultUndecodable" })
      }
    }))

  it.effect("says when the broker is away", () =>
    Effect.gen(function*() {
      const failure = new BrokerError({ reason: new BrokerUnavailable({ operation: "await", detail: "gone" }) })
      const exit = yield* Effect.exit(SendEmail.await(id)).pipe(Effect.provide(recordingBroker({ failure }).layer))
      assert.include(reasonOf(exit), { _tag: "BrokerUnavailable" })
    }))
})

describe("run", () => {
  it.effect("enqueues a job that is awaited, and answers its result", () => {
    const broker = recordingBroker({ ended: ended({ _tag: "Completed" }) })
    const Ping = Task.make("Ping")
    return Effect.gen(function*() {
      assert.isUndefined(yield* Ping.run(undefined, { priority: 1 }))
      assert.deepInclude(broker.calls[0]?.jobs[0], { awaited: true, priority: 1 })
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("fails as enqueue does when nothing was enqueued", () => {
    const broker = recordingBroker()
    return Effect.gen(function*() {
      const error = errorOf(yield* Effect.exit(SendEmail.run({ ...welcome, subject: "" })))
      assert.strictEqual(error._tag, "EnqueueError")
      assert.lengthOf(broker.calls, 0)
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("waits on a real broker until somebody cancels the job", () =>
    Effect.gen(function*() {
      const fiber = yield* SendEmail.run(welcome, { id: "mine" }).pipe(
        Effect.exit,
        Effect.forkChild({ startImmediately: true })
      )
      assert.isUndefined(fiber.pollUnsafe())
      assert.strictEqual(yield* SendEmail.cancel(JobId.make(0, "mine")), "done")
      assert.include(reasonOf(yield* Fiber.join(fiber)), { _tag: "JobCancelled", by: "operator" })
    }).pipe(Effect.provide(MemoryBroker.layer)))
})

describe("cancel", () => {
  it.effect("names the task's queue and a reason", () => {
    const broker = recordingBroker()
    return Effect.gen(function*() {
      yield* SendEmail.cancel(id)
      yield* SendEmail.cancel(id, "a typo")
      assert.deepStrictEqual(broker.cancels, [["emails", id, "cancelled by the application"], ["emails", id, "a typo"]])
    }).pipe(Effect.provide(broker.layer))
  })

  it.effect("says when there is no such job", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* SendEmail.cancel(id), "not-found")
    }).pipe(Effect.provide(MemoryBroker.layer)))
})
