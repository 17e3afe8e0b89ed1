// @effect-diagnostics floatingEffect:off missingEffectError:off missingEffectContext:off missingReturnYieldStar:off
// @effect-diagnostics anyUnknownInErrorContext:off
/**
 * What compiles and what does not: defining tasks, and enqueueing, running and awaiting their jobs.
 *
 * Checked by the compiler alone; nothing here is run. Each `@ts-expect-error` is a mistake that has to stay one.
 */
import {
  type Broker,
  type EnqueueError,
  type JobError,
  JobId,
  JobQueue,
  Payload,
  RetryPolicy,
  Task
} from "@sluice/core"
import type { BrokerError } from "@sluice/core/BrokerError"
import { Context, type Duration, Effect, Schema, SchemaTransformation } from "effect"
import { assertType, type Equal } from "./Equal.ts"
import { type Bounced, Cleanup, type RateLimited, SendEmail } from "./example.types.ts"

interface Email {
  readonly to: ReadonlyArray<string>
  readonly subject: string
  readonly tenant: string
}
const welcome: Email = { to: ["ada@x"], subject: "hi", tenant: "t" }
const id = JobId.make(0, "x")

// the class is a type of its own, and says what it holds
assertType<Equal<SendEmail["Payload"]["subject"], string>>()
assertType<Equal<SendEmail["Success"], { readonly messageId: string }>>()
assertType<Equal<SendEmail["Error"], Bounced | RateLimited>>()
assertType<Equal<Cleanup["Payload"], { readonly olderThan: Duration.Duration }>>()
assertType<Equal<Cleanup["Success"], void>>()
assertType<Equal<Cleanup["Error"], never>>()
assertType<Equal<typeof SendEmail._tag, "SendEmail">>()
assertType<Equal<Task.Payload<typeof SendEmail>, SendEmail["Payload"]>>()
assertType<Equal<Task.Success<typeof SendEmail>, SendEmail["Success"]>>()
assertType<Equal<Task.Error<typeof SendEmail>, SendEmail["Error"]>>()

// lists of tasks: with and without progress, errors and payload
const tasks = [SendEmail, Cleanup, Task.make("Ping")] as const
export const erased: ReadonlyArray<Task.Any> = tasks
assertType<Equal<Task.Name<(typeof tasks)[number]>, "SendEmail" | "Cleanup" | "Ping">>()
assertType<Equal<Task.QueueName<(typeof tasks)[number]>, "emails" | "default">>()
assertType<Equal<Task.HandlerOf<(typeof tasks)[0 | 1]>, Task.Handler<"SendEmail"> | Task.Handler<"Cleanup">>>()

// the verbs, and what each needs and fails with
assertType<
  Equal<ReturnType<typeof SendEmail.enqueue>, Effect.Effect<Task.Enqueued, EnqueueError, Broker>>
>()
assertType<
  Equal<
    ReturnType<typeof SendEmail.enqueueAll>,
    Effect.Effect<ReadonlyArray<Task.Enqueued | Task.Refused | Task.Unknown>, EnqueueError, Broker>
  >
>()
assertType<
  Equal<
    ReturnType<typeof SendEmail.run>,
    Effect.Effect<{ readonly messageId: string }, Bounced | RateLimited | JobError | EnqueueError, Broker>
  >
>()
assertType<
  Equal<
    ReturnType<typeof SendEmail.await>,
    Effect.Effect<{ readonly messageId: string }, Bounced | RateLimited | JobError, Broker>
  >
>()
assertType<Equal<Effect.Error<ReturnType<typeof SendEmail.cancel>>, BrokerError>>()
assertType<Equal<ReturnType<typeof Cleanup.await>, Effect.Effect<void, JobError, Broker>>>()

// verbs are closures: they may be taken off
const { await: wait, enqueue } = SendEmail
export const taken = [enqueue(welcome), wait(id)]

// payloads
// @ts-expect-error a field of another type
SendEmail.enqueue({ to: ["ada@x"], subject: 1, tenant: "t" })
// @ts-expect-error a misspelt field
SendEmail.enqueue({ to: ["ada@x"], subjct: "hi", tenant: "t" })
// @ts-expect-error a field is missing
SendEmail.enqueue({ to: ["ada@x"], subject: "hi" })
// @ts-expect-error the first version is read, not written
SendEmail.enqueue({ to: "ada@x" })
// @ts-expect-error a field of another type, among many jobs
SendEmail.enqueueAll([welcome, { to: ["ada@x"], subject: 1, tenant: "t" }])
// @ts-expect-error it would pass the index as options
Effect.forEach([welcome], SendEmail.enqueue)
// @ts-expect-error a task that takes nothing
Task.make("Ping").enqueue({ to: "x" })
Task.make("Ping").enqueue()
Task.make("Ping").enqueue(undefined, { id: "x" })
// @ts-expect-error a payload is wanted
SendEmail.enqueue()

