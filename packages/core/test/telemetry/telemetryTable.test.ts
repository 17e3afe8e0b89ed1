import { readSettings } from "@sluice/core/program"
import { telemetryTable } from "@sluice/core/telemetry"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Random, Redacted } from "effect"
import { endpointsOf } from "../../src/telemetry/Endpoints.ts"
import * as Resource from "../../src/telemetry/Resource.ts"

const read = (env: Record<string, string>) =>
  readSettings(telemetryTable, [{ name: "environment", provider: ConfigProvider.fromUnknown(env) }])

describe("the settings of telemetry", () => {
  it.effect("send nothing anywhere by default, and log JSON from info on", () =>
    Effect.gen(function*() {
      const settings = yield* read({})
      assert.deepStrictEqual(endpointsOf(settings), { traces: undefined, metrics: undefined, logs: undefined })
      assert.deepInclude(settings, { logLevel: "info", logFormat: "json", metrics: true })
    }))

  it.effect("send each signal to its path of the one endpoint, or to an endpoint of its own", () =>
    Effect.gen(function*() {
      const one = yield* read({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/", OTEL_LOGS_EXPORTER: "none" })
      assert.deepStrictEqual(endpointsOf(one), {
        traces: "http://collector:4318/v1/traces",
        metrics: "http://collector:4318/v1/metrics",
        logs: undefined
      })
      const own = yield* read({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces/in" })
      assert.deepStrictEqual(endpointsOf(own), { traces: "https://traces/in", metrics: undefined, logs: undefined })
      const off = yield* read({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_SDK_DISABLED: "true" })
      assert.deepStrictEqual(endpointsOf(off), { traces: undefined, metrics: undefined, logs: undefined })
    }))

  it.effect("name what is wrong, all at once, and repeat no value", () =>
    Effect.gen(function*() {
      const { problems } = yield* Effect.flip(read({
        SLUICE_LOG_FORMAT: "xml",
        OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
        OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
        OTEL_EXPORTER_OTLP_HEADERS: "secret",
        OTEL_TRACES_SAMPLER: "sometimes",
        OTEL_TRACES_SAMPLER_ARG: "1.5",
        OTEL_RESOURCE_ATTRIBUTES: "a=%zz"
      }))
      assert.deepStrictEqual(problems.map((problem) => problem.split(" ")[0]), [
        "SLUICE_LOG_FORMAT",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_TRACES_SAMPLER",
        "OTEL_TRACES_SAMPLER_ARG"
      ])
      assert.notInclude(problems.join(), "secret")
    }))

  it.effect("read lists with percent signs, and keep headers secret", () =>
    Effect.gen(function*() {
      const { otelHeaders, otelResource } = yield* read({
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc, x-tenant = acme",
        OTEL_RESOURCE_ATTRIBUTES: "service.name=mine,team=a%2Cb"
      })
      assert.deepStrictEqual(otelHeaders && Redacted.value(otelHeaders), {
        authorization: "Bearer abc",
        "x-tenant": "acme"
      })
      assert.notInclude(JSON.stringify(otelHeaders), "abc")
      assert.deepStrictEqual(otelResource, { "service.name": "mine", team: "a,b" })
    }))
})

describe("the resource", () => {
  it.effect("is named by OTEL_SERVICE_NAME, else by the attributes, else by the program", () =>
    Effect.gen(function*() {
      const named = (env: Record<string, string>) =>
        Effect.flatMap(read(env), (settings) => Resource.make(settings, { name: "sluice-test", version: "1.2.3" }))
      const attributes = { OTEL_RESOURCE_ATTRIBUTES: "service.name=from-list,team=a" }
      const all = yield* named({ ...attributes, OTEL_SERVICE_NAME: "from-name" })
      assert.strictEqual(all.serviceName, "from-name")
      assert.strictEqual((yield* named(attributes)).serviceName, "from-list")
      assert.deepInclude(yield* named({}), { serviceName: "sluice-test", serviceVersion: "1.2.3" })
      assert.deepInclude(all.attributes, { team: "a" })
      assert.match(String(all.attributes["service.instance.id"]), /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      const again = yield* Effect.all([named({}), named({})].map(Random.withSeed("same")))
      assert.strictEqual(new Set(again.map((one) => one.attributes["service.instance.id"])).size, 2)
      const own = yield* named({ OTEL_RESOURCE_ATTRIBUTES: "service.instance.id=pod-1" })
      assert.deepStrictEqual(own.attributes, { "service.instance.id": "pod-1" })
    }))
})
