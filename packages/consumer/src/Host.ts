/**
 * What all parts of one consumer share: how to start a fiber, what time it is, and how to wait for the end of a turn.
 *
 * `Consumer` makes one from the context that its layer is built in, so that a test's clock, scheduler, random numbers and
 * loggers reach every part. It owns nothing: whoever forks keeps the fiber and ends it.
 */
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Ctx from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Scheduler from "effect/Scheduler"

/** See the module. */
export interface Host {
  /** The context that the consumer was built in. */
  readonly context: Context.Context<never>
  /** Starts a fiber now; nobody but the caller will ever end it. */
  readonly fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
  /** Monotonic milliseconds from an arbitrary origin: for measuring, never for storing. */
  readonly nowMs: () => number
  /** Epoch milliseconds by this process's clock. */
  readonly wallMs: () => number
  /** A number from 0 (included) to 1 (excluded). */
  readonly random: () => number
  /** Calls back at the end of this turn of the run loop, when everything that became ready in it has run. */
  readonly soon: (callback: () => void) => void
}

/** Makes a host of a context. */
export const make = (context: Context.Context<never>): Host => {
  const clock = Ctx.get(context, Clock.Clock)
  const random = Ctx.get(context, Random.Random)
  const dispatcher = Ctx.get(context, Scheduler.Scheduler).makeDispatcher()
  return {
    context,
    fork: Effect.runForkWith(context),
    nowMs: () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6,
    wallMs: () => clock.currentTimeMillisUnsafe(),
    random: () => random.nextDoubleUnsafe(),
    soon: (callback) => dispatcher.scheduleTask(callback, 0)
  }
}
