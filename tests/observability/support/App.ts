/**
 * A whole application in one process, made of the parts that programs are made of: HTTP in, a task, a consumer whose
 * handler calls out, telemetry around all of it. On a real Redis.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Consumer } from "@sluice/consumer"
import { RetryPolicy, Task } from "@sluice/core"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { readSettings } from "@sluice/core/program"
import { propagating, Telemetry, telemetryTable } from "@sluice/core/telemetry"
import { ConfigProvider, Console, Effect, Exit, Layer, Metric, Schema, Scope } from "effect"
import { FetchHttpClient, HttpClient, HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { createServer } from "node:http"

const payload = { url: Schema.String, fail: Schema.Boolean }

/** Calls a URL, and may then be told to fail, for good. */
export class Call extends Task.make("Call", { queue: "calls", payload, retry: RetryPolicy.never }) {}

const readPayload = Schema.decodeUnknownEffect(Schema.Struct(payload))

/** A running application. */
export interface App {
  readonly url: string
  /** What it wrote to standard output. */
  readonly logs: ReadonlyArray<string>
  /** Ends it, and whatever its telemetry has left is sent. */
  readonly stop: () => Promise<void>
}

/** What an application needs. */
export interface Options {
  readonly redisUrl: string
  readonly prefix: string
  readonly env: Readonly<Record<string, string>>
}

const handler = Call.toLayer(Effect.fnUntraced(function*({ fail, url }) {
  const client = propagating(yield* HttpClient.HttpClient)
  yield* Effect.logInfo("calling")
  yield* Effect.orDie(client.get(url))
  if (fail) return yield* Effect.die(new Error("told to fail"))
}))

const routes = HttpRouter.add(
  "POST",
  "/orders/:id",
  Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { id } = yield* Call.enqueue(yield* readPayload(yield* request.json))
    return yield* HttpServerResponse.json({ id })
  })
)

const appLayer = (redisUrl: string, prefix: string) => {
  const consumer = Consumer.layer({ tasks: [Call], queues: { calls: { concurrency: 5 } }, grace: "5 seconds" })
  const server = HttpRouter.serve(Layer.mergeAll(Telemetry.routes(), routes), {
    disableLogger: true,
    disableListenLog: true
  })
  return Layer.mergeAll(consumer, server, Telemetry.queueNumbers({ queues: "all", every: 0 })).pipe(
    Layer.provide(handler),
    Layer.provide(RedisBroker.layer({ url: redisUrl, prefix })),
    Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
    Layer.provide(FetchHttpClient.layer)
  )
}

/** Starts one. */
export const startApp = async ({ env, prefix, redisUrl }: Options): Promise<App> => {
  const source = { name: "test", provider: ConfigProvider.fromUnknown(env) }
  const settings = await Effect.runPromise(readSettings(telemetryTable, [source]))
  const logs: Array<string> = []
  const scope = Scope.makeUnsafe()
  const telemetry = Telemetry.layer(settings, { name: "app", version: "1.0.0", templates: ["/orders/:id"] })
  const layer = appLayer(redisUrl, prefix).pipe(
    Layer.provide(telemetry),
    Layer.provide(Layer.succeed(Metric.MetricRegistry, new Map())),
    Layer.provide(Layer.succeed(Console.Console, { ...console, log: (line: unknown) => void logs.push(String(line)) }))
  )
  const context = await Effect.runPromise(Layer.buildWithScope(layer, scope))
  const { address } = await Effect.runPromiseWith(context)(HttpServer.HttpServer.use(Effect.succeed))
  const port = "port" in address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    logs,
    stop: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}
