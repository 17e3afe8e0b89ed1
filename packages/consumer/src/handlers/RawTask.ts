/**
 * A task without a schema: its handler gets the payload as the text that was enqueued, whatever version it says it is.
 *
 * For the built-in handlers, which pass payloads on and never look into them.
 */
import type { CurrentJob } from "@sluice/core/CurrentJob"
import * as Definition from "@sluice/core/Definition"
import * as Handler from "@sluice/core/Handler"
import type * as Task from "@sluice/core/Task"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

/** What a handler of such a task is: from the payload's text to the task's success, its error, or an `Outcome`. */
export type RawHandler = (payload: string) => Effect.Effect<unknown, unknown, CurrentJob>

/** The task of a name. Throws a `RangeError` that names it when the name or an option is out of range. */
export const make = (name: string, options: Omit<Definition.Options, "payload" | "key">): Task.Any => {
  const made = Definition.make(name, options)
  const definition: Definition.Definition = {
    ...made,
    // nothing is known of its payloads, and none is too new to be passed on unread
    schemas: { ...made.schemas, payload: [] },
    readsUpTo: Number.MAX_SAFE_INTEGER,
    decodePayload: (_, text) => Result.succeed(text)
  }
  return { _tag: name, queue: definition.queue, definition }
}

/** The handler of such a task, as a layer. */
export const toLayer = ({ definition }: Task.Any, handler: RawHandler): Layer.Layer<Handler.Handler<string>> =>
  Layer.effect(
    Handler.key(definition.name),
    Effect.map(Effect.context(), (context): Handler.HandlerService => ({
      definition,
      context,
      // `decodePayload` above gives texts only; what a handler fails with is anything at all, and the engine looks
      // @effect-diagnostics-next-line anyUnknownInErrorContext:off
      run: (payload) => Effect.suspend(() => handler(String(payload)))
    }))
  )
