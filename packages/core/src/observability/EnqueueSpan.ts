/**
 * The span around a call that enqueues, and what the jobs of that call carry of it.
 *
 * `Task`'s verbs and the producer call it. A span is made only where a tracer is installed that exports, and where the
 * caller's own trace is sampled or there is none: else the call costs what it costs without tracing, and jobs carry the
 * caller's context on.
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Tracer from "effect/Tracer"
import * as Attributes from "./AttributeNames.ts"
import { type JobTrace, jobTraceOf, Propagation, traceparentOf } from "./Propagation.ts"
import * as SpanNames from "./SpanNames.ts"

/** Whether a span made in this fiber would be seen by anybody. */
export const isObserved = ({ cache: { span, tracer, tracerEnabled } }: Fiber.Fiber<unknown, unknown>): boolean =>
  tracer !== undefined && tracer !== Tracer.nativeTracer && tracerEnabled && span?.sampled !== false

/** Runs a call that enqueues `count` jobs, with what is to be written into each of them. */
export const around = <A, E, R>(
  queue: string,
  count: number,
  use: (trace: JobTrace) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.withFiber((fiber) => within(fiber, queue, count, use))

/** The same, in the fiber that runs. */
export const within = <A, E, R>(
  fiber: Fiber.Fiber<unknown, unknown>,
  queue: string,
  count: number,
  use: (trace: JobTrace) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  if (!isObserved(fiber)) return use(jobTraceOf(fiber))
  const { baggage, tracestate } = fiber.getRef(Propagation)
  return Effect.useSpan(
    SpanNames.enqueue.nameOf(queue),
    { kind: SpanNames.enqueue.kind, attributes: attributesOf(queue, count) },
    (span) => use({ trace: traceparentOf(span), tracestate, baggage })
  )
}

const attributesOf = (queue: string, count: number): Record<string, unknown> => ({
  [Attributes.system]: "sluice",
  [Attributes.operationName]: "enqueue",
  [Attributes.operationType]: "send",
  [Attributes.queue]: queue,
  ...(count === 1 ? {} : { [Attributes.batchCount]: count })
})