// options
const maybe: Duration.Input | undefined = undefined
SendEmail.enqueue(welcome, { delay: maybe, at: undefined, priority: undefined, id: undefined })
SendEmail.enqueue(welcome, { at: new Date(0) })
SendEmail.enqueueAll([welcome], { delay: "1 minute" })
SendEmail.enqueueAll([welcome], ({ tenant }, index) => ({ id: `${tenant}-${index}` }))
// @ts-expect-error one id for many jobs
SendEmail.enqueueAll([welcome], { id: "x" })
// @ts-expect-error a misspelt option
SendEmail.enqueue(welcome, { dealy: "1 minute" })
// @ts-expect-error no duration
SendEmail.enqueue(welcome, { delay: "soon" })
// @ts-expect-error a bare text is no job id
SendEmail.await("x")

// optional fields are the user's choice
const Optional = Task.make("Optional", {
  payload: { key: Schema.optionalKey(Schema.String), some: Schema.optional(Schema.String) }
})
Optional.enqueue({})
Optional.enqueue({ some: undefined })
// @ts-expect-error `optionalKey` refuses undefined
Optional.enqueue({ key: undefined })

// running one without its broker
// @ts-expect-error Type 'Broker' is not assignable to type 'never'
void Effect.runPromise(SendEmail.enqueue(welcome))

// payloads of all kinds
class Order extends Schema.Class<Order>("Order")({ id: Schema.String }) {}
assertType<Equal<Task.Payload<typeof Whole>, string>>()
const Whole = Task.make("Whole", { payload: Schema.String })
const Ordered = Task.make("Ordered", { payload: Order })
Ordered.enqueue(new Order({ id: "1" }))
// @ts-expect-error a record is not an instance
Ordered.enqueue(5)
const Choice = Task.make("Choice", { payload: Schema.Literals(["a", "b"]) })
Choice.enqueue("a")
// @ts-expect-error not among the choices
Choice.enqueue("c")

// versions
export const migrated = Payload.make({ to: Schema.String })
  .next({ to: Schema.Array(Schema.String) }, (v1) => ({ to: [v1.to] }))
  .next(Schema.Struct({ to: Schema.Array(Schema.String), n: Schema.Int }), (v2) => ({ ...v2, n: v2.to.length }))
assertType<Equal<Task.PayloadOf<typeof migrated>["n"], number>>()
Payload.make({ to: Schema.String }).next(
  { to: Schema.Array(Schema.String) },
  // @ts-expect-error the migration gives another type
  (v1) => ({ to: v1.to })
)
Payload.make({ to: Schema.String }).next(
  { to: Schema.Array(Schema.String) },
  // @ts-expect-error the version before has no such field
  (v1) => ({ to: [v1.from] })
)

// schemas that need services are refused: not every process that reads the job has them
class Secret extends Context.Service<Secret, { readonly key: string }>()("test/Secret") {}
const Sealed = Schema.String.pipe(Schema.decodeTo(
  Schema.String,
  SchemaTransformation.transformEffect({
    decode: (text: string) => Effect.map(Secret, ({ key }) => text + key),
    encode: (text: string) => Effect.succeed(text)
  })
))
// @ts-expect-error as payload
Task.make("Sealed", { payload: Sealed })
// @ts-expect-error as a field
Task.make("Sealed", { payload: { sealed: Sealed } })
// @ts-expect-error as a version
Payload.make({ sealed: Sealed })
// @ts-expect-error as success
Task.make("Sealed", { success: Sealed })
// @ts-expect-error as error
Task.make("Sealed", { error: Sealed })

// options of a task
// @ts-expect-error a misspelt option
Task.make("Typo", { paylod: {} })
// @ts-expect-error the key is a text
Task.make("Keyed", { payload: { n: Schema.Int }, key: (payload) => payload.n })
// @ts-expect-error the payload has no such field
Task.make("Keyed", { payload: { n: Schema.Int }, key: (payload) => payload.m })
Task.make("Kept", { retention: { completed: "1 day", dead: "forever", cancelled: 0 }, timeout: undefined })
const emails = JobQueue.make("emails", { partitions: 4 })
assertType<Equal<Task.QueueName<typeof OnQueue>, "emails">>()
const OnQueue = Task.make("OnQueue", { queue: emails })

// a callback that mentions its own class needs a return type
export class Self extends Task.make("Self", {
  payload: { n: Schema.Int },
  key: (payload): string => `${Self._tag}-${payload.n}`,
  retry: RetryPolicy.never
}) {}
