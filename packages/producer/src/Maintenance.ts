/**
 * Promotes due jobs, rescues those whose lease ran out, and prunes, in every queue that was ever used.
 *
 * A producer always runs, so queues that no consumer attends are looked after: one scaled to zero wakes when a job is due.
 * Consumers do the same for their own queues; any number of processes may. The duties' own layers know their queues from
 * the start; here the names are asked for anew before each round.
 */
import type { Broker } from "@sluice/core/Broker"
import type { BrokerError } from "@sluice/core/BrokerError"
import { Inspector } from "@sluice/core/Inspector"
import * as Promoter from "@sluice/core/Promoter"
import * as Pruner from "@sluice/core/Pruner"
import * as Rescuer from "@sluice/core/Rescuer"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"

/** A duty, as it is done to one queue until there is no more to do. */
export interface Duty {
  readonly name: string
  readonly every: Duration.Duration
  readonly runOnce: (queue: string) => Effect.Effect<number, BrokerError, Broker>
}

/** What is done, and how often. */
export const duties: ReadonlyArray<Duty> = [
  { name: "promote", every: Promoter.defaults.every, runOnce: (queue) => Promoter.runOnce(queue) },
  { name: "rescue", every: Rescuer.defaults.every, runOnce: (queue) => Rescuer.runOnce(queue) },
  { name: "prune", every: Pruner.defaults.every, runOnce: (queue) => Pruner.runOnce(queue) }
]

/** One round of a duty over all queues. */
export const runOnce = (duty: Duty): Effect.Effect<void, BrokerError, Broker | Inspector> =>
  Inspector.use(({ queues }) =>
    Effect.flatMap(queues, (names) => Effect.forEach(names, duty.runOnce, { discard: true }))
  )

/** Rounds for ever, each spread over 0.8 to 1.2 times its time. An outage is logged once, and its end. */
const loop = (duty: Duty): Effect.Effect<never, never, Broker | Inspector> =>
  Effect.suspend(() => {
    let isFailing = false
    const everyMs = Duration.toMillis(duty.every)
    const pause = Effect.flatMap(Random.nextBetween(0.8 * everyMs, 1.2 * everyMs), (millis) => Effect.sleep(millis))
    const round = Effect.flatMap(Effect.exit(runOnce(duty)), (exit) => {
      const fails = Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)
      const changes = fails !== isFailing
      isFailing = fails
      if (!changes) return Effect.void
      return Exit.isFailure(exit)
        ? Effect.logWarning(`Maintenance (${duty.name}) failed; the next round comes at its time`, exit.cause)
        : Effect.logInfo(`Maintenance (${duty.name}) works again`)
    })
    return Effect.forever(Effect.andThen(round, pause))
  })

/** All duties in the background, as long as the layer lives. */
export const layer: Layer.Layer<never, never, Broker | Inspector> = Layer.effectDiscard(
  Effect.forEach(duties, (duty) => Effect.forkScoped(loop(duty)), { discard: true })
)
