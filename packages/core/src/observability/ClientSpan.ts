/**
 * The span around an outgoing HTTP call, and the headers that carry it on: for handlers that send requests by other means
 * than effect's HttpClient, which does the same by itself.
 *
 * A span is made where it would be exported, as `EnqueueSpan` does it; else the headers pass on what came.
 */
import * as Effect from "effect/Effect"
import * as Attributes from "./AttributeNames.ts"
import { isObserved } from "./EnqueueSpan.ts"
import { type Carried, jobTraceOf, Propagation, traceparentOf } from "./Propagation.ts"
import * as SpanNames from "./SpanNames.ts"

/** What is called. The URL's path and query may be secrets: only host and port are told. */
export interface Call {
  readonly method: string
  readonly url: URL
}

const headersOf = (traceparent: string | undefined, { baggage, tracestate }: Carried): Record<string, string> => ({
  ...(traceparent === undefined ? {} : { traceparent }),
  ...(traceparent === undefined || tracestate === undefined ? {} : { tracestate }),
  ...(baggage === undefined ? {} : { baggage })
})

const attributesOf = ({ method, url }: Call): Record<string, unknown> => ({
  [Attributes.httpMethod]: method,
  [Attributes.serverAddress]: url.hostname,
  [Attributes.serverPort]: url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port)
})

/**
 * Runs a call with the headers to send: W3C `traceparent`, `tracestate` and `baggage`, as far as there are any. `statusOf`
 * says with which status an answer came; 400 and more is told as the span's `error.type`.
 */
export const around = <A, E, R>(
  call: Call,
  use: (headers: Readonly<Record<string, string>>) => Effect.Effect<A, E, R>,
  statusOf: (answer: A) => number
): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const carried = fiber.getRef(Propagation)
    if (!isObserved(fiber)) return use(headersOf(jobTraceOf(fiber).trace, carried))
    const { kind, nameOf } = SpanNames.call
    return Effect.useSpan(nameOf(call.method), { kind, attributes: attributesOf(call) }, (span) =>
      Effect.tap(use(headersOf(traceparentOf(span), carried)), (answer) =>
        Effect.sync(() => {
          const status = statusOf(answer)
          span.attribute(Attributes.httpStatus, status)
          if (status >= 400) {
            span.attribute(Attributes.errorType, String(status))
          }
        })))
  })
