/**
 * The port: everything that changes jobs, whoever keeps them. Producers call `enqueue`, consumers call `exchange` and
 * `extend`, the maintenance duties call `promote`, `rescue` and `prune`, operators the rest. The read side is
 * `Inspector`.
 *
 * A broker promises the invariants of the protocol: a job is in exactly one state; whoever holds no valid lease changes
 * nothing; every call is all or nothing per job; answers are positional. It knows no task, no schema and no handler:
 * payloads and verdicts are opaque text. Times are the broker's own clock, never the caller's.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BrokerError, BrokerUnavailable } from "../job/BrokerError.ts"
import type { Refusal } from "../job/EnqueueError.ts"
import type { Envelope } from "../job/Envelope.ts"
import type { JobId } from "../job/JobId.ts"
import type { Final, JobState } from "../job/JobState.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import type { ClaimedJob, LeaseRef, Settlement } from "./Lease.ts"

/** One job to put in. When it was to run is noted in its envelope by the broker. */
export interface NewJob extends Omit<Envelope, "delayedMs" | "notBeforeMs"> {
  /** The caller's own id: the idempotency key. `undefined`: the broker makes one that never existed before. */
  readonly id: string | undefined
  /** Milliseconds from now until it may run; 0: at once. Ignored when `runAtMs` is given. */
  readonly delayMs: number
  /** The epoch milliseconds from which it may run; the past means at once. */
  readonly runAtMs: number | undefined
  /** Whether somebody is about to `await` it: its verdict is then kept for a minute, even with no retention. */
  readonly awaited: boolean
}

/**
 * The answer to one job.
 * - `created`, `existing`: it is in; it was there already (same id), and nothing changed.
 * - `refused`: it is not in.
 * - `unknown`: its part of the call was not answered, but another one was. It may be in, under this id.
 */
export type EnqueueAnswer =
  | { readonly answer: "created" | "existing"; readonly id: JobId }
  | { readonly answer: "refused"; readonly reason: Refusal }
  | { readonly answer: "unknown"; readonly id: JobId; readonly reason: BrokerUnavailable }

/** One round of a consumer: give outcomes in, take jobs out. */
export interface ExchangeRequest {
  readonly queue: JobQueue
  /** The consumer's name, unique to one process's life; shown by inspect, and woken when work arrives. */
  readonly consumer: string
  /** A line of calls of which at most one is in flight; unique within the consumer. */
  readonly lane: string
  /** Grows by at least one with each new call of a lane. The same number again is a repeat of a call whose reply was lost. */
  readonly sequence: number
  readonly settle: ReadonlyArray<Settlement>
  /** How many jobs to claim at most: exactly the free slots. 0 claims nothing. */
  readonly claim: number
  /** How long (ms) each new lease lasts unless it is extended. */
  readonly leaseMs: number
  /** Whether to be woken when work arrives that this call did not get. Off for a consumer that stops. */
  readonly wake: boolean
}

/** What one round brought. */
export interface ExchangeReply {
  /** One per settlement, in order: applied, or the lease was lost and nothing changed. */
  readonly settled: ReadonlyArray<"settled" | "lost">
  readonly jobs: ReadonlyArray<ClaimedJob>
  /**
   * Milliseconds, with a fraction, until the next scheduled or retryable job is due by the broker's clock; `undefined`:
   * there is none.
   */
  readonly nextDueMs: number | undefined
  /** Whether the queue is paused (then `jobs` is empty). */
  readonly paused: boolean
}

/** What a consumer learns of one of its leases when it extends it. */
export type ExtendAnswer =
  | { readonly _tag: "Extended" }
  | { readonly _tag: "Lost" }
  /** Extended, and an operator wants the job cancelled. */
  | { readonly _tag: "Cancel"; readonly reason: string }

/**
 * What became of a wish to act on one job by id.
 * - `done`: it happened.
 * - `requested`: the job runs; its consumer has been told to interrupt it (cancel only).
 * - `not-found`: there is no such job.
 * - otherwise the state that does not allow it; nothing was changed.
 */
export type ActAnswer = "done" | "requested" | "not-found" | JobState

/** How one job ended, as `awaitVerdict` finds it. */
export interface Ended {
  readonly state: Final
  /** The text of a `Verdict`. */
  readonly verdict: string
}

