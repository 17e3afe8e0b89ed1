/**
 * Builds a broker's layer although the broker may not be there yet: at the start of a whole system nothing says who is
 * first. Tries for a while, says so once, and gives up at once on what waiting can't mend.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import type { BrokerError } from "../job/BrokerError.ts"

const isAway = (error: { readonly _tag: string } | BrokerError): boolean =>
  error._tag === "BrokerError" && "reason" in error && error.reason._tag === "BrokerUnavailable"

/** The layer, built at the first attempt that works. `timeoutMs` 0: one attempt. */
export const patiently = <A, E extends { readonly _tag: string }>(
  layer: Layer.Layer<A, E>,
  timeoutMs: number
): Layer.Layer<A, E> =>
  Layer.effectContext(Effect.gen(function*() {
    const scope = yield* Effect.scope
    let hasWarned = false
    // a scope of its own for each attempt, so that a failed one leaves nothing behind
    const attempt = Effect.gen(function*() {
      const own = yield* Scope.fork(scope)
      return yield* Effect.onError(Layer.buildWithScope(Layer.fresh(layer), own), (cause) =>
        Scope.close(own, Exit.failCause(cause)))
    })
    const warn = (error: E) =>
      Effect.suspend(() => {
        if (hasWarned || !isAway(error)) {
          return Effect.void
        }
        hasWarned = true
        return Effect.logWarning(`The broker can't be reached yet; trying for ${timeoutMs} ms`, error)
      })
    if (timeoutMs === 0) {
      return yield* attempt
    }
    return yield* Effect.tapError(attempt, warn).pipe(
      Effect.retry({ schedule: Schedule.upTo(Schedule.spaced("1 second"), { duration: timeoutMs }), while: isAway })
    )
  }))
