/**
 * Every span that the core makes, once. Names are OpenTelemetry's for messaging: the operation, then the queue.
 */
import * as Attributes from "./AttributeNames.ts"

/** What a span is: its name, what kind of span, and what it says. */
export interface Definition {
  /** The name for a queue. */
  readonly nameOf: (queue: string) => string
  readonly kind: "producer" | "consumer"
  readonly attributes: ReadonlyArray<string>
  /** For people: when there is one, and whose child it is. */
  readonly description: string
}

const { attempt, batchCount, jobId, operationName, operationType, queue, system, task } = Attributes

/** Around the call that puts jobs in. */
export const enqueue: Definition = {
  nameOf: (queue) => `enqueue ${queue}`,
  kind: "producer",
  attributes: [system, operationName, operationType, queue, batchCount],
  description:
    "One per call that enqueues, where spans are exported: a child of the caller's span. Its context travels in each job."
}

/** Around a handler. */
export const process: Definition = {
  nameOf: (queue) => `process ${queue}`,
  kind: "consumer",
  attributes: [system, operationName, operationType, queue, jobId, task, attempt],
  description: "One per attempt of a job whose enqueue was sampled: a child of the span that enqueued it."
}

/** All spans, in the order of the reference page. */
export const all: ReadonlyArray<Definition> = [enqueue, process]
