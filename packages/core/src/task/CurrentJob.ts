/**
 * What a handler may know of the job it runs: `yield* CurrentJob` inside a handler.
 *
 * The consumer engine provides it for each attempt; it exists nowhere else.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { JobId } from "../job/JobId.ts"

/** The job that is being run. */
export class CurrentJob extends Context.Service<CurrentJob, {
  readonly id: JobId
  /** The task's name. */
  readonly task: string
  /** The queue's name. */
  readonly queue: string
  /** 1-based. */
  readonly attempt: number
  /** How many attempts the job has in all. */
  readonly attempts: number
  /** When this attempt is interrupted (epoch ms, this process's clock); `undefined`: the task has no timeout. */
  readonly deadline: number | undefined
  /** When the job was enqueued (epoch ms, the broker's clock). */
  readonly enqueuedAt: number
  /** Keeps the attempt's progress, JSON text. Best effort: lost when the broker is away. Use `Task.progress`. */
  readonly report: (progress: string) => Effect.Effect<void>
}>()("@sluice/core/CurrentJob") {}
