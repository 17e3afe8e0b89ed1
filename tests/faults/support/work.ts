/**
 * How the tasks of the fault tests are run, and told to the journal: the same handlers in a consumer made by hand
 * (consumer.ts) and in the program sluice-consumer (handlers.ts).
 */
import { CurrentJob } from "@sluice/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { existsSync } from "node:fs"
import type { Event } from "./Journal.ts"
import type { ConsumerSettings, Settings } from "./Settings.ts"
import { Poison, Work } from "./tasks.ts"

/** What the handlers need of a consumer's settings. */
export type Own = Pick<Settings & ConsumerSettings, "does" | "gate" | "name">

/** Stops the event loop, as a handler does that computes, without using the processor. */
const blockUntilGateOpens = (gate: string) =>
  Effect.sync(() => {
    const cell = new Int32Array(new SharedArrayBuffer(4))
    while (!existsSync(gate)) Atomics.wait(cell, 0, 0, 10)
  })

const waitUntilGateOpens = Effect.fnUntraced(function*(gate: string) {
  while (!existsSync(gate)) yield* Effect.sleep(10)
})

const perform = (own: Own, payload: Work["Payload"]): Effect.Effect<void> => {
  const does = own.does === "as told" ? payload.does : own.does
  if (does === "quick") return Effect.sleep(payload.ms)
  if (does === "hold") return Effect.never
  return does === "wait" ? waitUntilGateOpens(own.gate) : blockUntilGateOpens(own.gate)
}

/** The handlers of all tasks, in the name of a consumer. */
export const workOf = (own: Own, tell: (event: Event) => void) =>
  Layer.mergeAll(
    Work.toLayer(Effect.fnUntraced(function*(payload) {
      const { attempt, id } = yield* CurrentJob
      tell({ type: "start", id, attempt, n: payload.n, text: payload.text })
      yield* Effect.onInterrupt(
        perform(own, payload),
        () => Effect.sync(() => tell({ type: "interrupted", id, attempt }))
      )
      tell({ type: "finish", id, attempt })
      return { by: own.name, attempt }
    })),
    Poison.toLayer(Effect.fnUntraced(function*({ n, text }) {
      const { attempt, id } = yield* CurrentJob
      tell({ type: "start", id, attempt, n, text })
      process.kill(process.pid, "SIGKILL")
      return yield* Effect.never
    }))
  )
