/** Puts jobs into one partition, and wakes as many idle consumers as there is new work for. */
import type { PlacedJob } from "../PartitionStore.ts"
import { optional, type Stored } from "../../job/Envelope.ts"
import type { MemoryPartition } from "./MemoryPartition.ts"

const stored = (job: PlacedJob["job"], now: number): Stored => ({
  enqueuedAtMs: now,
  task: job.task,
  version: job.version,
  payload: job.payload,
  priority: job.priority,
  attempts: job.attempts,
  maxAgeMs: job.maxAgeMs,
  crashDelayMs: job.crashDelayMs,
  keepDeadMs: job.keepDeadMs,
  key: job.key,
  trace: job.trace,
  ...optional(job)
})

/** Positional answers. An id that is known, in any state, changes nothing: not even a full queue refuses it. */
export const enqueue = (
  partition: MemoryPartition,
  now: number,
  jobs: ReadonlyArray<PlacedJob>,
  maxJobs: number | undefined
): ReadonlyArray<"created" | "existing" | "full"> => {
  const { available, scheduled } = partition.sets
  const before = { available: available.size, scheduled: scheduled.size }
  const answers = jobs.map(({ job, jobId }) => {
    const known = partition.jobs.get(jobId)
    if (known !== undefined) {
      if (job.awaited) known.awaited = true
      return "existing"
    }
    if (maxJobs !== undefined && partition.live >= maxJobs) return "full"
    const due = job.runAtMs ?? now + job.delayMs
    const isDue = due <= now
    partition.insert({
      id: jobId,
      record: stored(job, now),
      state: isDue ? "available" : "scheduled",
      used: 0,
      lease: undefined,
      verdict: undefined,
      failures: [],
      handedBack: undefined,
      cancelRequested: undefined,
      progress: undefined,
      awaited: job.awaited,
      awaitedUntilMs: 0
    }, isDue ? partition.nextOrder(job.priority) : due)
    partition.totals.enqueued++
    partition.events.note("enqueued", jobId, { task: job.task })
    return "created"
  })
  partition.wakeIdle(available.size - before.available)
  if (scheduled.size > before.scheduled) partition.armIdle(now)
  return answers
}
