/** Makes due jobs available. The first thing an exchange does after settling, and a maintenance duty of its own. */
import type { Swept } from "../Broker.ts"
import type { JobId } from "../../job/JobId.ts"
import type { MemoryPartition } from "./MemoryPartition.ts"

/** Moves up to `limit` due jobs, by due time, retryable ones first among equals; wakes nobody. Answers how many. */
export const promoteDue = (partition: MemoryPartition, now: number, limit: number): number => {
  const { retryable, scheduled } = partition.sets
  let count = 0
  while (count < limit) {
    const retry = retryable.first()
    const other = scheduled.first()
    const next = retry !== undefined && retry.score <= (other?.score ?? Infinity) ? retry : other
    if (next === undefined || next.score > now) break
    const job = partition.jobs.get(next.member as JobId)!
    partition.move(job, "available", partition.nextOrder(job.record.priority))
    partition.events.note("promoted", job.id)
    count++
  }
  return count
}

/** The duty: promotes, and wakes an idle consumer for each job. */
export const promote = (partition: MemoryPartition, now: number, limit: number): Swept => {
  const count = promoteDue(partition, now, limit)
  partition.wakeIdle(count)
  return { count, more: partition.nextDueAtMs() <= now }
}
