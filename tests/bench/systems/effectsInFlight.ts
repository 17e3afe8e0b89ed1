/**
 * What `forEachInFlight` of System.ts is, for systems whose calls are effects: the same loops, as fibers in place of
 * promises, so that nothing but the calls themselves is compared.
 */
import * as Effect from "effect/Effect"
import type { Payload } from "../payload.ts"

/** Runs `call` for each payload, at most `inFlight` at a time. */
export const forEachEffectInFlight = <E, R>(
  payloads: ReadonlyArray<Payload>,
  inFlight: number,
  call: (payload: Payload) => Effect.Effect<unknown, E, R>
): Effect.Effect<void, E, R> => {
  const rest = payloads.values()
  const work = Effect.fnUntraced(function*() {
    for (const payload of rest) yield* call(payload)
  })
  return Effect.all(Array.from({ length: inFlight }, () => work()), { concurrency: "unbounded", discard: true })
}
