/** Gives the first available jobs to a consumer, each with a lease. The last part of an exchange. */
import type { ClaimedJob } from "../Lease.ts"
import type { JobId } from "../../job/JobId.ts"
import { utf8Length } from "../Admission.ts"
import type { MemoryJob } from "./MemoryJob.ts"
import type { MemoryPartition } from "./MemoryPartition.ts"

/** The most jobs that one call claims. */
export const claimLimit = 1000
/** The most bytes of payload that one call claims, but for a first job that is longer by itself. */
export const claimBytesLimit = 4_194_304

/** A running job as its holder sees it. */
export const claimed = (job: MemoryJob): ClaimedJob => ({
  id: job.id,
  token: job.lease!.token,
  attempt: job.lease!.attempt,
  handedBack: job.handedBack?.times ?? 0,
  startedAtMs: job.lease!.startedAtMs,
  job: job.record
})

/** Claims up to `limit` jobs from the head of `available`. */
export const claim = (
  partition: MemoryPartition,
  now: number,
  options: { readonly limit: number; readonly consumer: string; readonly token: string; readonly leaseMs: number }
): ReadonlyArray<ClaimedJob> => {
  const jobs: Array<ClaimedJob> = []
  let bytes = 0
  for (const { member, score } of partition.sets.available.upTo(Infinity, Math.min(options.limit, claimLimit))) {
    const job = partition.jobs.get(member as JobId)!
    bytes += utf8Length(job.record.payload)
    if (jobs.length > 0 && bytes > claimBytesLimit) break
    partition.move(job, "running", now + options.leaseMs)
    job.lease = {
      token: options.token,
      consumer: options.consumer,
      attempt: job.used + 1,
      startedAtMs: now,
      order: score
    }
    partition.events.note("claimed", job.id, { task: job.record.task, attempt: job.lease.attempt })
    jobs.push(claimed(job))
  }
  return jobs
}
