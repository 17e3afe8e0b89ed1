/**
 * Telemetry of a program in three layers: `layer` around the whole process, `routes` in its HTTP router, `queueNumbers`
 * beside its broker.
 *
 * Nothing else in a program knows how logs are written or where traces go. A library inside another app needs none of it:
 * the core's logs, spans and metrics go where that app sends its own.
 */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import type * as HttpRouter from "effect/http/HttpRouter"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import type { Inspector } from "../broker/Inspector.ts"
import { levels } from "../program/LogLevel.ts"
import { type InvalidSettings, readSettings } from "../program/readSettings.ts"
import { isWatching, routeOf } from "./HttpRoutes.ts"
import { endpointsOf } from "./Endpoints.ts"
import * as HttpTelemetry from "./HttpTelemetry.ts"
import * as JsonLog from "./JsonLog.ts"
import * as MetricsRoute from "./MetricsRoute.ts"
import * as QueueGauges from "./QueueGauges.ts"
import * as Resource from "./Resource.ts"
import { type TelemetrySettings, telemetryTable } from "./telemetryTable.ts"

/** Every how many ms metrics are sent by OTLP; `undefined`: never. */
const SendingMetrics = Context.Reference<number | undefined>("@sluice/core/telemetry/SendingMetrics", {
  defaultValue: () => undefined
})

/** The templates of the program's routes. */
const Templates = Context.Reference<ReadonlyArray<string>>("@sluice/core/telemetry/Templates", {
  defaultValue: () => []
})

/** What brings metrics up to date that are read on demand. */
const Refreshers = Context.Reference<Set<Effect.Effect<void>>>("@sluice/core/telemetry/Refreshers", {
  defaultValue: () => new Set()
})

/** A program. */
export interface Service extends Resource.Service {
  /** The templates of its HTTP routes, such as `/v1/queues/:queue`: what requests are counted and named by. */
  readonly templates?: ReadonlyArray<string> | undefined
}

/** Names the spans of requests by their routes. */
const spanNames = (templates: ReadonlyArray<string>) => {
  const route = routeOf(templates)
  return ({ method, url }: HttpServerRequest): string => {
    const template = route(url)
    return template === undefined ? method : `${method} ${template}`
  }
}

/** What sends, where anything is to be sent; its code is loaded then. */
const exporters = Effect.fnUntraced(function*(settings: TelemetrySettings, service: Service) {
  const { logs, metrics, traces } = endpointsOf(settings)
  if ((logs ?? metrics ?? traces) === undefined) return { logger: undefined, tracer: undefined }
  const OtlpExport = yield* Effect.promise(() => import("./OtlpExport.ts"))
  return yield* OtlpExport.make(settings, yield* Resource.make(settings, service))
})

const make = Effect.fnUntraced(function*(settings: TelemetrySettings, service: Service) {
  const { templates = [] } = service
  const { logger, tracer } = yield* exporters(settings, service)
  const written = settings.logFormat === "json" ? JsonLog.logger : Logger.consolePretty()
  const sendsMetrics = endpointsOf(settings).metrics !== undefined
  const context = Context.make(Logger.CurrentLoggers, new Set(logger === undefined ? [written] : [written, logger]))
    .pipe(
      Context.add(References.MinimumLogLevel, levels[settings.logLevel]),
      Context.add(SendingMetrics, sendsMetrics ? settings.otelMetricsIntervalMs : undefined),
      Context.add(Templates, templates),
      Context.add(Refreshers, new Set()),
      Context.add(HttpMiddleware.SpanNameGenerator, spanNames(templates)),
      Context.add(HttpMiddleware.TracerDisabledWhen, ({ url }) => isWatching(url))
    )
  return tracer === undefined ? context : Context.add(context, Tracer.Tracer, tracer)
})

/**
 * Logs, the level from which on they are written, the tracer, and what is sent by OTLP, for all that is provided with it.
 * Put it around everything else: its end sends what is left, within 3 seconds.
 */
export const layer = (settings: TelemetrySettings, service: Service): Layer.Layer<never> =>
  Layer.effectContext(make(settings, service))

/** The same from the environment, for programs that read no settings of their own. */
export const layerConfig = (service: Service): Layer.Layer<never, InvalidSettings> =>
  Layer.unwrap(Effect.gen(function*() {
    const provider = yield* ConfigProvider.ConfigProvider
    const settings = yield* readSettings(telemetryTable, [{ name: "environment", provider }])
    return layer(settings, service)
  }))

/** What `routes` can be told. */
export interface RoutesOptions {
  /** Whether to serve /metrics. Default true. */
  readonly metrics?: boolean | undefined
  /** The bearer token that /metrics asks for. Default: none. */
  readonly metricsToken?: Redacted.Redacted | undefined
  /** The templates of the routes. Default: those that `layer` was told. */
  readonly templates?: ReadonlyArray<string> | undefined
}

/**
 * The part that belongs into an HTTP router: requests are measured and carry their trace on, and GET /metrics answers. Put
 * it before other global middleware.
 */
export const routes = (options: RoutesOptions = {}): Layer.Layer<never, never, HttpRouter.HttpRouter> =>
  Layer.unwrap(Effect.gen(function*() {
    const { metrics = true, metricsToken: token } = options
    const templates = options.templates ?? (yield* Templates)
    const refreshers = yield* Refreshers
    const refresh = Effect.suspend(() => Effect.forEach([...refreshers], identity, { concurrency: 8, discard: true }))
    const measured = HttpTelemetry.layer([...templates, "/metrics"])
    return metrics ? Layer.merge(measured, MetricsRoute.layer({ refresh, token })) : measured
  }))

/**
 * Shows the numbers of queues among the metrics: where there is a broker, for as long as the layer lives. They are read
 * when /metrics is, and where metrics are sent by OTLP, before they are.
 */
export const queueNumbers = (options: QueueGauges.Options): Layer.Layer<never, never, Inspector> =>
  Layer.effectDiscard(Effect.gen(function*() {
    const refresh = yield* QueueGauges.make(options)
    const refreshers = yield* Refreshers
    refreshers.add(refresh)
    yield* Effect.addFinalizer(() => Effect.sync(() => refreshers.delete(refresh)))
    const everyMs = yield* SendingMetrics
    // exporters take what is there
    if (everyMs === undefined) return
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(refresh, Effect.sleep(Duration.millis(everyMs)))))
  }))
