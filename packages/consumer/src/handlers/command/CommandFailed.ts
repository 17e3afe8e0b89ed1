/**
 * A program ended with a failure, or could not be started, and is to be tried again.
 */
import * as Schema from "effect/Schema"

/** See the module. It is kept with a job that dies of it. */
export class CommandFailed extends Schema.TaggedError<CommandFailed>()("CommandFailed", {
  /** The exit code; absent where a signal ended it, or where it did not start. */
  code: Schema.optionalKey(Schema.Int),
  /** The signal that ended it. */
  signal: Schema.optionalKey(Schema.String),
  /** What happened, for people: with the end of what it wrote to its standard error. */
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}
