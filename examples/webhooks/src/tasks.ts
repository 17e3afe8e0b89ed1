/**
 * The tasks: what work there is, shared by whoever enqueues it (enqueue.ts) and whoever runs it (deliver.ts).
 *
 * Six kinds of event have a task of their own, with the fields that matter to us as typed `facts`; `DeliverOther` takes
 * the rest. All of them deliver in the same way, so they share a queue, a receipt, their errors and a retry policy.
 *
 * Why the payload carries the body as text although it carries facts too: a webhook's receiver checks a signature over
 * the bytes, so they must arrive as they were sent. A schema that names twenty fields drops the others, and even one
 * that keeps them all would write the JSON anew. A string of text survives both; facts are for us, the body is for them.
 */
import { JobQueue, RetryPolicy, Task } from "@sluice/core"
import { Schema } from "effect"
import * as Document from "./documents.ts"

/** The endpoint asked us to slow down (429). */
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", { retryAfter: Schema.Duration }) {
  override get message() {
    return "the endpoint answered 429"
  }
}

/** The endpoint does not exist any more (410): it will not come back. */
export class Gone extends Schema.TaggedError<Gone>()("Gone", {}) {
  override get message() {
    return "the endpoint answered 410: it is gone for good"
  }
}

/** The endpoint did not answer in time. Whether it received the delivery is unknown. */
export class TimedOut extends Schema.TaggedError<TimedOut>()("TimedOut", { afterMs: Schema.Int }) {
  override get message() {
    return `the endpoint did not answer within ${this.afterMs} ms`
  }
}

/** The connection failed before an answer came. */
export class Disconnected extends Schema.TaggedError<Disconnected>()("Disconnected", { detail: Schema.String }) {
  override get message() {
    return `the connection failed: ${this.detail}`
  }
}

/** The endpoint answered, but not that it took the delivery. */
export class ServerError extends Schema.TaggedError<ServerError>()("ServerError", { status: Schema.Int }) {
  override get message() {
    return `the endpoint answered ${this.status}`
  }
}

/** What the endpoint says that it received. Kept with the completed job, so that anyone can check it later. */
export const Receipt = Schema.Struct({ sha256: Schema.String, bytes: Schema.Int })

/** The queue of all deliveries. Keeps every completed job, however many, so that the report can show them all. */
export const deliveries = JobQueue.make("deliveries", { keepCompleted: 1_000_000 })

/**
 * Short waits, so that the demo is over soon; a real sender of webhooks would wait for hours.
 * A rule stands for the typed error that it names; the policy itself is for all others.
 */
const patience = RetryPolicy.exponential({ initial: "250 millis", cap: "2 seconds", attempts: 8 }).pipe(
  RetryPolicy.when(Gone, RetryPolicy.never),
  RetryPolicy.when(RateLimited, (error) => RetryPolicy.after(error.retryAfter))
)

const sending = {
  queue: deliveries,
  success: Receipt,
  error: Schema.Union([RateLimited, Gone, TimedOut, Disconnected, ServerError]),
  retry: patience,
  // a net below the HTTP client's own, shorter time-out
  timeout: "10 seconds"
} as const

/** What every payload has: the fields of a `Delivery` (input.ts). */
const delivery = { delivery: Schema.NonEmptyString, event: Schema.String, body: Schema.String }

export class DeliverPush extends Task.make("DeliverPush", {
  ...sending,
  payload: { ...delivery, facts: Document.Push }
}) {}

export class DeliverIssues extends Task.make("DeliverIssues", {
  ...sending,
  payload: { ...delivery, facts: Document.Issues }
}) {}

export class DeliverPullRequest extends Task.make("DeliverPullRequest", {
  ...sending,
  payload: { ...delivery, facts: Document.PullRequest }
}) {}

export class DeliverRelease extends Task.make("DeliverRelease", {
  ...sending,
  payload: { ...delivery, facts: Document.Release }
}) {}

export class DeliverStar extends Task.make("DeliverStar", {
  ...sending,
  payload: { ...delivery, facts: Document.Star }
}) {}

export class DeliverPing extends Task.make("DeliverPing", {
  ...sending,
  payload: { ...delivery, facts: Document.Ping }
}) {}

/** Deliveries of any other kind: nothing in them is ours to read. */
export class DeliverOther extends Task.make("DeliverOther", { ...sending, payload: delivery }) {}

/** All of them, as a consumer takes them. */
export const all = [
  DeliverPush,
  DeliverIssues,
  DeliverPullRequest,
  DeliverRelease,
  DeliverStar,
  DeliverPing,
  DeliverOther
] as const
