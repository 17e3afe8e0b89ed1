/**
 * A record of every attempt that this process ran, for the figures at the end (report.ts).
 *
 * Handlers add to it (deliver.ts). It lives in memory and dies with the process: what jobs there are and how they ended
 * is asked of the broker instead (endings.ts).
 */
import { Context, Effect, Layer } from "effect"

/** The result of an attempt that was received. */
export const delivered = "delivered"

/** One attempt of one job. */
export interface Attempt {
  readonly delivery: string
  /** 1-based. */
  readonly attempt: number
  /** What the delivery is about, for people. */
  readonly subject: string
  /** `delivered`, or the tag of the error that it failed with. */
  readonly result: string
  /** From the enqueue to the start, ms; only the first attempt waits for nothing but its turn. */
  readonly sinceEnqueueMs: number
  /** How long the handler ran, ms. */
  readonly runMs: number
}

/** The attempts so far, in the order in which they ended. */
export class Attempts extends Context.Service<Attempts, {
  readonly all: ReadonlyArray<Attempt>
  readonly add: (attempt: Attempt) => Effect.Effect<void>
}>()("webhooks/Attempts") {
  /** An empty record. */
  static readonly layer = Layer.sync(Attempts, () => {
    const all: Array<Attempt> = []
    return Attempts.of({ all, add: (attempt) => Effect.sync(() => void all.push(attempt)) })
  })

  /** Keeps none: each is a line of the log, for a program that runs for ever. */
  static readonly layerLog = Layer.succeed(
    Attempts,
    Attempts.of({
      all: [],
      add: ({ result, runMs, subject }) => Effect.logDebug(`${subject}: ${result} after ${runMs} ms`)
    })
  )
}