/** What a maintenance duty did: how many jobs it moved or deleted, and whether there was more than its limit. */
export interface Swept {
  readonly count: number
  readonly more: boolean
}

/** The broker: see the module. */
export class Broker extends Context.Service<Broker, {
  /**
   * Puts jobs in. Answers are positional, one per job. Concurrent calls may share a round trip. At most 4 MiB a job. A call
   * of many jobs travels in parts; it fails as a whole only when none of them was answered.
   */
  readonly enqueue: (
    queue: JobQueue,
    jobs: ReadonlyArray<NewJob>
  ) => Effect.Effect<ReadonlyArray<EnqueueAnswer>, BrokerError>
  /** Settles and claims. Safe to repeat with the same lane and sequence: then it answers what it answered. */
  readonly exchange: (request: ExchangeRequest) => Effect.Effect<ExchangeReply, BrokerError>
  /**
   * Extends leases to `leaseMs` from now, positionally; tells which are lost and which jobs are to be cancelled. Without
   * leases it only opens the queue, which fails where the partition counts differ.
   */
  readonly extend: (
    queue: JobQueue,
    leases: ReadonlyArray<LeaseRef>,
    leaseMs: number
  ) => Effect.Effect<ReadonlyArray<ExtendAnswer>, BrokerError>
  /** Keeps a running job's progress (JSON text), replacing the last; answers whether the lease still held. */
  readonly progress: (
    queue: JobQueue,
    lease: LeaseRef,
    progress: string
  ) => Effect.Effect<"settled" | "lost", BrokerError>
  /**
   * Calls `onWake` whenever there may be work for this consumer in this queue ("work": exchange), or a job it runs is to
   * be cancelled ("cancel": extend), until the scope closes. A hint: it can be lost or wrong, so poll slowly behind it.
   */
  readonly wakeups: (
    queue: JobQueue,
    consumer: string,
    onWake: (why: "work" | "cancel") => void
  ) => Effect.Effect<void, BrokerError, Scope.Scope>
  /** Waits until the job has ended, and says how; fails never for time. `undefined`: there is no such job (any more). */
  readonly awaitVerdict: (queue: JobQueue, id: JobId) => Effect.Effect<Ended | undefined, BrokerError>
  /** Ends waiting jobs as `cancelled` at once; asks the consumers of running ones to interrupt them. */
  readonly cancel: (
    queue: JobQueue,
    ids: ReadonlyArray<JobId>,
    reason: string
  ) => Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError>
  /** Makes dead and cancelled jobs available again, with all their attempts; the ledger stays. */
  readonly retry: (queue: JobQueue, ids: ReadonlyArray<JobId>) => Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError>
  /** Makes scheduled and retryable jobs available now. */
  readonly promoteJobs: (
    queue: JobQueue,
    ids: ReadonlyArray<JobId>
  ) => Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError>
  /** Deletes jobs in any state but `running`, with all that is known of them. */
  readonly remove: (queue: JobQueue, ids: ReadonlyArray<JobId>) => Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError>
  /** Stops claims, in all processes, until `resume`. Running jobs go on; enqueues are taken. */
  readonly pause: (queue: JobQueue) => Effect.Effect<void, BrokerError>
  /** Undoes `pause` and wakes consumers. */
  readonly resume: (queue: JobQueue) => Effect.Effect<void, BrokerError>
  /** Deletes up to `limit` waiting jobs (available, then scheduled and retryable); running and ended ones stay. */
  readonly drain: (queue: JobQueue, limit: number) => Effect.Effect<Swept, BrokerError>
  /** Makes up to `limit` due jobs available. */
  readonly promote: (queue: JobQueue, limit: number) => Effect.Effect<Swept, BrokerError>
  /** Takes up to `limit` jobs whose lease has run out: to `retryable`, or `dead` after the last attempt. */
  readonly rescue: (queue: JobQueue, limit: number) => Effect.Effect<Swept, BrokerError>
  /** Deletes up to `limit` ended jobs whose retention has passed. */
  readonly prune: (queue: JobQueue, limit: number) => Effect.Effect<Swept, BrokerError>
}>()("@sluice/core/Broker") {}
