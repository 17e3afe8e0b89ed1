/**
 * One span per attempt, for jobs whose enqueue was traced and sampled; none for all others, because a span costs more
 * than everything else that the queue does for a job.
 *
 * The span is a child of the one that enqueued: the whole life of a job is one trace. Where no tracer is installed, the
 * handler has the enqueuer's span for its parent, so that its log lines and its own calls still name the trace.
 */
import * as Attributes from "@sluice/core/AttributeNames"
import * as EnqueueSpan from "@sluice/core/EnqueueSpan"
import type { ClaimedJob } from "@sluice/core/Lease"
import { parentOf } from "@sluice/core/Propagation"
import * as SpanNames from "@sluice/core/SpanNames"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"

/** The span that a W3C `traceparent` names, if it was sampled. */
export const sampledParent = (header: string): Tracer.ExternalSpan | undefined => {
  const parent = parentOf(header)
  return parent?.sampled === true ? parent : undefined
}

/** Runs an attempt in its span when the job carries a sampled trace, else as it is. */
export const wrap = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  claimed: ClaimedJob,
  queue: string
): Effect.Effect<A, E, Exclude<R, Tracer.ParentSpan>> | Effect.Effect<A, E, R> => {
  const { trace } = claimed.job
  const parent = trace === undefined ? undefined : sampledParent(trace)
  return parent === undefined ? effect : Effect.withFiber((fiber) =>
    EnqueueSpan.isObserved(fiber)
      ? Effect.withSpan(effect, SpanNames.process.nameOf(queue), {
        kind: SpanNames.process.kind,
        parent,
        captureStackTrace: false,
        attributes: attributesOf(claimed, queue)
      })
      : Effect.provideService(effect, Tracer.ParentSpan, parent)
  )
}

const attributesOf = ({ attempt, id, job }: ClaimedJob, queue: string): Record<string, unknown> => ({
  [Attributes.system]: "sluice",
  [Attributes.operationName]: "process",
  [Attributes.operationType]: "process",
  [Attributes.queue]: queue,
  [Attributes.jobId]: id,
  [Attributes.task]: job.task,
  [Attributes.attempt]: attempt
})
