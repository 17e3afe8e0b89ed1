/**
 * How often each caller may call, counted in this process. Access asks it for each request, the enqueue of lines for each
 * call of the broker.
 *
 * Callers are the configured keys' names, so what is remembered is bounded. Several producers count for themselves. Time
 * is monotonic: a wall clock that is set back would keep callers out until it has caught up.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ProducerOptions } from "../ProducerOptions.ts"
import { decide } from "./gcra.ts"

/** See the module. */
export class RateLimiter extends Context.Service<RateLimiter, {
  /** Counts one call; answers 0 when it may come, else in how many milliseconds it may. */
  readonly take: (caller: string) => Effect.Effect<number>
  /** Counts one call, and waits until it may come. */
  readonly wait: (caller: string) => Effect.Effect<void>
}>()("@sluice/producer/RateLimiter") {}

/** By the options' rate; without one, everything may come. */
export const layer: Layer.Layer<RateLimiter, never, ProducerOptions> = Layer.effect(
  RateLimiter,
  Effect.map(ProducerOptions, ({ rateBurst, rateLimit }) => {
    if (rateLimit <= 0) return RateLimiter.of({ take: () => Effect.succeed(0), wait: () => Effect.void })
    const rate = { intervalMs: 1000 / rateLimit, burst: Math.max(1, rateBurst) }
    const arrivals = new Map<string, number>()
    const take = (caller: string) =>
      Effect.map(Clock.monotonicTimeNanos, (nanos) => {
        const { arrivalMs, waitMs } = decide(rate, arrivals.get(caller) ?? -Infinity, Number(nanos) / 1e6)
        arrivals.set(caller, arrivalMs)
        return waitMs
      })
    const wait = (caller: string): Effect.Effect<void> =>
      Effect.flatMap(
        take(caller),
        (waitMs) => waitMs === 0 ? Effect.void : Effect.andThen(Effect.sleep(waitMs), wait(caller))
      )
    return RateLimiter.of({ take, wait })
  })
)
