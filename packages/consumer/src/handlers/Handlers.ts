/**
 * Tasks together with their handlers: what a module of handlers exports for `sluice-consumer`.
 *
 * `export default Handlers.make({ tasks, layer })` in the module that SLUICE_HANDLERS names. Nothing runs on import: the
 * program builds the layer, and consumes the tasks' queues as its settings say.
 */
import type { Broker } from "@sluice/core/Broker"
import type { Handler } from "@sluice/core/Handler"
import type { Inspector } from "@sluice/core/Inspector"
import type * as Task from "@sluice/core/Task"
import * as Layer from "effect/Layer"

/** What a handlers' layer may ask for: the program has the broker, so that handlers can enqueue. */
export type Provided = Broker | Inspector

/** Tasks with their handlers, the tasks' names erased. */
export interface Handlers<out E = unknown> {
  readonly tasks: ReadonlyArray<Task.Any>
  /** Provides the handler of each task. */
  readonly layer: Layer.Layer<Handler<string>, E, Provided>
}

/**
 * Puts tasks and the layer of their handlers together. A layer that leaves out a handler, or asks for more than the broker,
 * does not compile. A layer that fails keeps the program from starting.
 */
export const make = <const Tasks extends ReadonlyArray<Task.Any>, E>(handlers: {
  readonly tasks: Tasks
  readonly layer: Layer.Layer<Task.HandlerOf<Tasks[number]>, E, Provided>
}): Handlers<E> =>
  // that there is a handler for each of these tasks was just checked; which ones is for `tasks` to say from here on
  handlers as unknown as Handlers<E>

type HandlerLayer<E, R> = Layer.Layer<Handler<string>, E, R>

/** The handlers of several tasks in one layer. */
export const mergeLayers = <E, R>(layers: ReadonlyArray<HandlerLayer<E, R>>): HandlerLayer<E, R> => {
  const [first, ...others] = layers
  // without tasks there is no handler, and nobody asks for one
  if (first === undefined) return Layer.empty as unknown as HandlerLayer<E, R>
  return others.reduce((all, layer) => Layer.merge(all, layer), first)
}
