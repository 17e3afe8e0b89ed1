/**
 * Whether this producer has been told to stop. Long waits end when it begins, and readiness says no from then on.
 *
 * `Producer.layer` makes one and begins it before the server closes its door; a program that wants to be out of its load
 * balancer first begins it earlier.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** See the module. */
export class Stopping extends Context.Service<Stopping, {
  readonly isStopping: () => boolean
  /** Waits until it begins. */
  readonly begun: Effect.Effect<void>
  /** Says so to everyone. Again: does nothing. */
  readonly begin: Effect.Effect<void>
}>()("@sluice/producer/Stopping") {}

/** Makes it, not begun. */
export const layer: Layer.Layer<Stopping> = Layer.effect(
  Stopping,
  Effect.map(Deferred.make<void>(), (deferred) => {
    let isStopping = false
    return Stopping.of({
      isStopping: () => isStopping,
      begun: Deferred.await(deferred),
      begin: Effect.suspend(() => {
        isStopping = true
        return Effect.asVoid(Deferred.succeed(deferred, undefined))
      })
    })
  })
)
