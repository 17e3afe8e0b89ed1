/**
 * Builds the handlers' layers, and checks that there is a handler for each task: what the compiler checks in an application.
 */
import * as Handler from "@sluice/core/Handler"
import { InvalidSettings } from "@sluice/core/program"
import type * as Task from "@sluice/core/Task"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Handlers, mergeLayers } from "../handlers/Handlers.ts"

/** A layer of handlers failed to build: what it failed with is in `cause`. Nothing was claimed. */
export class HandlersFailed extends Error {
  override readonly name = "HandlersFailed"
  readonly _tag = "HandlersFailed"
  constructor(cause: unknown) {
    super(`the handlers could not be built: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

const missing = (tasks: ReadonlyArray<Task.Any>, context: Context.Context<never>): ReadonlyArray<string> =>
  tasks.map(({ _tag }) => _tag).filter((name) => !context.mapUnsafe.has(Handler.key(name).key))

/** The layer of all handlers, checked. */
export const buildHandlers = (all: ReadonlyArray<Handlers>): Handlers<InvalidSettings | HandlersFailed> => {
  const tasks = all.flatMap(({ tasks }) => tasks)
  const checked = Effect.fnUntraced(function*(context: Context.Context<Handler.Handler<string>>) {
    const problems = missing(tasks, context).map((name) =>
      `SLUICE_HANDLERS: \`layer\` has no handler for task "${name}"`
    )
    return problems.length === 0 ? context : yield* new InvalidSettings({ problems })
  })
  return {
    tasks,
    layer: Layer.effectContext(
      // whatever a module's layer fails with becomes one error here
      // @effect-diagnostics-next-line anyUnknownInErrorContext:off
      Layer.build(mergeLayers(all.map(({ layer }) => layer))).pipe(
        Effect.mapError((error) => new HandlersFailed(error)),
        Effect.flatMap(checked)
      )
    )
  }
}
