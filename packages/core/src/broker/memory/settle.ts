/** Applies the outcomes of attempts, each fenced by its lease token. The first part of an exchange. */
import type { LeaseRef, Settlement } from "../Lease.ts"
import * as Verdict from "../../job/Verdict.ts"
import { finish } from "./finish.ts"
import type { MemoryJob, MemoryLease } from "./MemoryJob.ts"
import type { MemoryPartition } from "./MemoryPartition.ts"

/** How many failures a job's ledger holds. */
export const ledgerLimit = 20

/** Appends to a job's ledger. */
export const addFailure = (job: MemoryJob, failure: string): void => {
  job.failures.push(failure)
  if (job.failures.length > ledgerLimit) job.failures.shift()
}

/** The job and lease that a reference names, if the lease still holds: right token, and its deadline not reached. */
export const held = (
  partition: MemoryPartition,
  now: number,
  ref: LeaseRef
): { readonly job: MemoryJob; readonly lease: MemoryLease } | undefined => {
  const job = partition.jobs.get(ref.id)
  const lease = job?.lease
  if (job === undefined || lease === undefined || lease.token !== ref.token) return undefined
  return partition.sets.running.scoreOf(job.id)! > now ? { job, lease } : undefined
}

/** The verdict of a job that somebody cancelled from outside. */
export const cancelledByOperator = (reason: string): string =>
  Verdict.encode({ _tag: "Cancelled", by: "operator", reason })

/** Applies one outcome, or answers that the lease was lost and changes nothing. */
export const settle = (partition: MemoryPartition, now: number, settlement: Settlement): "settled" | "lost" => {
  const found = held(partition, now, settlement)
  if (found === undefined) return "lost"
  const { job, lease } = found
  switch (settlement._tag) {
    case "complete":
    case "cancel":
    case "die": {
      job.used = lease.attempt
      if (settlement._tag === "die" && settlement.failure !== undefined) addFailure(job, settlement.failure)
      const to = settlement._tag === "complete" ? "completed" : settlement._tag === "cancel" ? "cancelled" : "dead"
      finish(partition, now, job, to, settlement.keepMs, settlement.verdict)
      break
    }
    default:
      goOn(partition, now, job, lease, settlement)
  }
  return "settled"
}

type GoingOn = Extract<Settlement, { readonly _tag: "retry" | "snooze" | "release" | "handBack" }>

const eventOf = { retry: "retrying", snooze: "snoozed", handBack: "handed-back", release: "released" } as const

/** The outcomes after which the job is to run again, unless somebody has asked to cancel it meanwhile. */
const goOn = (
  partition: MemoryPartition,
  now: number,
  job: MemoryJob,
  lease: MemoryLease,
  settlement: GoingOn
): void => {
  if (settlement._tag === "retry") {
    job.used = lease.attempt
    addFailure(job, settlement.failure)
  }
  if (job.cancelRequested !== undefined) {
    return finish(partition, now, job, "cancelled", job.record.keepDeadMs, cancelledByOperator(job.cancelRequested))
  }
  partition.events.note(eventOf[settlement._tag], job.id, { attempt: lease.attempt })
  switch (settlement._tag) {
    case "retry":
      job.handedBack = undefined
      partition.totals.retried++
      return partition.move(job, "retryable", now + settlement.delayMs)
    case "snooze":
      job.handedBack = undefined
      return partition.move(job, "scheduled", now + settlement.delayMs)
    case "handBack":
      job.handedBack = { times: (job.handedBack?.times ?? 0) + 1, why: settlement.why }
      return partition.move(job, "scheduled", now + settlement.delayMs)
    case "release":
      return partition.move(job, "available", lease.order)
  }
}

/**
 * Keeps `completed` within `keepCompleted`: those that expire first go, and count as pruned. At most `added` + 100 are
 * looked at, so a call stays bounded and still catches up. Jobs that somebody waits for stay for their minute, even
 * beyond the cap: their verdict may not have been read yet.
 */
export const trimCompleted = (partition: MemoryPartition, now: number, keepCompleted: number, added: number): void => {
  const excess = partition.sets.completed.size - keepCompleted
  if (excess <= 0) return
  for (const { member } of partition.sets.completed.upTo(Infinity, Math.min(excess, added + 100))) {
    const job = partition.jobs.get(member as MemoryJob["id"])!
    if (job.awaitedUntilMs > now) continue
    partition.delete(job)
    partition.totals.pruned++
  }
}
