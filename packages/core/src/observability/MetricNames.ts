/**
 * Every metric, once: its name, kind, unit, attributes and meaning. What records them, the reference page, the dashboard and
 * the alert rules all follow this file, and tests hold them to it.
 *
 * Names are OpenTelemetry's, with dots; `prometheusName` says how Prometheus calls them. A metric has no attribute whose
 * values grow with the number of jobs.
 */
import * as Attributes from "./AttributeNames.ts"

/** What a metric is: see the module. */
export interface Definition<Kind extends "counter" | "gauge" | "histogram" = "counter" | "gauge" | "histogram"> {
  readonly name: string
  readonly kind: Kind
  /** As UCUM writes it: `s`, or what is counted in braces. */
  readonly unit: string
  readonly attributes: ReadonlyArray<string>
  /** One sentence, for people. */
  readonly description: string
  /** The upper bounds of a histogram's buckets. */
  readonly boundaries: ReadonlyArray<number>
}

type Details = Omit<Definition, "name" | "kind" | "boundaries">

const counter = (name: string, details: Details): Definition<"counter"> => ({
  name,
  kind: "counter",
  boundaries: [],
  ...details
})
const gauge = (name: string, details: Details): Definition<"gauge"> => ({
  name,
  kind: "gauge",
  boundaries: [],
  ...details
})
const histogram = (
  name: string,
  boundaries: ReadonlyArray<number>,
  details: Details
): Definition<"histogram"> => ({ name, kind: "histogram", boundaries, ...details })

/** Seconds of calls that take a round trip. */
const calls = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Seconds of what may be a millisecond or an hour. */
const work = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200]
const sizes = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000]

const { answer, errorType, event, foundBy, operationName, operationType, outcome, queue, state, system, task } =
  Attributes
const call = [system, operationName, operationType, queue]

/** Jobs that this process tried to enqueue. */
export const sentMessages = counter("messaging.client.sent.messages", {
  unit: "{message}",
  attributes: [...call, answer, errorType],
  description: "Jobs that this process tried to enqueue, by what became of them."
})

/** Jobs that this process claimed. */
export const consumedMessages = counter("messaging.client.consumed.messages", {
  unit: "{message}",
  attributes: call,
  description: "Jobs that this process claimed."
})

/** How long calls of the broker took. */
export const operationDuration = histogram("messaging.client.operation.duration", calls, {
  unit: "s",
  attributes: [...call, errorType],
  description: "How long calls of the broker took, retries and waiting for a connection included."
})

/** How long attempts took. */
export const processDuration = histogram("messaging.process.duration", work, {
  unit: "s",
  attributes: [...call, task, outcome],
  description: "How long attempts took, from the start of the handler to its end."
})

/** How many jobs one call carried. */
export const batchSize = histogram("sluice.batch.size", sizes, {
  unit: "{job}",
  attributes: [operationName, queue],
  description: "How many jobs one call of the broker enqueued, claimed or settled; calls without any are left out."
})

/** How long jobs waited before their first attempt. */
export const jobWait = histogram("sluice.job.wait.duration", work, {
  unit: "s",
  attributes: [queue, task],
  description: "How long jobs waited for their first attempt, from when they were to run at the earliest."
})

/** Ended attempts that the broker has taken. */
export const jobsSettled = counter("sluice.jobs.settled", {
  unit: "{job}",
  attributes: [queue, outcome],
  description: "Attempts of this process whose end the broker has taken, by how they ended."
})

/** Leases that this process lost. */
export const leasesLost = counter("sluice.leases.lost", {
  unit: "{lease}",
  attributes: [queue, foundBy],
  description: "Leases that this process lost: their jobs are run again, by whoever claims them."
})

/** Handlers that run. */
export const jobsRunning = gauge("sluice.jobs.running", {
  unit: "{job}",
  attributes: [queue],
  description: "Jobs whose handler runs in this process. Divided by sluice.slots: how busy it is."
})

