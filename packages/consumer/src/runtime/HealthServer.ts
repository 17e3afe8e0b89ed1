/**
 * Serves the probes over HTTP on a port of their own: `/livez`, `/readyz`, `/startupz`; and `/metrics` for Prometheus.
 *
 * 200 or 503, and in both cases JSON with the reasons. More routes may be added to the same server: it is a router.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Telemetry } from "@sluice/core/telemetry"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import type { ServeError } from "effect/http/HttpServerError"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { createServer } from "node:http"
import { type Answer, Probes } from "./Probes.ts"

/** Where to listen. */
export interface Options {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Whether to serve metrics, too. Default true. */
  readonly metrics?: boolean
  /** The bearer token that is asked for there. Default: none. */
  readonly metricsToken?: Redacted.Redacted | undefined
}

/** The paths, as the router has them. */
export const templates = ["/livez", "/readyz", "/startupz"] as const

const respond = ({ ok, reasons }: Answer) =>
  HttpServerResponse.jsonUnsafe({ status: ok ? "ok" : "failing", reasons }, {
    status: ok ? 200 : 503,
    headers: { "cache-control": "no-store" }
  })

const probes = Layer.unwrap(Effect.map(Probes, ({ live, ready, started }) =>
  Layer.mergeAll(
    HttpRouter.add("GET", "/livez", Effect.map(live, respond)),
    HttpRouter.add("GET", "/readyz", Effect.map(ready, respond)),
    HttpRouter.add("GET", "/startupz", Effect.map(started, respond))
  )))

/** Says where it listens. */
const announce = (host: string) =>
  Layer.effectDiscard(
    HttpServer.HttpServer.use(({ address }) =>
      Effect.logInfo(`health is served on http://${host}:${"port" in address ? address.port : ""}`)
    )
  )

/** The server, listening, for as long as the layer lives. */
export const layer = ({ host, metrics, metricsToken, port }: Options): Layer.Layer<never, ServeError, Probes> =>
  HttpRouter.serve(Layer.merge(Telemetry.routes({ metrics, metricsToken, templates }), probes), {
    disableLogger: true,
    disableListenLog: true
  }).pipe(
    Layer.merge(announce(host)),
    Layer.provide(NodeHttpServer.layer(() => createServer({ requestTimeout: 10_000 }), {
      host,
      port,
      // a probe takes no time: whoever holds a connection open is not waited for
      gracefulShutdownTimeout: 100
    }))
  )
