/**
 * The public face of the core. A module with functions is exported as a namespace, a service or an error directly.
 *
 * Absent on purpose: `RedisBroker` (its own subpath: only who asks for Redis loads a Redis client), the test kit
 * (`@sluice/core/testing`), the errors' reasons (`@sluice/core/EnqueueError`, `/BrokerError`, `/JobError`), and what
 * engines and brokers need of each other (`/Definition`, `/Lease`, `/Verdict`).
 */
export * as JobId from "./job/JobId.ts"
export * as JobState from "./job/JobState.ts"
export * as JobQueue from "./task/JobQueue.ts"
export * as Payload from "./task/Payload.ts"
export * as RetryPolicy from "./task/RetryPolicy.ts"
export * as Task from "./task/Task.ts"

export * as MemoryBroker from "./broker/memory/MemoryBroker.ts"
export * as Promoter from "./maintenance/Promoter.ts"
export * as Pruner from "./maintenance/Pruner.ts"
export * as Rescuer from "./maintenance/Rescuer.ts"

export { Broker } from "./broker/Broker.ts"
export { Events } from "./broker/Events.ts"
export { Inspector } from "./broker/Inspector.ts"
export { Registry } from "./broker/Registry.ts"
export { BrokerError } from "./job/BrokerError.ts"
export { EnqueueError } from "./job/EnqueueError.ts"
export { JobError } from "./job/JobError.ts"
export { CurrentJob } from "./task/CurrentJob.ts"
export { Outcome } from "./task/Outcome.ts"

export type { Job } from "./job/Job.ts"
export type { Enqueued, Handler, Refused, Unknown } from "./task/Task.ts"
