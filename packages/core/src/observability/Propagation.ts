/**
 * What travels with a request from process to process beside the span: W3C `tracestate` and `baggage`, as texts.
 *
 * Whoever takes a request in provides it, enqueueing writes it into jobs, consumers provide it to handlers, and
 * `PropagatingClient` writes it into outgoing calls. Nobody of us reads what is in it.
 */
import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import type * as Tracer from "effect/Tracer"

/** The two texts; `undefined`: there is none. */
export interface Carried {
  readonly tracestate: string | undefined
  readonly baggage: string | undefined
}

/** Nothing. */
export const nothing: Carried = { tracestate: undefined, baggage: undefined }

/** What the current fiber's request carries. Default: nothing. */
export const Propagation: Context.Reference<Carried> = Context.Reference<Carried>("@sluice/core/Propagation", {
  defaultValue: () => nothing
})

/** What is written into a job of the trace that it belongs to. */
export interface JobTrace extends Carried {
  /** W3C `traceparent`; `undefined`: nothing is traced, or this trace is not sampled. */
  readonly trace: string | undefined
}

/** W3C `traceparent` of a span; none for one that is not sampled. */
export const traceparentOf = (span: Tracer.AnySpan | undefined): string | undefined =>
  span === undefined || !span.sampled ? undefined : `00-${span.traceId.padStart(32, "0")}-${span.spanId}-01`

const untraced: JobTrace = { ...nothing, trace: undefined }

/** What a job gets that is enqueued by this fiber, outside of any span of its own. */
export const jobTraceOf = (fiber: Fiber.Fiber<unknown, unknown>): JobTrace => {
  const carried = fiber.getRef(Propagation)
  const { span } = fiber.cache
  return span === undefined && carried === nothing ? untraced : { ...carried, trace: traceparentOf(span) }
}

const traceparent = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/

/** The span that a W3C `traceparent` names. A text that is none, or that names nothing, gives `undefined`. */
export const parentOf = (header: string): Tracer.ExternalSpan | undefined => {
  const [, version, traceId, spanId, flags, rest] = traceparent.exec(header) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined || version === "ff") return undefined
  // later versions may say more; version 0 says just this
  if (version === "00" && rest !== undefined) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return {
    _tag: "ExternalSpan",
    traceId,
    spanId,
    sampled: (Number.parseInt(flags, 16) & 1) === 1,
    annotations: Context.empty()
  }
}

/** W3C's own limits, in characters: more is dropped whole, as a part of it could mean something else. */
const tracestateLimit = 512
const baggageLimit = 8192
const printable = /^[\x20-\x7e]*$/

const within = (text: string | undefined, limit: number): string | undefined =>
  text !== undefined && text !== "" && text.length <= limit && printable.test(text) ? text : undefined

/** What headers of a request carry. `tracestate` counts only beside the `traceparent` that it belongs to. */
export const carriedBy = (headers: Readonly<Record<string, string | undefined>>): Carried => {
  const { baggage, tracestate, traceparent: parent } = headers
  if (baggage === undefined && tracestate === undefined) return nothing
  const hasParent = parent !== undefined && parentOf(parent) !== undefined
  return {
    tracestate: hasParent ? within(tracestate, tracestateLimit) : undefined,
    baggage: within(baggage, baggageLimit)
  }
}
