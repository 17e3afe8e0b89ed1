/** What operators do to one job by its id: cancel, retry, promote, remove. Unknown ids answer `not-found`. */
import type { ActAnswer } from "../Broker.ts"
import type { JobId } from "../../job/JobId.ts"
import { isFinal } from "../../job/JobState.ts"
import { finish } from "./finish.ts"
import type { MemoryPartition } from "./MemoryPartition.ts"
import { cancelledByOperator } from "./settle.ts"

/** Ends a waiting job; asks the consumer of a running one. The first request's reason stands. */
export const cancel = (partition: MemoryPartition, now: number, id: JobId, reason: string): ActAnswer => {
  const job = partition.jobs.get(id)
  if (job === undefined) return "not-found"
  if (isFinal(job.state)) return job.state
  if (job.lease !== undefined) {
    job.cancelRequested ??= reason
    partition.wake(job.lease.consumer, "cancel")
    return "requested"
  }
  finish(partition, now, job, "cancelled", job.record.keepDeadMs, cancelledByOperator(reason))
  return "done"
}

/** Makes a dead or cancelled job available at the back, with all its attempts. */
export const retry = (partition: MemoryPartition, id: JobId): ActAnswer => {
  const job = partition.jobs.get(id)
  if (job === undefined) return "not-found"
  if (job.state !== "dead" && job.state !== "cancelled") return job.state
  partition.move(job, "available", partition.nextOrder(job.record.priority))
  partition.events.note("retried", id)
  job.used = 0
  job.verdict = undefined
  return "done"
}

/** Makes a scheduled or retryable job available now, at the back. */
export const promoteJob = (partition: MemoryPartition, id: JobId): ActAnswer => {
  const job = partition.jobs.get(id)
  if (job === undefined) return "not-found"
  if (job.state !== "scheduled" && job.state !== "retryable") return job.state
  partition.move(job, "available", partition.nextOrder(job.record.priority))
  partition.events.note("promoted", id)
  return "done"
}

/** Deletes a job that does not run; those who wait for it learn that it is gone. */
export const remove = (partition: MemoryPartition, id: JobId): ActAnswer => {
  const job = partition.jobs.get(id)
  if (job === undefined) return "not-found"
  if (job.state === "running") return job.state
  partition.delete(job)
  partition.totals.removed++
  partition.events.note("removed", id)
  partition.answerWaiters(id, undefined)
  return "done"
}
