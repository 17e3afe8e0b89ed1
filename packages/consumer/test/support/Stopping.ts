/**
 * Provides a layer to a test, and lets time pass while the layer is being torn down. For tests whose consumer has to wait
 * for something when it stops: under a `TestClock` it would wait for ever.
 */
import { Effect, Exit, Fiber, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"

/** As `Effect.provide`, with a minute for the teardown. */
export const provide =
  <ROut, E2, RIn>(layer: Layer.Layer<ROut, E2, RIn>) =>
  <A, E, R>(test: Effect.Effect<A, E, R>): Effect.Effect<A, E | E2, RIn | Exclude<R, ROut>> =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(layer, scope)
      const exit = yield* Effect.exit(Effect.provide(test, context))
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(closing)
      return yield* exit
    })
