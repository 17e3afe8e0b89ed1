/**
 * Telemetry for programs: their settings, logs, metrics page, and what they send by OTLP.
 *
 * For `sluice-producer`, `sluice-consumer`, and programs of one's own that want the same. It loads effect's exporters,
 * which nothing else in the core does.
 */
export * as JsonLog from "./JsonLog.ts"
export * as MetricsRoute from "./MetricsRoute.ts"
export { propagating } from "./propagating.ts"
export * as QueueGauges from "./QueueGauges.ts"
export * as Telemetry from "./Telemetry.ts"
export { type TelemetrySettings, telemetryTable } from "./telemetryTable.ts"
