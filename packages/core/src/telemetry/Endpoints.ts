/**
 * Where telemetry is sent, by the settings. Pure.
 */
import type { TelemetrySettings } from "./telemetryTable.ts"

/** Where each signal goes; `undefined`: nowhere. */
export interface Endpoints {
  readonly traces: string | undefined
  readonly metrics: string | undefined
  readonly logs: string | undefined
}

/** Where the settings send each signal. */
export const endpointsOf = (settings: TelemetrySettings): Endpoints => {
  const of = (exporter: "otlp" | "none", whole: string | undefined, path: string): string | undefined => {
    if (settings.otelDisabled || exporter === "none") return undefined
    return whole ?? (settings.otelEndpoint && `${settings.otelEndpoint.replace(/\/+$/, "")}/v1/${path}`)
  }
  return {
    traces: of(settings.otelTraces, settings.otelTracesEndpoint, "traces"),
    metrics: of(settings.otelMetrics, settings.otelMetricsEndpoint, "metrics"),
    logs: of(settings.otelLogs, settings.otelLogsEndpoint, "logs")
  }
}
