/**
 * GET /metrics: what this process has recorded, and how its queues are, as Prometheus reads it.
 *
 * Names are made by `prometheusName`; metrics of the app's own, which we don't know, keep theirs with `_` for dots. Open to
 * whoever reaches the port, unless there is a token.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import * as Redacted from "effect/Redacted"
import * as MetricNames from "../observability/MetricNames.ts"

/** What the route needs. */
export interface Options {
  /** Run before each answer: brings what is read on demand up to date. */
  readonly refresh: Effect.Effect<void>
  /** The bearer token that callers have to give. */
  readonly token: Redacted.Redacted | undefined
}

const names = new Map(MetricNames.all.map((definition) => [
  definition.name,
  MetricNames.prometheusName(definition)
]))

/** The whole page. */
export const page = (context: Context.Context<never>): string =>
  PrometheusMetrics.formatUnsafe(context, { metricNameMapper: (name) => names.get(name) ?? name })

/** Compares in a time that depends on the given text only. */
const isSame = (given: string, wanted: string): boolean => {
  let difference = given.length ^ wanted.length
  for (let at = 0; at < given.length; at++) difference |= given.charCodeAt(at) ^ wanted.charCodeAt(at % wanted.length)
  return difference === 0
}

const isAllowed = (authorization: string | undefined, token: Redacted.Redacted | undefined): boolean =>
  token === undefined || isSame(authorization ?? "", `Bearer ${Redacted.value(token)}`)

const problem = {
  type: "about:blank",
  title: "Unauthorized",
  status: 401,
  detail: "This page asks for the bearer token that is configured for it."
}

const refusal = HttpServerResponse.text(JSON.stringify(problem), {
  status: problem.status,
  contentType: "application/problem+json",
  headers: { "www-authenticate": "Bearer" }
})

/** Adds the route. */
export const layer = ({ refresh, token }: Options): Layer.Layer<never, never, HttpRouter.HttpRouter> =>
  Layer.effectDiscard(Effect.gen(function*() {
    const router = yield* HttpRouter.HttpRouter
    // the registry that the process's own parts record in, not one that a request might bring
    const context = Context.omit(HttpRouter.HttpRouter)(yield* Effect.context<HttpRouter.HttpRouter>())
    const answer = Effect.flatMap(HttpServerRequest, ({ headers }) =>
      isAllowed(headers["authorization"], token)
        ? Effect.map(refresh, () =>
          HttpServerResponse.text(page(context), { contentType: "text/plain; version=0.0.4; charset=utf-8" }))
        : Effect.succeed(refusal))
    yield* router.add("GET", "/metrics", answer)
  }))
