/**
 * Sends traces, metrics and logs by OTLP over HTTP, as the OTEL_* settings say.
 *
 * The only file that knows effect's exporters, which are not stable yet. It is loaded only where something is to be sent. A collector that is away or slow costs a process
 * nothing but what it buffers for a minute: then the exporter drops, and tries again. Closing the scope sends what is left,
 * all three at once, within a few seconds.
 */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as Layer from "effect/Layer"
import type * as Logger from "effect/Logger"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpLogger from "effect/observability/OtlpLogger"
import * as OtlpMetrics from "effect/observability/OtlpMetrics"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import { endpointsOf } from "./Endpoints.ts"
import type { Resource } from "./Resource.ts"
import { sampling } from "./Sampler.ts"
import type { TelemetrySettings } from "./telemetryTable.ts"

/** What is to be installed: `undefined` where a signal goes nowhere. */
export interface Exporters {
  readonly tracer: Tracer.Tracer | undefined
  readonly logger: Logger.Logger<unknown, void> | undefined
}

/** How long (ms) the end of a program may wait for a collector, at most. */
const longestFlushMs = 3000

/** A client whose requests fail when they take too long, as those that can't be sent. */
const timed = (ms: number) => (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.transform(client, (response, request) =>
    Effect.timeoutOrElse(response, {
      duration: ms,
      orElse: () => {
        const reason = new HttpClientError.TransportError({ request, description: `no answer within ${ms} ms` })
        return Effect.fail(new HttpClientError.HttpClientError({ reason }))
      }
    }))

/** Effect gives the unit of a metric as an attribute; OTLP has a member for it, which is filled from it. */
const withoutUnits = (serialization: OtlpSerialization.OtlpSerialization["Service"]) => ({
  ...serialization,
  metrics: (data: OtlpMetrics.MetricsData) => {
    for (const { scopeMetrics } of data.resourceMetrics) {
      for (const { metrics } of scopeMetrics) metrics.forEach(dropUnits)
    }
    return serialization.metrics(data)
  }
})

type Metric = OtlpMetrics.MetricsData["resourceMetrics"][number]["scopeMetrics"][number]["metrics"][number]

const dropUnits = ({ gauge, histogram, sum, summary }: Metric): void => {
  const points = gauge?.dataPoints ?? sum?.dataPoints ?? histogram?.dataPoints ?? summary?.dataPoints ?? []
  for (const point of points) {
    const at = point.attributes?.findIndex(({ key }) => key === "unit") ?? -1
    if (at >= 0) point.attributes?.splice(at, 1)
  }
}

const transport = (settings: TelemetrySettings) =>
  Layer.mergeAll(
    OtlpExporter.layerFlusher,
    Layer.effect(
      OtlpSerialization.OtlpSerialization,
      Effect.map(OtlpSerialization.OtlpSerialization, withoutUnits)
    ).pipe(
      Layer.provide(
        settings.otelProtocol === "http/json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf
      )
    ),
    Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, timed(settings.otelTimeoutMs))).pipe(
      Layer.provide(FetchHttpClient.layer)
    ),
    // the resource is decided; the exporters would look into the environment for more of it
    ConfigProvider.layer(ConfigProvider.fromUnknown({}))
  )

type TracerOptions = Parameters<typeof OtlpTracer.make>[0]

const tracer = (settings: TelemetrySettings, options: TracerOptions) =>
  Effect.map(
    OtlpTracer.make({
      ...options,
      exportInterval: settings.otelSpansDelayMs,
      maxBatchSize: settings.otelSpansBatch
    }),
    (tracer) => sampling(tracer, settings.otelSampler, settings.otelSamplerRatio)
  )

/** Starts the exporters, in a scope that ends all of them at once. */
export const make = Effect.fnUntraced(function*(settings: TelemetrySettings, resource: Resource) {
  const { logs, metrics, traces } = endpointsOf(settings)
  const scope = yield* Scope.fork(yield* Effect.scope, "parallel")
  const services = yield* Layer.buildWithScope(transport(settings), yield* Scope.fork(scope))
  const common = {
    resource: { ...resource, attributes: { ...resource.attributes } },
    headers: settings.otelHeaders === undefined ? undefined : Redacted.value(settings.otelHeaders),
    compression: settings.otelCompression,
    shutdownTimeout: Math.min(settings.otelTimeoutMs, longestFlushMs)
  }
  const started = <A, R>(exporter: Effect.Effect<A, never, R>) =>
    Effect.flatMap(Scope.fork(scope), (own) => Scope.provide(Effect.provideContext(exporter, services), own))
  if (metrics !== undefined) {
    const { otelMetricsIntervalMs: exportInterval, otelTemporality: temporality } = settings
    yield* started(OtlpMetrics.make({ ...common, url: metrics, exportInterval, temporality }))
  }
  const exporters: Exporters = {
    tracer: traces === undefined ? undefined : yield* started(tracer(settings, { ...common, url: traces })),
    logger: logs === undefined
      ? undefined
      : yield* started(OtlpLogger.make({ ...common, url: logs, exportInterval: settings.otelLogsDelayMs }))
  }
  return exporters
})
