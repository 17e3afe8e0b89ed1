/**
 * How a job ended, as it is stored beside a job in a final state, and why one attempt failed.
 *
 * Brokers keep both as opaque text: the consumer engine and the operator's verbs write them, `Task.await` and the
 * Inspector read them. The task's typed error and its success stay encoded by the task's own schemas.
 */
import * as Schema from "effect/Schema"

/**
 * Why a job is dead.
 * - `exhausted`: failed, and the policy has no further attempt.
 * - `expired`: failed, and its maximum age has passed.
 * - `discarded`: the handler said so.
 * - `undecodable`: its payload fits no known version.
 * - `crashed`: its last attempt's lease ran out (the process died, or could not reach the broker).
 */
export const DeadReason = Schema.Literals(["exhausted", "expired", "discarded", "undecodable", "crashed"])
/** Why a job is dead. */
export type DeadReason = typeof DeadReason.Type

/** Who cancelled a job: its own handler, or somebody from outside. */
export const CancelledBy = Schema.Literals(["handler", "operator"])
/** Who cancelled a job. */
export type CancelledBy = typeof CancelledBy.Type

/** How a job ended. */
export const Verdict = Schema.TaggedUnion({
  /** `success`: as the task's schema encodes it, in JSON; absent for a task that answers nothing. */
  Completed: { success: Schema.optionalKey(Schema.String) },
  Cancelled: { by: CancelledBy, reason: Schema.String },
  /** `error`: the task's typed error as its schema encodes it, in JSON; absent when it ended for another reason. */
  Dead: { reason: DeadReason, message: Schema.String, error: Schema.optionalKey(Schema.String) }
})
/** How a job ended. */
export type Verdict = typeof Verdict.Type

const json = Schema.fromJsonString(Verdict)
/** The stored text of a verdict. */
export const encode: (verdict: Verdict) => string = Schema.encodeSync(json)
/** Reads a stored verdict; throws on a text that `encode` did not write. */
export const decode: (text: string) => Verdict = Schema.decodeSync(json)

/** One failed attempt, as the job's ledger keeps it. */
export const Failure = Schema.Struct({
  /** 1-based. */
  attempt: Schema.Int,
  /** The tag of the typed error, or `Defect`, `Timeout`, `Crashed`. */
  kind: Schema.String,
  message: Schema.String,
  /** Who ran it. */
  consumer: Schema.optionalKey(Schema.String),
  /** Epoch milliseconds. Absent where the broker stamped it itself. */
  startedAtMs: Schema.optionalKey(Schema.Int)
})
/** One failed attempt. */
export type Failure = typeof Failure.Type

const failureJson = Schema.fromJsonString(Failure)
/** The stored text of one failed attempt: JSON without a raw newline. */
export const encodeFailure: (failure: Failure) => string = Schema.encodeSync(failureJson)
/** Reads a stored failure; throws on a text that `encodeFailure` did not write. */
export const decodeFailure: (text: string) => Failure = Schema.decodeSync(failureJson)
