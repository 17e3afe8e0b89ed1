/**
 * What happens to a queue's jobs, as the HTTP API tells it: the data of one server-sent event.
 */
import * as Schema from "effect/Schema"
import { Timestamp } from "./Values.ts"

/** The data of one event. */
export const EventDocument = Schema.Struct({
  event: Schema.String.annotate({
    description: "`listening` first; `gap`: events were missed; `paused`, `resumed`; else what happened to a job."
  }),
  at: Timestamp,
  id: Schema.optionalKey(Schema.String),
  task: Schema.optionalKey(Schema.String),
  attempt: Schema.optionalKey(Schema.Int)
}).annotate({ identifier: "Event" })
/** The data of one event. */
export type EventDocument = typeof EventDocument.Type
