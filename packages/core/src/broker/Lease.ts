/**
 * The time-limited right to run one attempt of one job, and what its holder may say at its end.
 *
 * A lease is named by a token that no other claim ever gets. Whoever names a wrong or expired token changes nothing.
 */
import type { Stored } from "../job/Envelope.ts"
import type { HandBackReason } from "../job/Job.ts"
import type { JobId } from "../job/JobId.ts"

/** Names one lease. */
export interface LeaseRef {
  readonly id: JobId
  readonly token: string
}

/** One claimed job: its record, and the lease to run it. */
export interface ClaimedJob extends LeaseRef {
  /** 1-based: the attempt that this lease is for. */
  readonly attempt: number
  /** How often the job has been handed back since its last real attempt; the next hand-back's delay grows with it. */
  readonly handedBack: number
  /** When the attempt began, which is when it was claimed: epoch ms by the broker's clock, as all times of `job`. */
  readonly startedAtMs: number
  readonly job: Stored
}

/**
 * How an attempt ended, in the broker's words. All texts are opaque; durations are milliseconds.
 * - `complete`, `cancel`, `die`: final; kept for `keepMs` (0: the job is gone at once, unless it is awaited).
 * - `retry`: failed; the attempt counts; `retryable` for `delayMs`.
 * - `snooze`: `scheduled` for `delayMs`; the attempt does not count.
 * - `release`: back to its old place at once; the attempt does not count.
 * - `handBack`: `scheduled` for `delayMs`, flagged; the attempt does not count.
 */
export type Settlement =
  & LeaseRef
  & (
    | { readonly _tag: "complete"; readonly keepMs: number; readonly verdict: string }
    | { readonly _tag: "cancel"; readonly keepMs: number; readonly verdict: string }
    | { readonly _tag: "die"; readonly keepMs: number; readonly verdict: string; readonly failure: string | undefined }
    | { readonly _tag: "retry"; readonly delayMs: number; readonly failure: string }
    | { readonly _tag: "snooze"; readonly delayMs: number }
    | { readonly _tag: "release" }
    | { readonly _tag: "handBack"; readonly delayMs: number; readonly why: HandBackReason }
  )
