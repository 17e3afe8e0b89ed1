/** What the Inspector reads of one partition: one job, a page of a state, the counts. */
import type { QueueStats } from "../Inspector.ts"
import type { PartitionPage } from "../PartitionStore.ts"
import type { Job } from "../../job/Job.ts"
import type { JobId } from "../../job/JobId.ts"
import type { JobState } from "../../job/JobState.ts"
import { view } from "./MemoryJob.ts"
import type { MemoryPartition } from "./MemoryPartition.ts"
import type { Entry } from "./SortedSet.ts"

/** One job by id. */
export const job = (partition: MemoryPartition, queue: string, id: JobId): Job | undefined => {
  const found = partition.jobs.get(id)
  return found === undefined ? undefined : view(queue, found, partition.sets[found.state].scoreOf(id)!)
}

/** A page after the cursor: score and id of the last job seen, so that jobs that leave meanwhile shift nothing. */
export const list = (
  partition: MemoryPartition,
  queue: string,
  state: JobState,
  cursor: string | undefined,
  limit: number
): PartitionPage => {
  const entries = partition.sets[state].after(cursor === undefined ? undefined : entryOf(cursor), limit + 1)
  const page = entries.slice(0, limit)
  const last = page.at(-1)
  return {
    jobs: page.map(({ member, score }) => view(queue, partition.jobs.get(member as JobId)!, score)),
    next: entries.length > limit && last !== undefined ? `${last.score} ${last.member}` : undefined
  }
}

const entryOf = (cursor: string): Entry => {
  const space = cursor.indexOf(" ")
  return { score: Number(cursor.slice(0, space)), member: cursor.slice(space + 1) }
}

/** The counts. */
export const stats = (partition: MemoryPartition, queue: string, now: number): QueueStats => {
  const { available, blocked, cancelled, completed, dead, retryable, running, scheduled } = partition.sets
  const first = available.first()
  return {
    queue,
    partitions: 1,
    paused: partition.paused,
    states: {
      scheduled: scheduled.size,
      blocked: blocked.size,
      available: available.size,
      running: running.size,
      retryable: retryable.size,
      completed: completed.size,
      cancelled: cancelled.size,
      dead: dead.size
    },
    totals: { ...partition.totals },
    oldestWaitMs: first === undefined
      ? undefined
      : Math.max(0, now - partition.jobs.get(first.member as JobId)!.record.enqueuedAtMs),
    nextDueMs: partition.nextDueMs(now)
  }
}
