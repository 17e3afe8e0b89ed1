/** Takes jobs whose lease has run out from their consumers. A crash costs an attempt. */
import type { Swept } from "../Broker.ts"
import type { JobId } from "../../job/JobId.ts"
import * as Verdict from "../../job/Verdict.ts"
import { finish } from "./finish.ts"
import type { MemoryJob } from "./MemoryJob.ts"
import type { MemoryPartition } from "./MemoryPartition.ts"
import { addFailure, cancelledByOperator } from "./settle.ts"

/** What the ledger says of an attempt whose lease ran out. */
export const crashMessage = "the lease ran out"
/** The same in the verdict of a job that is too old to be tried again. */
export const expiredMessage = "the lease ran out, and the job is older than its maximum age"

/** Rescues up to `limit` jobs, the earliest deadline first; who waits for work learns when the first of them is due. */
export const rescue = (partition: MemoryPartition, now: number, limit: number): Swept => {
  const lapsed = partition.sets.running.upTo(now, limit)
  for (const { member } of lapsed) rescueJob(partition, now, partition.jobs.get(member as JobId)!)
  if (lapsed.length > 0) partition.armIdle(now)
  const next = partition.sets.running.first()
  return { count: lapsed.length, more: next !== undefined && next.score <= now }
}

const rescueJob = (partition: MemoryPartition, now: number, job: MemoryJob): void => {
  const { record } = job
  const { attempt, consumer, startedAtMs } = job.lease!
  const die = (reason: "crashed" | "expired", message: string) =>
    finish(partition, now, job, "dead", record.keepDeadMs, Verdict.encode({ _tag: "Dead", reason, message }))
  partition.totals.rescued++
  partition.events.note("rescued", job.id, { attempt })
  job.used = attempt
  job.handedBack = undefined
  addFailure(job, Verdict.encodeFailure({ attempt, kind: "Crashed", message: crashMessage, consumer, startedAtMs }))
  if (job.cancelRequested !== undefined) {
    finish(partition, now, job, "cancelled", record.keepDeadMs, cancelledByOperator(job.cancelRequested))
  } else if (attempt >= record.attempts) {
    die("crashed", crashMessage)
  } else if (record.maxAgeMs > 0 && now + record.crashDelayMs >= record.enqueuedAtMs + record.maxAgeMs) {
    die("expired", expiredMessage)
  } else {
    partition.events.note("retrying", job.id, { attempt })
    partition.move(job, "retryable", now + record.crashDelayMs)
  }
}
