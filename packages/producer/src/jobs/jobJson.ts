/**
 * A job as JSON, as `JobDocument` describes it: what tasks wrote is put in exactly as it is stored.
 */
import { type JobDocument, Values } from "@sluice/core/api"
import type { Job, JobLease } from "@sluice/core/Job"
import * as JobState from "@sluice/core/JobState"
import type * as Verdict from "@sluice/core/Verdict"
import { withRaw } from "../http/json.ts"

const time = Values.timestamp

const failure = ({ attempt, consumer, kind, message, startedAtMs }: Verdict.Failure) => ({
  attempt,
  kind,
  message,
  ...(consumer === undefined ? {} : { consumer }),
  ...(startedAtMs === undefined ? {} : { startedAt: time(startedAtMs) })
})

/** Who runs it, without the token that would let others settle it. */
const lease = ({ consumer, deadlineMs, startedAtMs }: JobLease) => ({
  consumer,
  startedAt: time(startedAtMs),
  deadline: time(deadlineMs)
})

/** How a job ended, without what its task answered. */
export const outcome = (state: JobState.Final, verdict: Verdict.Verdict): JobDocument.Outcome => {
  switch (verdict._tag) {
    case "Completed":
      return { state }
    case "Cancelled":
      return { state, by: verdict.by, reason: verdict.reason }
    case "Dead":
      return { state, reason: verdict.reason, message: verdict.message }
  }
}

/** What the task answered, as the texts that its codec wrote. */
export const answers = (verdict: Verdict.Verdict | undefined): Record<"result" | "error", string | undefined> => ({
  result: verdict?._tag === "Completed" ? verdict.success : undefined,
  error: verdict?._tag === "Dead" ? verdict.error : undefined
})

/** What only some jobs have. */
const sometimes = (job: Job): Partial<JobDocument.JobFields> => ({
  ...(job.key === undefined ? {} : { key: job.key }),
  ...(job.dueAtMs === undefined ? {} : { dueAt: time(job.dueAtMs) }),
  ...(job.expiresAtMs === undefined ? {} : { expiresAt: time(job.expiresAtMs) }),
  ...(job.maxAgeMs === 0 ? {} : { maxAgeMs: job.maxAgeMs }),
  ...(job.trace === undefined ? {} : { traceparent: job.trace }),
  ...(job.lease === undefined ? {} : { lease: lease(job.lease) }),
  ...(job.verdict === undefined || !JobState.isFinal(job.state) ? {} : { outcome: outcome(job.state, job.verdict) }),
  ...(job.handedBack === undefined ? {} : { handedBack: job.handedBack }),
  ...(job.cancelRequested === undefined ? {} : { cancelRequested: job.cancelRequested })
})

const members = (job: Job): JobDocument.JobFields => ({
  queue: job.queue,
  id: job.id,
  task: job.task,
  version: job.version,
  state: job.state,
  priority: job.priority,
  attempt: job.attempt,
  attempts: job.attempts,
  enqueuedAt: time(job.enqueuedAtMs),
  failures: job.failures.map(failure),
  ...sometimes(job)
})

/** The JSON of a job; of a list's row, without the payload unless it is asked for. */
export const jobJson = (job: Job, withPayload: boolean): string =>
  withRaw(members(job), {
    payload: withPayload ? job.payload : undefined,
    progress: job.progress,
    ...answers(job.verdict)
  })
