/**
 * What happens to the jobs of a queue, as it happens: an ordered record that any number of readers follow, each resumable
 * by cursor. For dashboards, the HTTP API and tests; nothing in the queue itself depends on it.
 *
 * Events are recorded only while somebody reads, and for a minute beyond (or always, by `JobQueue`'s `recordEvents`); a
 * queue that nobody reads pays nothing. What a reader has missed is never passed over in silence: it is told as a `gap`.
 * `EventStream` makes a stream of it.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BrokerError } from "../job/BrokerError.ts"
import type { JobId } from "../job/JobId.ts"
import type { JobQueue } from "../task/JobQueue.ts"

/**
 * What happened to a job.
 * - `enqueued`: taken in, to run now or later.
 * - `claimed`: an attempt has begun. `progressed`: its handler has told progress.
 * - `completed`, `cancelled`, `dead`: it has ended.
 * - `retrying`: an attempt failed, and there will be another. `snoozed`, `released`, `handed-back`: an attempt ended
 *   without counting.
 * - `rescued`: its lease ran out; what became of it follows.
 * - `promoted`: it was waiting for its time, and may run now.
 * - `retried`: it had ended, and somebody made it run again by hand. `removed`: somebody deleted it.
 *
 * What retention deletes is not told.
 */
export type JobEventName =
  | "enqueued"
  | "claimed"
  | "progressed"
  | "completed"
  | "cancelled"
  | "dead"
  | "retrying"
  | "snoozed"
  | "released"
  | "handed-back"
  | "rescued"
  | "promoted"
  | "retried"
  | "removed"

/** Where a reader stands, and when that was. */
interface Told {
  /** Give it as `after` to go on behind this event. Opaque: ASCII without white space. */
  readonly cursor: string
  /** Epoch milliseconds by the broker's clock. */
  readonly atMs: number
}

/** Something happened to one job. */
export interface JobEvent extends Told {
  readonly event: JobEventName
  readonly id: JobId
  /** The name of its task: `enqueued` and `claimed` tell it. */
  readonly task: string | undefined
  /** The attempt that began or ended, 1-based; `undefined` where none did. */
  readonly attempt: number | undefined
}

/**
 * Something that is about no single job.
 * - `listening`: the first of every reader; from here on everything is recorded.
 * - `gap`: events between the one before and the one after this are lost to this reader: it was too far behind, nobody
 *   read for a while, the broker has lost data, or the cursor was none.
 * - `paused`, `resumed`: somebody stopped claims, or let them go on.
 */
export interface QueueNotice extends Told {
  readonly event: "listening" | "gap" | "paused" | "resumed"
}

/** One event of a queue. Of one job they come in the order in which they happened; so do those of one partition. */
export type QueueEvent = JobEvent | QueueNotice

/** Where to begin. */
export interface ReadOptions {
  /** The cursor of the last event that was seen. Default: begin with what happens from now on. */
  readonly after?: string | undefined
}

/** Reads on. One call at a time. */
export interface Reader {
  /** Waits until there is something, and answers it: never empty, at most some thousands. */
  readonly next: Effect.Effect<ReadonlyArray<QueueEvent>, BrokerError>
}

/** See the module. */
export class Events extends Context.Service<Events, {
  /**
   * Opens a reader; while its scope is open, events are recorded. A queue that was never used is waited for, as reading
   * must not decide its partition count; one whose `partitions` is given is opened.
   */
  readonly read: (queue: JobQueue, options?: ReadOptions) => Effect.Effect<Reader, BrokerError, Scope.Scope>
}>()("@sluice/core/Events") {}
