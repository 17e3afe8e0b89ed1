/** Deletes waiting jobs: available ones as they would be claimed, then retryable, then scheduled ones by due time. */
import type { Swept } from "../Broker.ts"
import type { JobId } from "../../job/JobId.ts"
import type { MemoryPartition } from "./MemoryPartition.ts"
import { remove } from "./act.ts"

/** Deletes up to `limit`; running and ended jobs stay. */
export const drain = (partition: MemoryPartition, limit: number): Swept => {
  const { available, blocked, retryable, scheduled } = partition.sets
  const waiting = [available, retryable, scheduled, blocked]
  let count = 0
  for (const set of waiting) {
    for (const { member } of set.upTo(Infinity, limit - count)) {
      remove(partition, member as JobId)
      count++
    }
  }
  return { count, more: waiting.some((set) => set.size > 0) }
}
