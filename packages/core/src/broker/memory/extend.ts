/** What a holder does to a lease while it runs: extend it, tell progress. */
import type { ExtendAnswer } from "../Broker.ts"
import type { LeaseRef } from "../Lease.ts"
import type { MemoryPartition } from "./MemoryPartition.ts"
import { held } from "./settle.ts"

/** Sets the deadline to `leaseMs` from now, also where somebody wants the job cancelled. */
export const extend = (partition: MemoryPartition, now: number, ref: LeaseRef, leaseMs: number): ExtendAnswer => {
  const found = held(partition, now, ref)
  if (found === undefined) return { _tag: "Lost" }
  partition.sets.running.add(ref.id, now + leaseMs)
  const reason = found.job.cancelRequested
  return reason === undefined ? { _tag: "Extended" } : { _tag: "Cancel", reason }
}

/** Keeps a running job's progress. */
export const progress = (
  partition: MemoryPartition,
  now: number,
  ref: LeaseRef,
  text: string
): "settled" | "lost" => {
  const found = held(partition, now, ref)
  if (found === undefined) return "lost"
  found.job.progress = text
  partition.events.note("progressed", ref.id, { attempt: found.lease.attempt })
  return "settled"
}
