/**
 * The function for one task, as a service: `Task.toLayer` provides it, `Consumer.layer` asks for it.
 *
 * The service's key is made from the task's name, so that a missing handler is a missing service: a compile error.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { CurrentJob } from "./CurrentJob.ts"
import type { Definition } from "./Definition.ts"

/** The requirement "somebody handles the task of this name". */
export interface Handler<in out Name extends string> {
  readonly "~@sluice/core/Handler": Name
}

/** A handler with the types erased, as the engine runs it. */
export interface HandlerService {
  readonly definition: Definition
  /** The services that the handler was built with; the engine adds `CurrentJob` for each job. */
  readonly context: Context.Context<never>
  /**
   * Runs one attempt with a decoded payload. Succeeds with the task's success or an `Outcome`; fails with one of the
   * task's errors or an `Outcome`.
   */
  readonly run: (payload: unknown) => Effect.Effect<unknown, unknown, CurrentJob>
}

/** The key under which a task's handler is provided. */
export const key = <const Name extends string>(name: Name): Context.Key<Handler<Name>, HandlerService> =>
  Context.Service<Handler<Name>, HandlerService>(`@sluice/core/Handler/${name}`)
