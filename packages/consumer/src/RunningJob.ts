/**
 * One claimed job in this process, from the reply that brought it until the broker has taken its settlement.
 *
 * `JobRunner` starts and ends it, `Heartbeat` keeps its lease, `QueueRunner` counts it. Plain data, no behaviour.
 */
import type { ClaimedJob } from "@sluice/core/Lease"
import type * as Fiber from "effect/Fiber"

/** Why this process interrupted a handler. */
export type Stop =
  /** The lease is not ours any more: nothing may be settled. */
  | { readonly _tag: "Lost" }
  /** Somebody wants the job cancelled. */
  | { readonly _tag: "Cancel"; readonly reason: string }
  /** It took longer than its task allows. */
  | { readonly _tag: "Timeout" }
  /** The consumer stops. */
  | { readonly _tag: "Shutdown" }

/** See the module. Times are the host's monotonic ms, `startedAt` epoch ms by this process's clock; both of the whole claim. */
export interface RunningJob {
  readonly claimed: ClaimedJob
  readonly startedAt: number
  readonly startedMs: number
  /** Until when the lease surely holds, counted from before the call that took or extended it. */
  heldUntil: number
  /** Why it was interrupted, if it was: the first reason stands, except that a lost lease always wins. */
  stop: Stop | undefined
  /** Whether its slot has been given back. */
  ended: boolean
  fiber: Fiber.Fiber<unknown, unknown> | undefined
}
