import { CurrentJob, Outcome, Task } from "@sluice/core"
import * as JobId from "@sluice/core/JobId"
import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Effect, Exit, Layer, Logger } from "effect"
import { key } from "@sluice/core/Handler"
import { SendEmail, welcome } from "./support/SendEmail.ts"

class Prefix extends Context.Service<Prefix, string>()("test/Prefix") {}

const currentJob = (task: string, reports: Array<string> = []) =>
  CurrentJob.of({
    id: JobId.make(0, "a"),
    task,
    queue: "emails",
    attempt: 3,
    attempts: 7,
    deadline: undefined,
    enqueuedAt: 0,
    report: (progress) => Effect.sync(() => void reports.push(progress))
  })

// what a handler fails with is unknown here, as in the engine
// @effect-diagnostics anyUnknownInErrorContext:off
/** Runs one attempt as the engine does: the handler's own services, and the job's. */
const attempt = Effect.fnUntraced(
  function*(layer: Layer.Layer<Task.Handler<"SendEmail">>, job = currentJob("SendEmail")) {
    const services = yield* Layer.build(layer)
    const handler = Context.get(services, key("SendEmail"))
    return yield* Effect.exit(handler.run(welcome)).pipe(
      Effect.provideContext(Context.add(handler.context, CurrentJob, job))
    )
  }
)

describe("toLayer", () => {
  it.effect("provides the handler with its definition and the services of the layer", () =>
    Effect.gen(function*() {
      const layer = SendEmail.toLayer(Effect.fnUntraced(function*({ to }) {
        const job = yield* CurrentJob
        return { messageId: `${yield* Prefix}${to[0]}#${job.attempt}`, at: DateTime.makeUnsafe(0) }
      }))
      const exit = yield* attempt(Layer.provide(layer, Layer.succeed(Prefix, "m-")))
      assert.deepStrictEqual(exit, Exit.succeed({ messageId: "m-ada@x#3", at: DateTime.makeUnsafe(0) }))
      const services = yield* Layer.build(Task.make("Ping").toLayer(() => Effect.void))
      assert.strictEqual(Context.get(services, key("Ping")).definition.name, "Ping")
    }))

  it.effect("makes a handler that throws one that dies", () =>
    Effect.gen(function*() {
      const exit = yield* attempt(SendEmail.toLayer(() => {
        throw new Error("thrown")
      }))
      assert.deepStrictEqual(exit, Exit.die(new Error("thrown")))
    }))

  it.effect("lets outcomes through, returned or yielded", () =>
    Effect.gen(function*() {
      const outcome = Outcome.snooze("1 minute")
      assert.deepStrictEqual(yield* attempt(SendEmail.toLayer(() => Effect.succeed(outcome))), Exit.succeed(outcome))
      const yielded = SendEmail.toLayer(Effect.fnUntraced(function*() {
        return yield* outcome
      }))
      assert.deepStrictEqual(yield* attempt(yielded), Exit.fail(outcome))
    }))
})

describe("progress", () => {
  const report = (job: Context.Service.Shape<typeof CurrentJob>, sent: number) =>
    SendEmail.progress({ sent }).pipe(Effect.provideService(CurrentJob, job))

  it.effect("is kept as the task's schema writes it", () =>
    Effect.gen(function*() {
      const reports: Array<string> = []
      yield* report(currentJob("SendEmail", reports), 4)
      assert.deepStrictEqual(reports, ["{\"sent\":4}"])
    }))

  it.effect("that does not fit, or belongs to another task's job, is logged and not kept", () => {
    const logged: Array<unknown> = []
    return Effect.gen(function*() {
      const reports: Array<string> = []
      yield* report(currentJob("SendEmail", reports), 0.5)
      yield* report(currentJob("Cleanup", reports), 4)
      assert.deepStrictEqual(reports, [])
      assert.lengthOf(logged, 2)
    }).pipe(Effect.provide(Logger.layer([Logger.make(({ message }) => void logged.push(message))])))
  })
})

describe("Outcome", () => {
  it("holds what was decided, in milliseconds", () => {
    assert.deepStrictEqual(Outcome.snooze("5 minutes").decision, { _tag: "Snooze", delayMs: 300_000 })
    assert.deepStrictEqual(Outcome.snooze(-5).decision, { _tag: "Snooze", delayMs: 0 })
    assert.deepStrictEqual(Outcome.snooze(0.5).decision, { _tag: "Snooze", delayMs: 1 })
    assert.throws(() => Outcome.snooze(Infinity), /finite/)
    assert.deepStrictEqual(Outcome.cancel("late").decision, { _tag: "Cancel", reason: "late" })
    assert.deepStrictEqual(Outcome.discard("bad").decision, { _tag: "Discard", reason: "bad" })
    assert.strictEqual(Outcome.release.decision._tag, "Release")
  })
})
