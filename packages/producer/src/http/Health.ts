/**
 * The truth about this producer: whether it lives, is ready, and has started.
 *
 * Ready means that the broker has answered just now: it is asked for the counts of a queue that does not exist, at most
 * once every half second however often somebody asks. A producer whose event loop answers at all lives; one that has been
 * told to stop is not ready, and still lives.
 */
import { Api, Problems } from "@sluice/core/api"
import { Inspector } from "@sluice/core/Inspector"
import * as JobQueue from "@sluice/core/JobQueue"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Layer from "effect/Layer"
import { told } from "./brokerProblem.ts"
import { Stopping } from "./Stopping.ts"

/** See the module. */
export class Health extends Context.Service<Health, {
  readonly live: Effect.Effect<void>
  readonly ready: Effect.Effect<void, Problems.NotReady>
  readonly started: Effect.Effect<void, Problems.NotReady>
}>()("@sluice/producer/Health") {}

/** Asking for a queue's counts makes no queue. */
const probe = JobQueue.make("sluice-readyz")

const notReady = (detail: string) => Effect.fail(new Problems.NotReady({ detail }))

const make = Effect.gen(function*() {
  const inspector = yield* Inspector
  const stopping = yield* Stopping
  let hasStarted = false

  const ask = inspector.stats(probe).pipe(
    Effect.catch((error) => Effect.flatMap(told(error), ({ detail }) => notReady(detail ?? "The broker failed."))),
    Effect.timeoutOrElse({
      duration: "2 seconds",
      orElse: () => notReady("The broker has not answered within 2 seconds.")
    }),
    Effect.tap(() => Effect.sync(() => hasStarted = true)),
    Effect.asVoid
  )
  const answers = yield* Effect.cachedWithTTL(ask, "500 millis")
  return Health.of({
    live: Effect.void,
    ready: Effect.suspend(() => stopping.isStopping() ? notReady("The producer stops.") : answers),
    started: Effect.suspend(() => hasStarted ? Effect.void : answers)
  })
})

/** The health of the producer that these services belong to. */
export const layer: Layer.Layer<Health, never, Inspector | Stopping> = Layer.effect(Health, make)

const ok = { status: "ok" } as const

/** The handlers of the health endpoints. */
export const handlers = HttpApiBuilder.group(Api, "health", (group) =>
  group
    .handle("livez", () => Health.use(({ live }) => Effect.as(live, ok)))
    .handle("readyz", () => Health.use(({ ready }) => Effect.as(ready, ok)))
    .handle("startupz", () => Health.use(({ started }) => Effect.as(started, ok))))
