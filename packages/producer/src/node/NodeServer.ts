/**
 * Node's HTTP or HTTPS server with the limits of a server that strangers can reach: time-outs for headers, requests and
 * silence, a most of connections, and an end that does not wait for whoever holds a connection open.
 *
 * Once its layer closes it takes no new connection, gives requests under way `shutdownTimeout`, and closes the rest.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import type * as Etag from "effect/http/Etag"
import type { HttpPlatform } from "effect/http/HttpPlatform"
import * as HttpServer from "effect/http/HttpServer"
import type { ServeError } from "effect/http/HttpServerError"
import * as Layer from "effect/Layer"
import type { NodeServices } from "@effect/platform-node/NodeServices"
import * as http from "node:http"
import * as https from "node:https"
import { requestIds } from "../http/requestId.ts"
import type { Certificate } from "./certificate.ts"
import { answerClientErrors } from "./clientErrors.ts"

/** How to serve. Durations are milliseconds. */
export interface NodeServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** PEM texts; `undefined`: plain HTTP. */
  readonly tls: Certificate | undefined
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  readonly maxConnections: number
  readonly maxHeaderBytes: number
  readonly shutdownTimeoutMs: number
}

/** What the producer needs of a platform besides a digest. */
export type Served = HttpServer.HttpServer | NodeServices | HttpPlatform | Etag.Generator

/**
 * Closes kept connections once the server takes no new ones. Node does so only for those that are idle at that moment; one
 * that answers its last request a moment later would hold the end up for its whole keep-alive time. So would one whose
 * request was answered before the end of its body: it is idle when that has come, too.
 */
const closeWhenDone = (server: http.Server): void => {
  const closeIdle = (): void => {
    if (!server.listening) server.closeIdleConnections()
  }
  server.on("request", (request, response) => {
    request.once("close", closeIdle)
    response.once("close", closeIdle)
  })
}

const create = (options: NodeServerOptions): http.Server => {
  const limits = {
    // the edge refuses requests without a host, with a problem
    requireHostHeader: false,
    headersTimeout: options.headersTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    maxHeaderSize: options.maxHeaderBytes,
    // how often Node looks for the two above: they are late by no more than this
    connectionsCheckingInterval: Math.min(1000, options.headersTimeoutMs)
  }
  const server = options.tls === undefined
    ? http.createServer(limits)
    : https.createServer({ ...limits, ...options.tls, minVersion: "TLSv1.2" })
  server.maxConnections = options.maxConnections
  // a silent connection is destroyed: whoever does not read its answer, too
  server.timeout = options.idleTimeoutMs
  closeWhenDone(server)
  return server
}

/** The server, listening. */
export const layer = (options: NodeServerOptions): Layer.Layer<Served, ServeError> => {
  const listening = Layer.effect(
    HttpServer.HttpServer,
    Effect.gen(function*() {
      const server = create(options)
      const log = Effect.runForkWith(yield* Effect.context<never>())
      answerClientErrors(server, yield* requestIds, (refused) => log(Effect.logDebug("no request", refused)))
      const made = yield* NodeHttpServer.make(() => server, {
        host: options.host,
        port: options.port,
        gracefulShutdownTimeout: options.shutdownTimeoutMs
      })
      // after the requests, before the wait for the last connection
      yield* Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections()))
      return made
    })
  )
  return Layer.merge(listening, NodeHttpServer.layerHttpServices)
}
