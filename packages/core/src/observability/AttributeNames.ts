/**
 * The name of every attribute of our metrics and spans, once. What OpenTelemetry's conventions for messaging name is
 * called as they say; the rest begins with `sluice.`.
 */

/** Always `sluice`. */
export const system = "messaging.system"
/** What is done, in the glossary's verbs: `enqueue`, `exchange`, `extend`, `process`, ... */
export const operationName = "messaging.operation.name"
/** The same in the convention's words: `send`, `receive`, `settle` or `process`; absent where none of them fits. */
export const operationType = "messaging.operation.type"
/** The queue's name. */
export const queue = "messaging.destination.name"
/** The job's id. Spans only: a metric must not grow with the number of jobs. */
export const jobId = "messaging.message.id"
/** How many jobs one call carries. Spans only. */
export const batchCount = "messaging.batch.message_count"
/** The tag of the error that a call failed with; absent where it did not. */
export const errorType = "error.type"
/** The task's name. */
export const task = "sluice.task"
/** The attempt, 1-based. Spans only. */
export const attempt = "sluice.attempt"
/** How an attempt ended: `complete`, `retry`, `die`, `cancel`, `snooze`, `release`, `handBack`, or `lost`. */
export const outcome = "sluice.outcome"
/** What became of a job that was enqueued: `created`, `existing` or `refused`. */
export const answer = "sluice.answer"
/** A state of a job, see the states' reference. */
export const state = "sluice.state"
/** What happened to a job, as the queue counts it for all processes: `enqueued`, `completed`, `dead`, ... */
export const event = "sluice.event"
/** Who found that a lease was lost: `heartbeat` (its handler was interrupted) or `settle` (its end came too late). */
export const foundBy = "sluice.found_by"
/** The HTTP conventions' names. */
export const httpMethod = "http.request.method"
export const httpRoute = "http.route"
export const httpStatus = "http.response.status_code"
export const serverAddress = "server.address"
export const serverPort = "server.port"
