/**
 * Which problem stands for a failure that no endpoint answered: the framework's own refusals, unknown routes, bugs.
 *
 * The edge asks it. Nothing of the failure itself goes out, only what kind it is.
 */
import { Problems } from "@sluice/core/api"
import { isHttpServerError } from "effect/http/HttpServerError"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import { allowedMethods } from "./AllowedMethods.ts"

/** So much of a path is told back. */
const toldLength = 200

/** The problem of a request that no route took, and the methods that its path takes. */
export const routeProblem = (
  method: string,
  url: string
): { readonly problem: Problems.Problem; readonly allow: string } => {
  const allowed = allowedMethods(url)
  // a path that takes this method, and yet was not taken: a page that is switched off
  const allow = allowed.includes(method) ? "" : allowed.join(", ")
  const path = url.split("?", 1)[0]!.slice(0, toldLength)
  return allow === ""
    ? { allow, problem: new Problems.RouteNotFound({ detail: `There is nothing at ${path}. See /openapi.json.` }) }
    : { allow, problem: new Problems.MethodNotAllowed({ detail: `${path} takes ${allow}. Nothing was done.` }) }
}

const tooLarge = (limit: number) =>
  new Problems.BodyTooLarge({ limit, detail: `The body is longer than ${limit} bytes. Nothing was done.` })

const invalid = (message: string, path: ReadonlyArray<string> = ["payload"]) =>
  new Problems.InvalidRequest({ detail: "Nothing was done.", errors: [{ path, message }] })

/** HTTP/1.1 asks for a host; before it there was none. */
const lacksHost = ({ headers, source }: HttpServerRequest): boolean =>
  headers["host"] === undefined && "httpVersion" in source && source.httpVersion === "1.1"

/** What is wrong with a request whatever its route is; `undefined`: nothing. */
export const problemOfRequest = (request: HttpServerRequest): Problems.Problem | undefined => {
  if (lacksHost(request)) return invalid("Expected a host", ["headers", "host"])
  const encoding = request.headers["content-encoding"]?.toLowerCase() ?? "identity"
  if (encoding === "identity") return undefined
  return new Problems.UnsupportedMediaType({
    detail: "The body is said to be encoded (content-encoding). Nothing was done. Send it as it is."
  })
}

/** The problem of an answer that has a status and no problem. */
export const bareProblem = (status: number, maxBodyBytes: number): Problems.Problem => {
  if (status === 413) return tooLarge(maxBodyBytes)
  if (status === 415) return new Problems.UnsupportedMediaType({ detail: "Send application/json. Nothing was done." })
  if (status === 503) return new Problems.NotReady({ detail: "The producer stops." })
  return status >= 500
    ? new Problems.InternalError({ detail: "It was logged under this request's id." })
    : invalid("The request could not be read")
}

/** The problem of a failure; `route`: no route took the request; `undefined`: it is a bug. */
export const problemOfFailure = (failure: unknown, maxBodyBytes: number): Problems.Problem | "route" | undefined => {
  if (!isHttpServerError(failure)) return undefined
  const { reason } = failure
  if (reason._tag === "RouteNotFound") return "route"
  if (reason._tag !== "RequestParseError") return undefined
  return reason.reason === "BodyTooLarge" ? tooLarge(maxBodyBytes) : invalid("The body did not arrive whole")
}
