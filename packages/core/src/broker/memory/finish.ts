/** Ends a job: how long it is kept, its verdict, who is told. Called by settle, cancel and rescue. */
import type { Final } from "../../job/JobState.ts"
import type { MemoryJob } from "./MemoryJob.ts"
import type { MemoryPartition } from "./MemoryPartition.ts"

/** How long (ms) an awaited job's verdict is kept at least. */
export const awaitedKeepMs = 60_000

/**
 * Moves a job to a final state and answers its waiters. With `keepMs` 0 and nobody waiting, it is deleted at once, and
 * counted as pruned.
 */
export const finish = (
  partition: MemoryPartition,
  now: number,
  job: MemoryJob,
  to: Final,
  keepMs: number,
  verdict: string
): void => {
  partition.events.note(to, job.id, { attempt: job.lease?.attempt })
  const kept = Math.max(keepMs, job.awaited ? awaitedKeepMs : 0)
  partition.move(job, to, now + kept)
  partition.totals[to]++
  job.verdict = verdict
  job.handedBack = undefined
  job.awaitedUntilMs = job.awaited ? now + awaitedKeepMs : 0
  if (kept <= 0) {
    partition.delete(job)
    partition.totals.pruned++
  }
  partition.answerWaiters(job.id, { state: to, verdict })
}
