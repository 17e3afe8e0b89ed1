/**
 * Finds out which leases of a late reply still hold.
 *
 * A reply can come late because calls before it were lost, or because this process was stopped: then its leases may have
 * run out, and the broker may have given the jobs to others. They are extended before any handler starts; those that
 * can't be are left alone.
 */
import type { Broker, ExchangeReply } from "@sluice/core/Broker"
import type { JobId } from "@sluice/core/JobId"
import type { JobQueue } from "@sluice/core/JobQueue"
import * as Effect from "effect/Effect"
import type { Host } from "./Host.ts"

/** What the question needs. */
export interface Options {
  readonly host: Host
  readonly broker: Pick<Broker["Service"], "extend">
  readonly queue: JobQueue
  readonly settings: { readonly leaseMs: number }
}

/** Until when (monotonic ms) the lease of each job holds; a job that is missing is not ours any more. */
export type Held = ReadonlyMap<JobId, number>

/** Asks, if the call was sent so long ago (monotonic ms) that the leases are not to be trusted; else `undefined`. */
export const confirm = (
  { broker, host, queue, settings: { leaseMs } }: Options,
  sentAt: number,
  { jobs }: ExchangeReply
): Effect.Effect<Held> | undefined => {
  if (jobs.length === 0 || host.nowMs() - sentAt < leaseMs / 3) return undefined
  return Effect.suspend(() => {
    const heldUntil = host.nowMs() + leaseMs
    return Effect.map(
      broker.extend(queue, jobs, leaseMs),
      (answers): Held =>
        new Map(jobs.flatMap(({ id }, index) => answers[index]?._tag === "Lost" ? [] : [[id, heldUntil]]))
    )
  }).pipe(Effect.catch(() => Effect.succeed<Held>(new Map())))
}
