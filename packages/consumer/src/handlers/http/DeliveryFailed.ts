/**
 * A delivery did not arrive, or was not accepted, and is to be tried again.
 */
import * as Schema from "effect/Schema"

/** See the module. It is kept with a job that dies of it. */
export class DeliveryFailed extends Schema.TaggedError<DeliveryFailed>()("DeliveryFailed", {
  /** `status`: the answer was not one of success. `timeout`: there was none in time. `network`: there was none. */
  reason: Schema.Literals(["status", "timeout", "network"]),
  /** The status code, where there was an answer. */
  status: Schema.optionalKey(Schema.Int),
  /** How long (ms) the receiver asked to be left alone, within what the consumer accepts. */
  retryAfterMs: Schema.optionalKey(Schema.Number),
  /** What happened, for people: the beginning of the answer, or what the network said. */
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}
