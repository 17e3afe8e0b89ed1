/**
 * Runs one attempt of a built-in handler without a queue, for the handlers' own tests.
 */
import { assert } from "@effect/vitest"
import { CurrentJob, JobId, MemoryBroker, Outcome } from "@sluice/core"
import * as Handler from "@sluice/core/Handler"
import { Cause, Context, Effect, Exit, Layer } from "effect"
import type { Handlers } from "../../src/handlers/Handlers.ts"

/** The job of an attempt. */
export const aJob: CurrentJob["Service"] = {
  id: JobId.make(0, "job-1"),
  task: "test",
  queue: "default",
  attempt: 1,
  attempts: 10,
  deadline: undefined,
  enqueuedAt: 0,
  report: () => Effect.void
}

/** Builds the handlers, and answers what runs an attempt and tells what it came to: its success, or what it failed with. */
export const attempts = Effect.fnUntraced(function*(handlers: Handlers) {
  // @effect-diagnostics-next-line anyUnknownInErrorContext:off
  const context = yield* Effect.orDie(Layer.build(handlers.layer.pipe(Layer.provide(MemoryBroker.layer))))
  return (task: string, payload: unknown): Effect.Effect<unknown> =>
    // @effect-diagnostics-next-line anyUnknownInErrorContext:off
    Effect.exit(Context.getUnsafe(context, Handler.key(task)).run(payload)).pipe(
      Effect.map((exit) => Exit.isSuccess(exit) ? exit.value : Cause.squash(exit.cause)),
      Effect.provideService(CurrentJob, { ...aJob, task })
    )
})

/** The reason of an attempt that ended with a discard. */
export const discarded = <E, R>(attempt: Effect.Effect<unknown, E, R>): Effect.Effect<string, E, R> =>
  Effect.map(attempt, (ended) => {
    assert.instanceOf(ended, Outcome)
    assert.strictEqual(ended.decision._tag, "Discard")
    return ended.decision._tag === "Discard" ? ended.decision.reason : ""
  })

/** The failure of an attempt, which has to be of a class. */
export const failedWith =
  <Failure>(type: new (...args: never) => Failure) =>
  <E, R>(attempt: Effect.Effect<unknown, E, R>): Effect.Effect<Failure, E, R> =>
    Effect.map(attempt, (ended) => {
      if (ended instanceof type) return ended
      return assert.fail(`it ended with ${String(ended)}`)
    })
