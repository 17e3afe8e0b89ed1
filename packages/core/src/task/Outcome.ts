/**
 * What a handler may say besides success and failure: not now, never, or somebody else.
 *
 * An `Outcome` is a value to return from a handler, and an effect that fails with itself to `yield*` from a helper, so
 * that the helper's type shows it. Prefer to return: what is yielded can be swallowed by whoever catches all errors
 * between the helper and the handler.
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"

/** What an outcome says. Delays are milliseconds. */
export type Decision =
  | { readonly _tag: "Snooze"; readonly delayMs: number }
  | { readonly _tag: "Cancel"; readonly reason: string }
  | { readonly _tag: "Discard"; readonly reason: string }
  | { readonly _tag: "Release" }

/** An end of an attempt that is neither success nor failure; see the four constructors. */
export class Outcome extends Data.TaggedError("Outcome")<{ readonly decision: Decision }> {
  /**
   * Run the job again after a delay; the attempt does not count. Zero and negative delays mean at once; an infinite one
   * is a defect.
   */
  static readonly snooze = (delay: Duration.Input): Outcome => {
    const delayMs = Math.max(0, Math.ceil(Duration.toMillis(Duration.fromInputUnsafe(delay))))
    if (!Number.isSafeInteger(delayMs)) throw new RangeError("Outcome.snooze: the delay has to be finite")
    return new Outcome({ decision: { _tag: "Snooze", delayMs } })
  }
  /** The job is no longer wanted: it ends as `cancelled`, by its handler. */
  static readonly cancel = (reason: string): Outcome => new Outcome({ decision: { _tag: "Cancel", reason } })
  /** The job can never succeed: it ends as `dead` with the reason `discarded`, whatever attempts it has left. */
  static readonly discard = (reason: string): Outcome => new Outcome({ decision: { _tag: "Discard", reason } })
  /**
   * Give the job back to its old place, at once and for any consumer; the attempt does not count. It comes again as soon
   * as anybody has a slot, so a handler that waits for something to change says `snooze` instead.
   */
  static readonly release: Outcome = new Outcome({ decision: { _tag: "Release" } })

  override get message() {
    return `${this.decision._tag}${"reason" in this.decision ? `: ${this.decision.reason}` : ""}`
  }
}
