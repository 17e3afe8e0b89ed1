/**
 * What all telemetry of one process says of it: which program, which version, which instance.
 */
import * as Effect from "effect/Effect"
import type { TelemetrySettings } from "./telemetryTable.ts"

/** A program. */
export interface Service {
  /** Such as `sluice-producer`; the setting OTEL_SERVICE_NAME wins over it. */
  readonly name: string
  readonly version?: string | undefined
}

/** What exporters are told. */
export interface Resource {
  readonly serviceName: string
  readonly serviceVersion: string | undefined
  readonly attributes: Readonly<Record<string, unknown>>
}

/**
 * The resource of this process. Without an instance id of its own, each start makes one: replicas that say the same of
 * themselves would write over each other's metrics. The id is random whatever Effect's Random is seeded with.
 */
export const make = (
  { otelResource = {}, otelServiceName }: TelemetrySettings,
  { name, version }: Service
): Effect.Effect<Resource> =>
  Effect.sync(() => {
    const { "service.name": named, "service.version": versioned, ...attributes } = otelResource
    return {
      serviceName: otelServiceName ?? named ?? name,
      serviceVersion: versioned ?? version,
      attributes: { "service.instance.id": crypto.randomUUID(), ...attributes }
    }
  })
