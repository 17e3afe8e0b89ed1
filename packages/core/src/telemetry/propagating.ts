/**
 * Lets an HTTP client's calls carry what the current request carries: W3C `tracestate` and `baggage`.
 *
 * The client itself sends `traceparent`. Baggage goes to whomever is called: wrap clients whose targets may see it.
 */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { nothing, Propagation } from "../observability/Propagation.ts"

/** The client, whose calls carry both. A header that a call has already stays. */
export const propagating = <E, R>(client: HttpClient.HttpClient.With<E, R>): HttpClient.HttpClient.With<E, R> =>
  HttpClient.mapRequestEffect(client, (request) =>
    Effect.map(Propagation, (carried) => {
      if (carried === nothing) return request
      const { baggage, tracestate } = carried
      return HttpClientRequest.setHeaders(request, {
        ...(tracestate === undefined ? {} : { tracestate }),
        ...(baggage === undefined ? {} : { baggage }),
        ...request.headers
      })
    }))
