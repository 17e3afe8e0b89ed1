/**
 * The first example of the docs, as far as it concerns the core: it has to compile as a user writes it, with nothing
 * annotated. Nothing here is run.
 */
import { CurrentJob, Outcome, Payload, RetryPolicy, Task } from "@sluice/core"
import { Context, Duration, Effect, Schema } from "effect"
export class Bounced extends Schema.TaggedError<Bounced>()("Bounced", { address: Schema.String }) {}
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", { retryAfter: Schema.Duration }) {}

export class SendEmail extends Task.make("SendEmail", {
  queue: "emails",
  payload: Payload.make({ to: Schema.String }).next( // version 1, then version 2 and the way up; a plain { fields } or any schema will do
    { to: Schema.Array(Schema.String), subject: Schema.String, tenant: Schema.String },
    (v1) => ({ to: [v1.to], subject: "(none)", tenant: "unknown" })
  ),
  success: Schema.Struct({ messageId: Schema.String }),
  error: Schema.Union([Bounced, RateLimited]),
  retry: RetryPolicy.exponential({ initial: "1 second", cap: "5 minutes", attempts: 10 }).pipe(
    RetryPolicy.when(Bounced, RetryPolicy.never),
    RetryPolicy.when(RateLimited, (error) => RetryPolicy.after(error.retryAfter))
  ),
  progress: Schema.Struct({ sent: Schema.Int }),
  timeout: "30 seconds",
  key: (payload) => payload.tenant
}) {}
export class Cleanup extends Task.make("Cleanup", { payload: { olderThan: Schema.Duration } }) {} // queue "default", void, never fails
export class Smtp extends Context.Service<Smtp, {
  readonly send: (to: ReadonlyArray<string>, subject: string) => Effect.Effect<string, RateLimited>
}>()("app/Smtp") {}

// anywhere that has a Broker
export const signUp = Effect.fn("signUp")(function*(address: string) {
  const welcome = { to: [address], subject: "Welcome", tenant: "acme" }
  const { id, answer } = yield* SendEmail.enqueue(welcome, { delay: "5 minutes", priority: 3 }) // answer: "created" | "existing" | ...
  const many = yield* SendEmail.enqueueAll([welcome, welcome])
  const sent = yield* SendEmail.run(welcome) // enqueue and wait; fails with Bounced | RateLimited | JobError | EnqueueError
  return { id, answer, many: many.length, messageId: sent.messageId }
})

const notNow = Effect.fnUntraced(function*(subject: string) { // Effect<void, Outcome>: the signature says so
  if (subject === "later") return yield* Outcome.snooze("5 minutes") // in a helper: yield it
})
// payload, success, errors and services are all inferred. fnUntraced: the consumer already makes the job's span
export const SendEmailLive = SendEmail.toLayer(Effect.fnUntraced(function*({ to, subject }) {
  const { attempt } = yield* CurrentJob
  if (to.length === 0) return Outcome.discard("nobody to write to") // in the handler itself: return it
  yield* notNow(subject)
  if (to.includes("nobody@x")) return yield* new Bounced({ address: "nobody@x" })
  yield* SendEmail.progress({ sent: attempt })
  return { messageId: yield* (yield* Smtp).send(to, subject) }
}))
export const CleanupLive = Cleanup.toLayer(({ olderThan }) =>
  Effect.logInfo(`older than ${Duration.format(olderThan)}`)
)
