/**
 * The producer: jobs come in over HTTP, on any broker and any HTTP server.
 *
 * `layer` serves the whole API and looks after all queues until its scope closes; then it says that it is not ready, ends
 * long waits, lets the server finish what it has begun, and stops. Importing it does nothing. Which server, which port,
 * TLS and time-outs are the platform's: see `NodeProducer` for the program's.
 */
import { Api } from "@sluice/core/api"
import type { Broker } from "@sluice/core/Broker"
import type { Inspector } from "@sluice/core/Inspector"
import type { Registry } from "@sluice/core/Registry"
import { Telemetry } from "@sluice/core/telemetry"
import * as ByteSize from "effect/ByteSize"
import type * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import type { FileSystem } from "effect/FileSystem"
import { flow } from "effect/Function"
import type * as Etag from "effect/http/Etag"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import type { HttpPlatform } from "effect/http/HttpPlatform"
import * as HttpRouter from "effect/http/HttpRouter"
import type { HttpServer } from "effect/http/HttpServer"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Layer from "effect/Layer"
import type { Path } from "effect/Path"
import * as SharedEnqueue from "./enqueue/SharedEnqueue.ts"
import * as AccessLive from "./http/AccessLive.ts"
import { layer as docs } from "./http/docs.ts"
import { edge } from "./http/Edge.ts"
import { directEnqueue } from "./http/directEnqueue.ts"
import * as Keys from "./http/Keys.ts"
import * as Health from "./http/Health.ts"
import * as RateLimiter from "./http/RateLimiter.ts"
import { requestIds } from "./http/requestId.ts"
import * as Stopping from "./http/Stopping.ts"
import { templates } from "./http/templates.ts"
import * as ValidationLive from "./http/ValidationLive.ts"
import * as JobsLive from "./jobs/JobsLive.ts"
import * as Maintenance from "./Maintenance.ts"
import { type Options, ProducerOptions, resolve, type Resolved } from "./ProducerOptions.ts"
import * as QueuesLive from "./queues/QueuesLive.ts"
import * as PublishedTasks from "./registry/PublishedTasks.ts"
import * as RegistryLive from "./registry/RegistryLive.ts"

export type { ApiKey, Options } from "./ProducerOptions.ts"

/** What a platform gives: `NodeHttpServer.layer` and `NodeCrypto.layerDigest` on Node. */
export type Platform = HttpServer | HttpPlatform | FileSystem | Path | Etag.Generator | Digest.Digest

/** A job id has 256 characters and its partition; a name 128. */
const routerConfig = { maxParamLength: 512, caseSensitive: true }

const api = HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(
  Layer.provide([JobsLive.layer, QueuesLive.layer, RegistryLive.layer, Health.handlers]),
  Layer.provide([AccessLive.layer, ValidationLive.layer])
)

/** Stands before what else is around the router, so that it sees the answers as they go out. */
const telemetry = ({ metrics, metricsToken }: Resolved) =>
  Layer.merge(
    Telemetry.routes({ metrics, metricsToken, templates }),
    Telemetry.queueNumbers({ queues: "all" })
  )

const aroundRouter = Layer.unwrap(Effect.gen(function*() {
  const { corsOrigins, maxBodyBytes } = yield* ProducerOptions
  const around = flow(yield* directEnqueue, edge(yield* requestIds, maxBodyBytes))
  const withCors = corsOrigins.length === 0
    ? around
    : flow(around, HttpMiddleware.cors({ allowedOrigins: corsOrigins, exposedHeaders: ["x-request-id", "location"] }))
  return HttpRouter.middleware(withCors, { global: true })
}))

/** The producer: see the module. */
export const layer = (options: Options = {}): Layer.Layer<never, never, Platform | Broker | Inspector | Registry> => {
  const resolved = resolve(options)
  const routes = Layer.mergeAll(telemetry(resolved), api, aroundRouter, ...(resolved.docs ? [docs] : []))
  const server = HttpRouter.serve(routes, { routerConfig, disableLogger: true, disableListenLog: true })
  // built after the server, so ended before it: waits end while the server can still answer them
  const begin = Layer.effectDiscard(
    Effect.flatMap(
      Stopping.Stopping,
      ({ begin }) => Effect.addFinalizer(() => Effect.andThen(begin, Effect.sleep(resolved.shutdownDelayMs)))
    )
  )
  return begin.pipe(
    Layer.provide(server),
    Layer.merge(resolved.maintenance ? Maintenance.layer : Layer.empty),
    Layer.provide([Health.layer, Keys.layer, RateLimiter.layer, PublishedTasks.layer, SharedEnqueue.layer]),
    Layer.provide(Stopping.layer),
    Layer.provide(Layer.succeed(ProducerOptions, resolved)),
    Layer.provide(Layer.succeed(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(resolved.maxBodyBytes)))
  )
}
