/**
 * The HTTP API of a producer, whole: the producer serves it, clients are derived from it, and the OpenAPI document and
 * the reference page are generated from it.
 *
 * Definitions only: nothing here listens, connects or keeps anything. A second version of a group would stand beside the
 * first under `/v2`. Unknown query parameters and body fields are refused everywhere, so that a misspelt one is found.
 */
import * as HttpApi from "effect/http-api/HttpApi"
import * as OpenApi from "effect/http-api/OpenApi"
import { HealthGroup } from "./HealthGroup.ts"
import { JobsGroup } from "./JobsGroup.ts"
import { QueuesGroup } from "./QueuesGroup.ts"
import { RegistryGroup } from "./RegistryGroup.ts"

const strict = { errors: "all", onExcessProperty: "error" } as const

/** Names problems as the code does, and says of a body that may be null that it may be left out. */
const tidy = (spec: Record<string, unknown>): Record<string, unknown> => {
  const text = JSON.stringify(spec).replace(/"(#\/components\/schemas\/)?(\w+)Encoded"/g, "\"$1$2\"")
  return JSON.parse(
    text,
    (key, value) =>
      key === "requestBody" && JSON.stringify(value).includes("{\"type\":\"null\"}")
        ? { ...value, required: false }
        : value
  )
}

/** The HTTP API. */
export class Api extends HttpApi.make("sluice")
  .add(JobsGroup, QueuesGroup, RegistryGroup, HealthGroup)
  .annotate(HttpApi.QueryParseOptions, strict)
  .annotate(HttpApi.PayloadParseOptions, strict)
  .annotate(HttpApi.ParamsParseOptions, { errors: "all" })
  .annotateMerge(OpenApi.annotations({
    title: "Sluice",
    version: "1",
    description: "Puts jobs into Sluice, looks at them and operates queues.",
    license: { name: "MIT" },
    transform: tidy
  }))
{}
