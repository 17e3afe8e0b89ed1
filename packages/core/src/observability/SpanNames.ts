/**
 * Every span that the core makes, once. Names are OpenTelemetry's for messaging: the operation, then
 * the queue; and for HTTP.
 */
import * as Attributes from "./AttributeNames.ts"

/** What a span is: its name, what kind of span, and what it says. */
export interface Definition {
  /** The name for what it is about. */
  readonly nameOf: (about: string) => string
  /** What it is about, for people. */
  readonly about: string
  readonly kind: "producer" | "consumer" | "client"
  readonly attributes: ReadonlyArray<string>
  /** For people: when there is one, and whose child it is. */
  readonly description: string
}

const { attempt, batchCount, jobId, operationName, operationType, queue, system, task } = Attributes

/** Around the call that puts jobs in. */
export const enqueue: Definition = {
  nameOf: (queue) => `enqueue ${queue}`,
  about: "<queue>",
  kind: "producer",
  attributes: [system, operationName, operationType, queue, batchCount],
  description:
    "One per call that enqueues, where spans are exported: a child of the caller's span. Its context travels in each job."
}

/** Around a handler. */
export const process: Definition = {
  nameOf: (queue) => `process ${queue}`,
  about: "<queue>",
  kind: "consumer",
  attributes: [system, operationName, operationType, queue, jobId, task, attempt],
  description: "One per attempt of a job whose enqueue was sampled: a child of the span that enqueued it."
}

/** Around a delivery over HTTP. */
export const call: Definition = {
  nameOf: (method) => method,
  about: "<method>",
  kind: "client",
  attributes: [
    Attributes.httpMethod,
    Attributes.httpStatus,
    Attributes.serverAddress,
    Attributes.serverPort,
    Attributes.errorType
  ],
  description:
    "One per HTTP request that the built-in handler `http` sends, a child of the attempt's span. Its context goes with it."
}

/** All spans, in the order of the reference page. */
export const all: ReadonlyArray<Definition> = [enqueue, process, call]
