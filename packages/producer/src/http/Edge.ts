/**
 * What is done to every request and every answer, whatever the route: a request id, problems instead of bare or broken
 * answers, headers that keep browsers careful, and a line in the log.
 *
 * It stands around the router, so it also sees what no endpoint does: unknown routes, wrong methods, and bugs. A bug is
 * logged with its cause and told without it.
 */
import type { Problems } from "@sluice/core/api"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerRespondable from "effect/http/HttpServerRespondable"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { bareProblem, problemOfFailure, problemOfRequest, routeProblem } from "./edgeProblems.ts"
import type { NextId } from "./requestId.ts"

type Response = HttpServerResponse.HttpServerResponse

const respond = (problem: Problems.Problem): Effect.Effect<Response> => HttpServerRespondable.toResponse(problem)

const isBare = ({ body, status }: Response): boolean =>
  status >= 400 && !("contentType" in body && body.contentType?.startsWith("application/problem+json") === true)

/** What a status asks for besides the problem. */
const extraHeaders = (response: Response): Record<string, string> => {
  if (response.status === 401) return { "www-authenticate": "Bearer" }
  return (response.status === 429 || response.status === 503) && response.headers["retry-after"] === undefined
    ? { "retry-after": "1" }
    : {}
}

const finish = (response: Response, id: string): Response =>
  HttpServerResponse.setHeaders(response, {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...extraHeaders(response),
    ...response.headers,
    "x-request-id": id
  })

/** Gives a failure its answer. An interrupt is none of ours: the client has gone, or the server goes. */
const answerTo = <E>(
  cause: Cause.Cause<E>,
  request: HttpServerRequest,
  maxBodyBytes: number
): Effect.Effect<Response, E> => {
  if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
  const reason = cause.reasons.find((one) => one._tag !== "Interrupt")
  const failure = reason?._tag === "Fail" ? reason.error : reason?._tag === "Die" ? reason.defect : undefined
  if (HttpServerResponse.isHttpServerResponse(failure)) return Effect.succeed(failure)
  const known = problemOfFailure(failure, maxBodyBytes)
  if (known === "route") {
    const { allow, problem } = routeProblem(request.method, request.url)
    return Effect.map(
      respond(problem),
      (response) => allow === "" ? response : HttpServerResponse.setHeader(response, "allow", allow)
    )
  }
  if (known !== undefined) return respond(known)
  return Effect.andThen(Effect.logError("a request failed by a bug", cause), respond(bareProblem(500, maxBodyBytes)))
}

/** Wraps a router's handler. */
export const edge =
  (nextId: NextId, maxBodyBytes: number) =>
  <E, R>(next: Effect.Effect<Response, E, R>): Effect.Effect<Response, E, R | HttpServerRequest> =>
    Effect.flatMap(HttpServerRequest, (request) => {
      const id = nextId(request.headers["x-request-id"])
      const refusal = problemOfRequest(request)
      const answered = refusal !== undefined ? respond(refusal) : Effect.matchCauseEffect(next, {
        onFailure: (cause) => answerTo(cause, request, maxBodyBytes),
        onSuccess: (response) =>
          isBare(response) ? respond(bareProblem(response.status, maxBodyBytes)) : Effect.succeed(response)
      })
      return Effect.annotateLogs(logged(answered, request), { requestId: id }).pipe(
        Effect.map((response) => finish(response, id))
      )
    })

const logged = <E, R>(answered: Effect.Effect<Response, E, R>, request: HttpServerRequest) =>
  Effect.flatMap(
    Clock.currentTimeMillis,
    (start) =>
      Effect.tap(answered, ({ status }) =>
        Effect.flatMap(Clock.currentTimeMillis, (end) =>
          Effect.logDebug("request", {
            method: request.method,
            path: request.url.split("?", 1)[0],
            status,
            ms: end - start
          })))
  )
