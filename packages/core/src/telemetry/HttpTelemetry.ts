/**
 * What is done to each HTTP request for telemetry: it is measured, and what it carries of W3C's trace context and baggage
 * goes on to whatever the request does.
 *
 * Stands around a router; the nearer to the client, the truer is the status that it counts. The span of a request is the
 * server's own; here it is only given its name.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerError from "effect/http/HttpServerError"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import type * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"
import * as Attributes from "../observability/AttributeNames.ts"
import { type Histogram, Meter } from "../observability/Meter.ts"
import * as MetricNames from "../observability/MetricNames.ts"
import { carriedBy, nothing, parentOf, Propagation } from "../observability/Propagation.ts"
import { type RouteOf, routeOf } from "./HttpRoutes.ts"

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])

/** Series by method, route and status; all three have few values. */
const recorder = (context: Context.Context<never>, route: RouteOf) => {
  const meter = new Meter(context)
  const series = new Map<string, Histogram>()
  return ({ method, url }: HttpServerRequest, status: number, seconds: number): void => {
    const known = methods.has(method) ? method : "_OTHER"
    const template = route(url)
    const key = `${known} ${template ?? ""} ${status}`
    let histogram = series.get(key)
    if (histogram === undefined) {
      histogram = meter.histogram(MetricNames.httpServerDuration, {
        [Attributes.httpMethod]: known,
        [Attributes.httpRoute]: template,
        [Attributes.httpStatus]: String(status)
      })
      series.set(key, histogram)
    }
    histogram.record(seconds)
  }
}

/** Provides what the headers carry; the trace, too, where no tracer has done so. */
const carrying = <A, E, R>(app: Effect.Effect<A, E, R>, { headers }: HttpServerRequest, span: unknown) => {
  const carried = carriedBy(headers)
  const parent = span === undefined && headers["traceparent"] !== undefined
    ? parentOf(headers["traceparent"])
    : undefined
  const bagged = carried === nothing ? app : Effect.provideService(app, Propagation, carried)
  return parent === undefined ? bagged : Effect.provideService(bagged, Tracer.ParentSpan, parent)
}

const around = (context: Context.Context<never>, route: RouteOf) => {
  const record = recorder(context, route)
  return <E, R>(
    app: Effect.Effect<HttpServerResponse, E, R>
  ): Effect.Effect<HttpServerResponse, E, R | HttpServerRequest> =>
    Effect.withFiber((fiber) => {
      const request = Context.getUnsafe(fiber.context, HttpServerRequest)
      const clock = fiber.getRef(Clock.Clock)
      const from = clock.monotonicTimeNanosUnsafe()
      return Effect.onExitPrimitive(carrying(app, request, fiber.cache.span), (exit) => {
        const seconds = Number(clock.monotonicTimeNanosUnsafe() - from) / 1e9
        if (Exit.isFailure(exit)) {
          return Effect.map(
            HttpServerError.causeResponse(exit.cause),
            ([response]) => record(request, response.status, seconds)
          )
        }
        record(request, exit.value.status, seconds)
        return undefined
      })
    })
}

/** Does so to all requests of a router, whose routes follow these templates. Put it before other global middleware. */
export const layer = (templates: ReadonlyArray<string>): Layer.Layer<never, never, HttpRouter.HttpRouter> =>
  HttpRouter.middleware(
    Effect.map(Effect.context<never>(), (context) => around(context, routeOf(templates))),
    { global: true }
  )
