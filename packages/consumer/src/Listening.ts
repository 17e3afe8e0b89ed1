/**
 * Listens to a broker's wake-ups for one queue, and goes on trying when that can't be had.
 */
import type { Broker } from "@sluice/core/Broker"
import type { JobQueue } from "@sluice/core/JobQueue"
import * as Effect from "effect/Effect"

const firstRetryMs = 200
const lastRetryMs = 5000

/**
 * Runs until it is interrupted. Each time that listening begins it calls `onWake("work")` once, because what was told
 * before then went unheard.
 */
export const run = (
  broker: Broker["Service"],
  queue: JobQueue,
  consumer: string,
  onWake: (why: "work" | "cancel") => void
): Effect.Effect<never> => {
  const listen = Effect.scoped(
    broker.wakeups(queue, consumer, onWake).pipe(
      Effect.andThen(Effect.sync(() => onWake("work"))),
      Effect.andThen(Effect.never)
    )
  )
  const listenAfter = (delay: number): Effect.Effect<never> =>
    Effect.catchCause(
      listen,
      (cause) =>
        Effect.logWarning(`Queue "${queue.name}": no wake-ups; it is polled until they can be had`, cause).pipe(
          Effect.andThen(Effect.sleep(delay)),
          Effect.andThen(Effect.suspend(() => listenAfter(Math.min(lastRetryMs, delay * 2))))
        )
    )
  return listenAfter(firstRetryMs)
}
