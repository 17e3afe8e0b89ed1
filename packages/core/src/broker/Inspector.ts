/**
 * The read side of a broker: what jobs there are, where they stand and why. For people, tools and tests.
 *
 * Nothing here changes anything, and nothing scans a whole set: lists are paged with a cursor and a bounded limit.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { BrokerError } from "../job/BrokerError.ts"
import type { Job } from "../job/Job.ts"
import type { JobId } from "../job/JobId.ts"
import type { JobState } from "../job/JobState.ts"
import type { JobQueue } from "../task/JobQueue.ts"

/** How many jobs of a queue are in each state, and what has happened to it since it was first used. */
export interface QueueStats {
  readonly queue: string
  readonly partitions: number
  readonly paused: boolean
  readonly states: { readonly [State in JobState]: number }
  readonly totals: Totals
  /** How long (ms) the longest-waiting available job of the first place in order has waited; `undefined`: none waits. */
  readonly oldestWaitMs: number | undefined
  /** Milliseconds until the next scheduled or retryable job is due; 0 when overdue; `undefined`: there is none. */
  readonly nextDueMs: number | undefined
}

/** Counts of events since the queue was first used. enqueued = live + kept final + pruned + removed. */
export interface Totals {
  readonly enqueued: number
  /** Times a job became completed, cancelled or dead. */
  readonly completed: number
  readonly cancelled: number
  readonly dead: number
  /** Failed attempts after which the job was to be tried again. */
  readonly retried: number
  /** Leases that ran out and were taken by a rescue. */
  readonly rescued: number
  /** Ended jobs deleted by retention (at once where it is zero). */
  readonly pruned: number
  /** Jobs deleted by hand: remove and drain. */
  readonly removed: number
}

/** One page of a list. */
export interface Page {
  readonly jobs: ReadonlyArray<Job>
  /** Give it to the next call; `undefined`: this was the last page. */
  readonly cursor: string | undefined
}

/** The inspector: see the module. */
export class Inspector extends Context.Service<Inspector, {
  /** One job by id. */
  readonly job: (queue: JobQueue, id: JobId) => Effect.Effect<Option.Option<Job>, BrokerError>
  /**
   * The jobs in one state, in the state's own order (available: as they will be claimed; scheduled and retryable: by due
   * time; running: by lease deadline; final ones: by the end of their retention), partition by partition. `limit` is 1
   * to 1,000, default 100. Jobs that move meanwhile may be missed or come twice; those that stay come exactly once.
   */
  readonly list: (queue: JobQueue, state: JobState, options?: {
    readonly cursor?: string | undefined
    readonly limit?: number | undefined
  }) => Effect.Effect<Page, BrokerError>
  /** Counts by state and since the beginning; all zero for a queue that was never used. */
  readonly stats: (queue: JobQueue) => Effect.Effect<QueueStats, BrokerError>
  /** The names of all queues that were ever used, sorted. */
  readonly queues: Effect.Effect<ReadonlyArray<string>, BrokerError>
}>()("@sluice/core/Inspector") {}
