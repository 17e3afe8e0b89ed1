/**
 * What a place that keeps jobs has to offer: the operations on ONE partition of one queue. Internal.
 *
 * `Routed.ts` turns a store into a `Broker` and an `Inspector`: it picks partitions, makes ids, splits calls by
 * partition and joins the answers in order. So routing is written once, and a store knows nothing of it. The memory store
 * is the executable specification of these operations; the conformance suite holds every store to it.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BrokerError } from "../job/BrokerError.ts"
import type { Envelope } from "../job/Envelope.ts"
import type { Job } from "../job/Job.ts"
import type { JobId } from "../job/JobId.ts"
import type { JobState } from "../job/JobState.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import type { ActAnswer, Ended, ExchangeReply, ExchangeRequest, ExtendAnswer, NewJob, Swept } from "./Broker.ts"
import type { QueueStats } from "./Inspector.ts"
import type { LeaseRef } from "./Lease.ts"
import type { PartFailure } from "./PartFailure.ts"
import type { PartitionEvents } from "./PartitionEvents.ts"
import type { Place } from "./Place.ts"

/** A job whose id is known: the id names the partition that the call goes to. */
export interface PlacedJob {
  readonly jobId: JobId
  /** The job as it came, its times in whole milliseconds and noted in its envelope. */
  readonly job: NewJob & Envelope
}

/** What became of one new job; a failure: its part of the call failed, and another part was answered. */
export type Stored = "created" | "existing" | "full" | PartFailure

/** One page of one partition: `next` names the last job's place (score and id), `undefined` at the end. */
export interface PartitionPage {
  readonly jobs: ReadonlyArray<Job>
  readonly next: string | undefined
}

/** The operations on one partition. Meanings, orders and answers are those of `Broker` and `Inspector`. */
export interface PartitionStore extends PartitionEvents {
  /**
   * The queue's partition count: stored now if it never was (`queue.partitions ?? 1`). Fails with `PartitionMismatch`.
   * Also remembers the queue's name for `queues`.
   */
  readonly open: (queue: JobQueue) => Effect.Effect<number, BrokerError>
  /** The stored partition count; `undefined`: the queue was never used. Stores nothing. */
  readonly partitions: (queue: JobQueue) => Effect.Effect<number | undefined, BrokerError>
  readonly queues: Effect.Effect<ReadonlyArray<string>, BrokerError>
  /** Fails only when no part of it was answered. */
  readonly enqueue: (
    place: Place,
    jobs: ReadonlyArray<PlacedJob>
  ) => Effect.Effect<ReadonlyArray<Stored>, BrokerError>
  readonly exchange: (place: Place, request: ExchangeRequest) => Effect.Effect<ExchangeReply, BrokerError>
  readonly extend: (
    place: Place,
    leases: ReadonlyArray<LeaseRef>,
    leaseMs: number
  ) => Effect.Effect<ReadonlyArray<ExtendAnswer>, BrokerError>
  readonly progress: (place: Place, lease: LeaseRef, progress: string) => Effect.Effect<"settled" | "lost", BrokerError>
  /** Tells also which partition wakes; `undefined`: messages may have been missed, of any. */
  readonly wakeups: (
    queue: JobQueue,
    consumer: string,
    onWake: (why: "work" | "cancel", partition: number | undefined) => void
  ) => Effect.Effect<void, BrokerError, Scope.Scope>
  readonly awaitVerdict: (place: Place, id: JobId) => Effect.Effect<Ended | undefined, BrokerError>
  readonly cancel: (
    place: Place,
    ids: ReadonlyArray<JobId>,
    reason: string
  ) => Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError>
  readonly retry: (place: Place, ids: ReadonlyArray<JobId>) => Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError>
  readonly promoteJobs: (
    place: Place,
    ids: ReadonlyArray<JobId>
  ) => Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError>
  readonly remove: (place: Place, ids: ReadonlyArray<JobId>) => Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError>
  readonly pause: (place: Place) => Effect.Effect<void, BrokerError>
  readonly resume: (place: Place) => Effect.Effect<void, BrokerError>
  readonly drain: (place: Place, limit: number) => Effect.Effect<Swept, BrokerError>
  readonly promote: (place: Place, limit: number) => Effect.Effect<Swept, BrokerError>
  readonly rescue: (place: Place, limit: number) => Effect.Effect<Swept, BrokerError>
  readonly prune: (place: Place, limit: number) => Effect.Effect<Swept, BrokerError>
  readonly job: (place: Place, id: JobId) => Effect.Effect<Job | undefined, BrokerError>
  readonly list: (
    place: Place,
    state: JobState,
    cursor: string | undefined,
    limit: number
  ) => Effect.Effect<PartitionPage, BrokerError>
  /** Of this partition alone; `partitions` is 1. */
  readonly stats: (place: Place) => Effect.Effect<QueueStats, BrokerError>
}
