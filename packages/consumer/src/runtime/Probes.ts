/**
 * What the probes answer: the truth about this process, from its first moment to its last.
 *
 * It exists before the consumer does, and outlives it: while Redis is waited for it lives and is not ready, and while it
 * drains it lives and is not ready any more.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ConsumerHealth } from "../ConsumerHealth.ts"

/** An answer to a probe. */
export interface Answer {
  readonly ok: boolean
  /** Why not, one sentence each. */
  readonly reasons: ReadonlyArray<string>
}

type Health = ConsumerHealth["Service"]

const fine: Answer = { ok: true, reasons: [] }

/** See the module. */
export class Probes extends Context.Service<Probes, {
  /** Whether it is worth keeping this process. */
  readonly live: Effect.Effect<Answer>
  /** Whether jobs are being consumed. */
  readonly ready: Effect.Effect<Answer>
  /** Whether jobs have ever been consumed: the broker was there, and every queue has been asked. */
  readonly started: Effect.Effect<Answer>
  /** The consumer is there from now on. */
  readonly watch: (health: Health) => void
}>()("@sluice/consumer/Probes") {
  static readonly layer = Layer.sync(Probes, () => {
    let health: Health | undefined
    let hasStarted = false
    const notYet: Answer = {
      ok: false,
      reasons: ["the consumer has not started: it waits for Redis, or for its handlers"]
    }
    const check = (read: (health: Health) => Effect.Effect<Answer>, before: Answer) =>
      Effect.suspend(() => health === undefined ? Effect.succeed(before) : read(health))
    const ready = check(
      (health) => Effect.map(health.check, ({ ready, reasons }) => ({ ok: ready, reasons })),
      notYet
    )
    return Probes.of({
      live: check(
        (health) => Effect.map(health.check, ({ live, reasons }) => ({ ok: live, reasons: live ? [] : reasons })),
        fine
      ),
      ready,
      started: Effect.suspend(() =>
        hasStarted
          ? Effect.succeed(fine)
          : Effect.tap(ready, ({ ok }) =>
            Effect.sync(() => {
              hasStarted = ok
            }))
      ),
      watch: (it) => {
        health = it
      }
    })
  })
}
