/**
 * One job as the memory broker holds it: the immutable record and all that changes around it.
 *
 * Only `MemoryPartition` and the verbs beside it change these; `view` is what the Inspector shows.
 */
import type { HandBackReason, Job } from "../../job/Job.ts"
import type { JobId } from "../../job/JobId.ts"
import { isFinal, type JobState } from "../../job/JobState.ts"
import type { Stored } from "../../job/Envelope.ts"
import * as Verdict from "../../job/Verdict.ts"

/** Who runs a job, and the place in order to give back on release. */
export interface MemoryLease {
  readonly token: string
  readonly consumer: string
  readonly attempt: number
  readonly startedAtMs: number
  /** The score that it had in `available`. */
  readonly order: number
}

/** One job: see the module. */
export interface MemoryJob {
  readonly id: JobId
  readonly record: Stored
  state: JobState
  /** Attempts that counted; the running one is in the lease. */
  used: number
  /** Set exactly while the job is `running`. */
  lease: MemoryLease | undefined
  /** The text of the verdict: final states only. */
  verdict: string | undefined
  /** The texts of the last failures, oldest first. */
  failures: Array<string>
  handedBack: { readonly times: number; readonly why: HandBackReason } | undefined
  cancelRequested: string | undefined
  progress: string | undefined
  /** Whether somebody waits, or is about to wait, for its end. */
  awaited: boolean
  /** Until when an ended job's verdict is kept for those who wait, whatever `keepCompleted` says; 0: nobody waits. */
  awaitedUntilMs: number
}

/** A job as the Inspector shows it; `score` is its place in its state's set. */
export const view = (queue: string, job: MemoryJob, score: number): Job => ({
  ...job.record,
  id: job.id,
  queue,
  state: job.state,
  attempt: job.lease?.attempt ?? job.used,
  dueAtMs: job.state === "scheduled" || job.state === "retryable" ? score : undefined,
  lease: job.lease === undefined ? undefined : {
    consumer: job.lease.consumer,
    token: job.lease.token,
    startedAtMs: job.lease.startedAtMs,
    deadlineMs: score
  },
  expiresAtMs: isFinal(job.state) ? score : undefined,
  verdict: job.verdict === undefined ? undefined : Verdict.decode(job.verdict),
  failures: job.failures.map(Verdict.decodeFailure),
  handedBack: job.handedBack,
  cancelRequested: job.cancelRequested,
  progress: job.progress
})