/** Handlers that may run. */
export const slots = gauge("sluice.slots", {
  unit: "{slot}",
  attributes: [queue],
  description: "How many handlers may run at once in this process."
})

/** Handlers that don't end. */
export const handlersStuck = gauge("sluice.handlers.stuck", {
  unit: "{handler}",
  attributes: [queue],
  description: "Handlers that were interrupted and do not end; their slots went to other jobs."
})

/** Ended attempts that wait. */
export const jobsUnsettled = gauge("sluice.jobs.unsettled", {
  unit: "{job}",
  attributes: [queue],
  description: "Ended attempts of this process that the broker has not taken yet."
})

/** Restarts by the watchdog. */
export const watchdogRestarts = counter("sluice.watchdog.restarts", {
  unit: "{restart}",
  attributes: [queue],
  description: "Times that the watchdog restarted a consumer's loop or heartbeat because it stood still."
})

/** Jobs that maintenance moved. */
export const maintenanceJobs = counter("sluice.maintenance.jobs", {
  unit: "{job}",
  attributes: [operationName, queue],
  description: "Jobs that this process promoted, rescued, pruned or drained."
})

/** How long round trips to Redis took. */
export const redisRoundTrip = histogram("sluice.redis.round_trip.duration", calls, {
  unit: "s",
  attributes: [operationName, errorType],
  description: "How long round trips to Redis took; each retry is one of its own."
})

/** Connections that were opened. */
export const redisConnections = counter("sluice.redis.connections", {
  unit: "{connection}",
  attributes: [],
  description: "Connections to Redis that were opened, the first ones included."
})

/** Jobs by state. */
export const queueJobs = gauge("sluice.queue.jobs", {
  unit: "{job}",
  attributes: [queue, state],
  description: "Jobs of the whole queue by state. Each process reports the same number: take the maximum, not the sum."
})

/** The longest wait. */
export const queueOldestWait = gauge("sluice.queue.oldest_wait", {
  unit: "s",
  attributes: [queue],
  description: "How long the job that is next in order has waited; 0 when none waits."
})

/** Whether the queue is paused. */
export const queuePaused = gauge("sluice.queue.paused", {
  unit: "1",
  attributes: [queue],
  description: "1 while the queue is paused, else 0."
})

/** What happened in the queue. */
export const queueEvents = counter("sluice.queue.events", {
  unit: "{event}",
  attributes: [queue, event],
  description: "What happened to the whole queue's jobs since it was first used. Take the maximum over processes."
})

/** Queues whose numbers are not shown. */
export const queuesHidden = gauge("sluice.queues.hidden", {
  unit: "{queue}",
  attributes: [],
  description: "Queues beyond the limit of what one process reports; their sluice.queue metrics are left out."
})

/** How long HTTP requests took. */
export const httpServerDuration = histogram("http.server.request.duration", calls, {
  unit: "s",
  attributes: [Attributes.httpMethod, Attributes.httpRoute, Attributes.httpStatus],
  description: "How long HTTP requests took until their answer was ready."
})

/** All metrics, in the order of the reference page. */
export const all: ReadonlyArray<Definition> = [
  sentMessages,
  consumedMessages,
  operationDuration,
  processDuration,
  batchSize,
  jobWait,
  jobsSettled,
  leasesLost,
  jobsRunning,
  slots,
  handlersStuck,
  jobsUnsettled,
  watchdogRestarts,
  maintenanceJobs,
  redisRoundTrip,
  redisConnections,
  queueJobs,
  queueOldestWait,
  queuePaused,
  queueEvents,
  queuesHidden,
  httpServerDuration
]

/** The name in Prometheus: `_` for dots, then the unit if it is one, then `_total` for counters. */
export const prometheusName = ({ kind, name, unit }: Definition): string =>
  name.replaceAll(".", "_") + (unit === "s" ? "_seconds" : "") + (kind === "counter" ? "_total" : "")
