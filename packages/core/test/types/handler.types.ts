// @effect-diagnostics floatingEffect:off missingEffectError:off missingEffectContext:off missingReturnYieldStar:off
// @effect-diagnostics anyUnknownInErrorContext:off
/**
 * What compiles and what does not: handlers. Checked by the compiler alone; nothing here is run.
 */
import { CurrentJob, Outcome, Task } from "@sluice/core"
import { Context, Effect, Layer, Schema } from "effect"
import { assertType, type Equal } from "./Equal.ts"
import { Bounced, Cleanup, type CleanupLive, RateLimited, SendEmail, SendEmailLive, Smtp } from "./example.types.ts"

class SmtpDown extends Schema.TaggedError<SmtpDown>()("SmtpDown", { host: Schema.String }) {}
class Db extends Context.Service<Db, { readonly find: Effect.Effect<string> }>()("test/Db") {}
const done = { messageId: "m" }

// what is inferred: the services, without the job's own
assertType<Equal<typeof SendEmailLive, Layer.Layer<Task.Handler<"SendEmail">, never, Smtp>>>()
assertType<Equal<typeof CleanupLive, Layer.Layer<Task.Handler<"Cleanup">>>>()

// every way to write one
SendEmail.toLayer(({ to }) => Effect.succeed({ messageId: to.join() }))
SendEmail.toLayer(({ to }) => to.length > 0 ? Effect.succeed(done) : Effect.fail(new Bounced({ address: "" })))
SendEmail.toLayer(({ subject }) =>
  Effect.gen(function*() {
    if (subject === "") return Outcome.cancel("no subject")
    return { messageId: yield* (yield* Db).find }
  })
)
SendEmail.toLayer(
  Effect.fn("send")(function*({ to }) {
    if (to.length === 0) return yield* Outcome.discard("nobody")
    return { messageId: (yield* CurrentJob).id }
  })
)
SendEmail.toLayer(Effect.fnUntraced(
  function*({ to }) {
    yield* Effect.logInfo(to.join())
    return done
  },
  Effect.tap(() => Effect.logInfo("sent"))
))
const alone = Effect.fn("alone")(function*({ to }: SendEmail["Payload"]) {
  return { messageId: yield* Effect.succeed(to.join()) }
})
SendEmail.toLayer(alone)
assertType<
  Equal<ReturnType<typeof alone>, Effect.Effect<{ messageId: string }>>
>()

// a literal of a union in the success (TypeScript widens it where the generator names no parameter)
const Graded = Task.make("Graded", { payload: { n: Schema.Int }, success: Schema.Literals(["good", "bad"]) })
Graded.toLayer(Effect.fnUntraced(function*({ n }) {
  yield* Effect.void
  return n > 1 ? "good" : "bad"
}))
Graded.toLayer(({ n }) => n > 1 ? Effect.succeed("good") : Effect.fail(Outcome.release))
// @ts-expect-error no such literal
Graded.toLayer(() => Effect.succeed("ugly"))

// set-up in the layer
export const WithSetUp = Layer.unwrap(Effect.gen(function*() {
  const db = yield* Db
  return Cleanup.toLayer(() => Effect.asVoid(db.find))
}))
assertType<Equal<typeof WithSetUp, Layer.Layer<Task.Handler<"Cleanup">, never, Db>>>()

// @ts-expect-error an undeclared failure
SendEmail.toLayer(() => Effect.fail(new SmtpDown({ host: "h" })))
SendEmail.toLayer(
  // @ts-expect-error an undeclared failure in a generator
  Effect.fnUntraced(function*() {
    yield* new SmtpDown({ host: "h" })
    return done
  })
)
// @ts-expect-error another success
SendEmail.toLayer(() => Effect.succeed({ messageId: 1 }))
// @ts-expect-error nothing instead of a success
SendEmail.toLayer(() => Effect.void)
// @ts-expect-error the payload has no such field
SendEmail.toLayer(({ cc }) => Effect.succeed({ messageId: cc }))
// @ts-expect-error not an effect
SendEmail.toLayer(() => done)
// @ts-expect-error a task that declares no error has none
Cleanup.toLayer(() => Effect.fail(new Bounced({ address: "" })))

// a void task: a value, and a forgotten `yield*`, are seen
// @ts-expect-error a value in a void task
Cleanup.toLayer(() => Effect.succeed("sent"))
Cleanup.toLayer(
  // @ts-expect-error an effect returned, not yielded
  Effect.fnUntraced(function*() {
    return (yield* Db).find
  })
)
Cleanup.toLayer(() => Effect.asVoid(Effect.succeed("sent")))
Cleanup.toLayer(() => Effect.succeed(Outcome.release))

// an outcome that is yielded shows in a helper's type
const later = Effect.fnUntraced(function*(n: number) {
  if (n > 1) return yield* Outcome.snooze("1 minute")
})
assertType<Equal<Effect.Error<ReturnType<typeof later>>, Outcome>>()

// progress belongs to one task, and only inside a handler
assertType<Equal<ReturnType<typeof SendEmail.progress>, Effect.Effect<void, never, CurrentJob>>>()
// @ts-expect-error another progress
SendEmail.progress({ sent: "1" })
// @ts-expect-error a task without progress
Cleanup.progress({ sent: 1 })
// @ts-expect-error outside of a handler
void Effect.runPromise(SendEmail.progress({ sent: 1 }))

// @ts-expect-error the handler's own services are wanted where it is run
void Effect.runPromise(Layer.launch(SendEmailLive))
void Effect.runPromise(Layer.launch(SendEmailLive.pipe(
  Layer.provide(
    Layer.succeed(Smtp, Smtp.of({ send: () => Effect.fail(new RateLimited({ retryAfter: "1 second" as never })) }))
  )
)))

// one job's resources are not the layer's: a scope has to be closed in the handler
const scoped = Cleanup.toLayer(() => Effect.acquireRelease(Effect.void, () => Effect.void))
// @ts-expect-error Type 'Scope' is not assignable to type 'never'
void Effect.runPromise(Layer.launch(scoped))
void Effect.runPromise(
  Layer.launch(Cleanup.toLayer(() => Effect.scoped(Effect.acquireRelease(Effect.void, () => Effect.void))))
)
