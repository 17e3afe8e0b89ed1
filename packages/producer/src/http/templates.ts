/**
 * The paths of all that a producer serves, as its router has them: metrics and spans of requests are named by them.
 */
import { Api } from "@sluice/core/api"
import * as HttpApi from "effect/http-api/HttpApi"

const endpoints = (): ReadonlyArray<string> => {
  const paths: Array<string> = []
  HttpApi.reflect(Api, { onGroup: () => {}, onEndpoint: ({ endpoint }) => void paths.push(endpoint.path) })
  return paths
}

/** Without repetitions. */
export const templates: ReadonlyArray<string> = [...new Set([...endpoints(), "/openapi.json", "/docs"])]
