/** The task that the tests of the verbs use: one of everything. */
import { Payload, RetryPolicy, Task } from "@sluice/core"
import { Schema } from "effect"

export class Bounced extends Schema.TaggedError<Bounced>()("Bounced", { address: Schema.String }) {}

export class SendEmail extends Task.make("SendEmail", {
  queue: "emails",
  payload: Payload.make({ to: Schema.String }).next(
    { to: Schema.Array(Schema.String), subject: Schema.NonEmptyString, tenant: Schema.String },
    (v1) => ({ to: [v1.to], subject: "(none)", tenant: "unknown" })
  ),
  success: Schema.Struct({ messageId: Schema.String, at: Schema.DateTimeUtc }),
  error: Bounced,
  retry: RetryPolicy.exponential({ initial: "1 second", attempts: 7, maxAge: "1 hour", crashDelay: "3 seconds" }),
  progress: Schema.Struct({ sent: Schema.Int }),
  timeout: "30 seconds",
  retention: { completed: 0, dead: "forever" },
  key: (payload) => payload.tenant
}) {}

/** A payload of it. */
export const welcome = { to: ["ada@x"], subject: "Welcome", tenant: "acme" }
