/**
 * One timer that can be set again and again, on the host's clock.
 *
 * The parts of the consumer that wait for a time use it: due jobs, timeouts, leases. Setting it later than it stood
 * before costs nothing: the running timer is kept and goes on when it rings too early. It rings never early by more than
 * a timer's own inaccuracy (1 ms).
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { Host } from "./Host.ts"

/** See the module. */
export interface Alarm {
  /** Rings once at this time (the host's monotonic ms), instead of whenever it was set to before. */
  readonly set: (atMs: number) => void
  /** When it will ring; `undefined`: it is not set. */
  readonly at: () => number | undefined
  /** Does not ring any more, and keeps no timer. */
  readonly clear: () => void
}

/** Makes an alarm that calls back when it rings. The callback must not throw. */
export const make = (host: Host, onRing: () => void): Alarm => {
  let target: number | undefined
  let timer: { readonly at: number; readonly fiber: Fiber.Fiber<void> } | undefined
  const ring = () => {
    timer = undefined
    if (target === undefined) return
    if (target - host.nowMs() > 1) return start(target)
    target = undefined
    onRing()
  }
  const start = (at: number): void => {
    const sleep = Effect.sleep(Math.max(0, Math.ceil(at - host.nowMs())))
    timer = { at, fiber: host.fork(Effect.andThen(sleep, Effect.sync(ring))) }
  }
  const stop = () => {
    const stopped = timer
    timer = undefined
    stopped?.fiber.interruptUnsafe()
  }
  return {
    set: (at) => {
      target = at
      if (timer !== undefined && timer.at <= at) return
      stop()
      start(at)
    },
    at: () => target,
    clear: () => {
      target = undefined
      stop()
    }
  }
}
