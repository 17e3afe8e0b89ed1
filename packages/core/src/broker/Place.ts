/**
 * Where a store keeps things: one partition of one queue. Internal; each operation of a `PartitionStore` names one.
 */
import type { JobQueue } from "../task/JobQueue.ts"

/** One partition of one queue. */
export interface Place {
  readonly queue: JobQueue
  /** 0-based. */
  readonly partition: number
}
