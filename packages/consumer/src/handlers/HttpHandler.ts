/**
 * Delivers jobs over HTTP without any code: each to the target of its task, or to the one that its payload names.
 *
 * `make` answers tasks and their handlers, for `Consumer.layer` or for the program. Nothing is connected to before the first
 * delivery. Private addresses are out of reach unless they are listed, whatever names resolve to.
 */
import type { Handler } from "@sluice/core/Handler"
import * as RetryPolicy from "@sluice/core/RetryPolicy"
import * as Task from "@sluice/core/Task"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { type Handlers, mergeLayers } from "./Handlers.ts"
import * as AddressPolicy from "./http/AddressPolicy.ts"
import { deliver } from "./http/deliver.ts"
import { DeliveryFailed } from "./http/DeliveryFailed.ts"
import * as HttpOptions from "./http/HttpOptions.ts"
import { HttpRequest } from "./http/HttpRequest.ts"
import * as Sender from "./http/Sender.ts"
import * as Targets from "./http/Targets.ts"
import * as RawTask from "./RawTask.ts"

export { DeliveryFailed } from "./http/DeliveryFailed.ts"
export type { Options, Target } from "./http/HttpOptions.ts"
export { HttpRequest } from "./http/HttpRequest.ts"

/** What an accepted delivery leaves with the job: the answer, its body up to the limit. */
export const Delivered = Schema.Struct({ status: Schema.Int, body: Schema.String, truncated: Schema.Boolean })

const outcome = ({ backoffMs, maxBackoffMs }: HttpOptions.Settings) => {
  const base = RetryPolicy.exponential({ initial: backoffMs, cap: maxBackoffMs })
  const retry = base.pipe(RetryPolicy.when(
    DeliveryFailed,
    ({ retryAfterMs }) => retryAfterMs === undefined ? base : RetryPolicy.after(Math.max(retryAfterMs, 1000))
  ))
  return { success: Delivered, error: DeliveryFailed, retry }
}

/** A task, and its handler once there is a sender. */
interface Part {
  readonly task: Task.Any
  readonly layer: (sender: Sender.Sender) => Layer.Layer<Handler<string>>
}

const targetPart = (settings: HttpOptions.Settings, name: string, target: HttpOptions.Target): Part => {
  const delivery = Targets.ofTarget(settings, name, target)
  const task = RawTask.make(name, outcome(settings))
  return { task, layer: (sender) => RawTask.toLayer(task, (body) => deliver(sender, { ...delivery, body })) }
}

const requestPart = (settings: HttpOptions.Settings): Part => {
  const task = Task.make(settings.task, { payload: HttpRequest, ...outcome(settings) })
  const layer = (sender: Sender.Sender) =>
    task.toLayer((request) => deliver(sender, Targets.ofRequest(settings, request)))
  return { task, layer }
}

/**
 * The tasks that the options name, with their handlers; none without `targets` and `allow`. Throws a `RangeError` that names
 * the option that is out of range.
 */
export const make = (options: HttpOptions.Options): Handlers<never> => {
  const settings = HttpOptions.settings(options)
  const parts = [
    ...Object.entries(options.targets ?? {}).map(([name, target]) => targetPart(settings, name, target)),
    ...(settings.allowed.length === 0 ? [] : [requestPart(settings)])
  ]
  const sender = Sender.make({
    resolve: settings.resolve,
    isPermitted: AddressPolicy.permits(settings.networks),
    maxResponseBytes: settings.maxResponseBytes
  })
  return {
    tasks: parts.map(({ task }) => task),
    layer: Layer.unwrap(
      Effect.map(sender, (sender) => mergeLayers(parts.map(({ layer }) => layer(sender))))
    )
  }
}
