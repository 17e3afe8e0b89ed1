/**
 * The settings of telemetry that every program has: its log, its metrics page, and OpenTelemetry's own variables. Pure.
 *
 * The variables of OpenTelemetry mean what its specification says. What of it we don't have (gRPC, propagators other than
 * W3C's, exporters other than OTLP) has no setting, or is refused by the name of the variable.
 */
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { level } from "../program/LogLevel.ts"
import {
  count,
  duration,
  flag,
  maker,
  maskUrl,
  redacted,
  secret,
  text,
  type ValuesOf,
  word
} from "../program/Setting.ts"
import { samplers } from "./Sampler.ts"

const hour = 3_600_000

const url = maker<string>({
  type: "URL",
  unit: "",
  mask: maskUrl,
  read: (value) =>
    /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : "")
      ? Result.succeed(value)
      : Result.fail("expected http://host[:port][/path], or https://")
})

/** `key=value` pairs with commas between them, percent-encoded; `undefined`: it is no such list. */
const pairsOf = (value: string): Readonly<Record<string, string>> | undefined => {
  const pairs: Record<string, string> = {}
  for (const part of value.split(",").filter((one) => one.trim() !== "")) {
    const at = part.indexOf("=")
    if (at < 1) return undefined
    try {
      pairs[decodeURIComponent(part.slice(0, at).trim())] = decodeURIComponent(part.slice(at + 1).trim())
    } catch {
      return undefined
    }
  }
  return pairs
}

const readPairs = (value: string): Result.Result<Readonly<Record<string, string>>, string> => {
  const pairs = pairsOf(value)
  return pairs === undefined ? Result.fail("expected key=value,key=value, percent-encoded") : Result.succeed(pairs)
}

const pairs = maker<Readonly<Record<string, string>>>({ type: "key=value list", unit: "", read: readPairs })

const secretPairs = maker<Redacted.Redacted<Readonly<Record<string, string>>>>({
  type: "key=value list, secret",
  unit: "",
  mask: () => redacted,
  read: (value) => Result.map(readPairs(value), Redacted.make)
})

const ratio = maker<number>({
  type: "number",
  unit: "",
  read: (value) =>
    /^\d+(\.\d+)?$/.test(value) && Number(value) <= 1
      ? Result.succeed(Number(value))
      : Result.fail("expected a number from 0 to 1")
})

const exporter = word(["otlp", "none"])

/** The settings. */
export const telemetryTable = {
  logLevel: level.required("SLUICE_LOG_LEVEL", "info", "The least severe log lines that are written."),
  logFormat: word(["json", "pretty"]).required(
    "SLUICE_LOG_FORMAT",
    "json",
    "One JSON object per line on standard output, or text for people."
  ),
  metrics: flag.required("SLUICE_METRICS", "true", "Whether to serve metrics for Prometheus at /metrics."),
  metricsToken: secret().optional("SLUICE_METRICS_TOKEN", "The bearer token that /metrics asks for; none by default."),
  otelDisabled: flag.required("OTEL_SDK_DISABLED", "false", "Whether to export nothing, whatever else is set."),
  otelEndpoint: url.optional(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "Where to send traces, metrics and logs by OTLP over HTTP; `/v1/traces` and so on is added. Nothing is sent by default."
  ),
  otelTracesEndpoint: url.optional("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "The whole URL for traces, instead."),
  otelMetricsEndpoint: url.optional("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "The whole URL for metrics, instead."),
  otelLogsEndpoint: url.optional("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "The whole URL for logs, instead."),
  otelTraces: exporter.required("OTEL_TRACES_EXPORTER", "otlp", "Whether to send traces, where there is an endpoint."),
  otelMetrics: exporter.required(
    "OTEL_METRICS_EXPORTER",
    "otlp",
    "Whether to send metrics, where there is an endpoint."
  ),
  otelLogs: exporter.required("OTEL_LOGS_EXPORTER", "otlp", "Whether to send logs, where there is an endpoint."),
  otelProtocol: word(["http/protobuf", "http/json"]).required(
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "http/protobuf",
    "How what is sent is written."
  ),
  otelHeaders: secretPairs.optional(
    "OTEL_EXPORTER_OTLP_HEADERS",
    "Headers of what is sent, such as a collector's key."
  ),
  otelTimeoutMs: duration(1, hour).required("OTEL_EXPORTER_OTLP_TIMEOUT", "10000", "How long one request may take."),
  otelCompression: word(["none", "gzip"]).required(
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "none",
    "Whether to compress what is sent."
  ),
  otelServiceName: text.optional(
    "OTEL_SERVICE_NAME",
    "The `service.name` of all telemetry; the program's name by default."
  ),
  otelResource: pairs.optional("OTEL_RESOURCE_ATTRIBUTES", "More about this process, for all of its telemetry."),
  otelSampler: word(samplers).required("OTEL_TRACES_SAMPLER", "parentbased_always_on", "Which traces are recorded."),
  otelSamplerRatio: ratio.required(
    "OTEL_TRACES_SAMPLER_ARG",
    "1",
    "The part of traces that a `traceidratio` sampler records."
  ),
  otelMetricsIntervalMs: duration(100, hour).required(
    "OTEL_METRIC_EXPORT_INTERVAL",
    "60000",
    "How long to wait between sending metrics."
  ),
  otelTemporality: word(["cumulative", "delta"]).required(
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
    "cumulative",
    "Whether counts are since the start, or since they were sent last."
  ),
  otelSpansDelayMs: duration(1, hour).required(
    "OTEL_BSP_SCHEDULE_DELAY",
    "5000",
    "How long spans may wait to be sent."
  ),
  otelSpansBatch: count("spans", 1, 100_000).required(
    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    "512",
    "So many spans are sent at once, without more waiting."
  ),
  otelLogsDelayMs: duration(1, hour).required(
    "OTEL_BLRP_SCHEDULE_DELAY",
    "1000",
    "How long log lines may wait to be sent."
  )
} as const

/** Their values. */
export type TelemetrySettings = ValuesOf<typeof telemetryTable>
