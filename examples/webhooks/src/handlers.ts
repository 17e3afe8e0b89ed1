/**
 * The module of handlers that `sluice-consumer` loads (SLUICE_HANDLERS): the same tasks and handlers as in one process.
 *
 * What the handlers need comes from the environment, as in any program: WEBHOOKS_ENDPOINT is where deliveries go,
 * WEBHOOKS_TIMEOUT how long an answer may take. Without them the program does not start.
 */
import { Handlers } from "@sluice/consumer"
import { Config, Duration, Effect, Layer } from "effect"
import { Attempts } from "./attempts.ts"
import { DeliverLive, Endpoint } from "./deliver.ts"
import * as Tasks from "./tasks.ts"

const EndpointLive = Layer.effect(
  Endpoint,
  Effect.gen(function*() {
    const url = yield* Config.String("WEBHOOKS_ENDPOINT")
    const timeout = yield* Config.Duration("WEBHOOKS_TIMEOUT")
    return Endpoint.of({ url, timeoutMs: Duration.toMillis(timeout) })
  })
)

// eslint-disable-next-line import/no-default-export -- what the program expects of a module of handlers
export default Handlers.make({
  tasks: Tasks.all,
  layer: DeliverLive.pipe(Layer.provide([EndpointLive, Attempts.layerLog]))
})
