/** Deletes ended jobs whose retention has passed, and forgets lanes that nobody uses any more. */
import type { Swept } from "../Broker.ts"
import type { JobId } from "../../job/JobId.ts"
import { finals } from "../../job/JobState.ts"
import type { MemoryPartition } from "./MemoryPartition.ts"

/** How long (ms) after its last call a lane can still be repeated. */
export const laneKeepMs = 3_600_000

/** Deletes up to `limit` jobs: completed, then cancelled, then dead ones, those that expired first first. */
export const prune = (partition: MemoryPartition, now: number, limit: number): Swept => {
  let count = 0
  for (const state of finals) {
    for (const { member } of partition.sets[state].upTo(now, limit - count)) {
      partition.delete(partition.jobs.get(member as JobId)!)
      partition.totals.pruned++
      count++
    }
  }
  for (const [name, lane] of partition.lanes) {
    if (lane.usedAtMs + laneKeepMs <= now) partition.lanes.delete(name)
  }
  return { count, more: finals.some((state) => (partition.sets[state].first()?.score ?? Infinity) <= now) }
}
