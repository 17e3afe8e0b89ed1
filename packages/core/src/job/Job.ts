/**
 * A job as inspect shows it: the record, its state, and all that is known of its attempts.
 */
import type { Stored } from "./Envelope.ts"
import type { JobId } from "./JobId.ts"
import type { JobState } from "./JobState.ts"
import type { Failure, Verdict } from "./Verdict.ts"

/** Why a consumer handed a job back: it knows no such task, or only older versions of its payload. */
export type HandBackReason = "unknown-task" | "newer-version"

/** One job, whole. Times are epoch milliseconds by the broker's clock. */
export interface Job extends Stored {
  readonly id: JobId
  readonly queue: string
  readonly state: JobState
  /** Attempts used, the running one included. */
  readonly attempt: number
  /** When it may run next: `scheduled` and `retryable` only. */
  readonly dueAtMs: number | undefined
  /** The lease that is held on it: `running` only. */
  readonly lease: JobLease | undefined
  /** When it will be deleted: final states only. */
  readonly expiresAtMs: number | undefined
  /** How it ended: final states only. */
  readonly verdict: Verdict | undefined
  /** The last failed attempts, oldest first, at most 20. */
  readonly failures: ReadonlyArray<Failure>
  /** Set while consumers hand it back: how often, and why last. */
  readonly handedBack: { readonly times: number; readonly why: HandBackReason } | undefined
  /** Why somebody asked to cancel it while it runs. */
  readonly cancelRequested: string | undefined
  /** The last progress (JSON text), if the handler told any. */
  readonly progress: string | undefined
}

/** Who runs a job, since when, and until when at least. */
export interface JobLease {
  readonly consumer: string
  readonly token: string
  readonly startedAtMs: number
  readonly deadlineMs: number
}

/** When (epoch ms, by the broker's clock) a job was to run at the earliest, before any retry or snooze. */
export const earliestMs = ({ delayedMs = 0, enqueuedAtMs, notBeforeMs = 0 }: Stored): number =>
  Math.max(enqueuedAtMs + delayedMs, notBeforeMs)
