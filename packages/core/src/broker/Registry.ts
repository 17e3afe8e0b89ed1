/**
 * Who consumes, and which tasks there are: what consumers tell of themselves, for people, tools and producers.
 *
 * Kept beside the jobs by the same broker, and never needed to run one: a consumer whose beats are lost goes on working,
 * and is only not listed. Times are the broker's own clock, but for `startedAtMs`.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { BrokerError } from "../job/BrokerError.ts"
import type { TaskInfo } from "../task/TaskInfo.ts"

/** How long (ms) after its last beat a consumer is still listed. */
export const liveMs = 60_000

/** How one process consumes one queue. */
export interface QueuePresence {
  readonly queue: string
  /** How many of the queue's jobs may run at once in this process. */
  readonly concurrency: number
  /** How many do. */
  readonly running: number
}

/** What a consumer tells of itself. */
export interface ConsumerInfo {
  /** Unique to one process's life; the same that inspect shows as the holder of a lease. */
  readonly name: string
  readonly host: string
  readonly pid: number
  /** The version of the application; `undefined`: it did not say. */
  readonly version: string | undefined
  readonly queues: ReadonlyArray<QueuePresence>
  /** Epoch milliseconds by the consumer's own clock. */
  readonly startedAtMs: number
  /** `stopping`: it claims nothing more, and ends when its jobs have. */
  readonly state: "running" | "stopping"
}

/** A consumer that was heard of within `liveMs`. */
export interface LiveConsumer extends ConsumerInfo {
  /** When it was last heard of: epoch milliseconds by the broker's clock. */
  readonly seenAtMs: number
}

/** The registry: see the module. */
export class Registry extends Context.Service<Registry, {
  /** Says that a consumer lives, and how it does; what it said before is replaced. Every 10 seconds is a good rhythm. */
  readonly beat: (info: ConsumerInfo) => Effect.Effect<void, BrokerError>
  /** Says that a consumer has ended: it is listed no more. One that is not listed is fine. */
  readonly leave: (name: string) => Effect.Effect<void, BrokerError>
  /** The consumers that were heard of within the last 60 seconds, by name. */
  readonly consumers: Effect.Effect<ReadonlyArray<LiveConsumer>, BrokerError>
  /**
   * Makes tasks known, or known better: versions are added to those that are known already, and what a newer consumer has
   * published is never replaced by an older one (`TaskInfo.merge`). Safe to repeat.
   */
  readonly publish: (tasks: ReadonlyArray<TaskInfo>) => Effect.Effect<void, BrokerError>
  /** All tasks that were ever published, by name. */
  readonly tasks: Effect.Effect<ReadonlyArray<TaskInfo>, BrokerError>
  /** One task by name; none: nobody has published it. */
  readonly task: (name: string) => Effect.Effect<Option.Option<TaskInfo>, BrokerError>
}>()("@sluice/core/Registry") {}
