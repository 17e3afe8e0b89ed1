/**
 * One span per attempt, for jobs whose enqueue was traced and sampled; none for all others, because a span costs more
 * than everything else that the queue does for a job.
 *
 * Names and attributes follow OpenTelemetry's conventions for messaging. The span is a child of the one that enqueued:
 * the whole life of a job is one trace.
 */
import type { ClaimedJob } from "@sluice/core/Lease"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"

const traceparent = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/

/** The span that a W3C `traceparent` names, if it was sampled. */
export const sampledParent = (header: string): Tracer.ExternalSpan | undefined => {
  const [, traceId, spanId, flags] = traceparent.exec(header) ?? []
  return traceId !== undefined && spanId !== undefined && flags !== undefined && (Number.parseInt(flags, 16) & 1) === 1
    ? { _tag: "ExternalSpan", traceId, spanId, sampled: true, annotations: Context.empty() }
    : undefined
}

/** Runs an attempt in its span when the job carries a sampled trace, else as it is. */
export const wrap = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  claimed: ClaimedJob,
  queue: string
): Effect.Effect<A, E, Exclude<R, Tracer.ParentSpan>> | Effect.Effect<A, E, R> => {
  const trace = claimed.job.trace
  const parent = trace === undefined ? undefined : sampledParent(trace)
  return parent === undefined ? effect : Effect.withSpan(effect, `process ${queue}`, {
    kind: "consumer",
    parent,
    captureStackTrace: false,
    attributes: {
      "messaging.system": "sluice",
      "messaging.operation.type": "process",
      "messaging.operation.name": "process",
      "messaging.destination.name": queue,
      "messaging.message.id": claimed.id,
      "sluice.task": claimed.job.task,
      "sluice.attempt": claimed.attempt
    }
  })
}
