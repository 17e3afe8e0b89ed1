/**
 * From a checked item to the job that the broker takes in: what the client left open is filled in.
 *
 * Plain functions on the hot path of every enqueue. A job that names no version is of version 1: who was written before a
 * newer one goes on as before, and the consumer migrates the payload.
 */
import type { NewJob } from "@sluice/core/Broker"
import type { JobTrace } from "@sluice/core/Propagation"
import type { Resolved } from "../ProducerOptions.ts"
import type { Item } from "./parseItem.ts"

/** What all jobs of one request have in common. */
export interface Origin {
  readonly options: Resolved
  /** From the header `Idempotency-Key`. */
  readonly key: string | undefined
}

/** The job of an item. `ownId` stands in where the item names no id; `trace` is of the call that enqueues it. */
export const newJob = (
  { options }: Origin,
  item: Item,
  ownId: string | undefined,
  { baggage, trace, tracestate }: JobTrace
): NewJob => {
  const { at, attempts, delay, id, key, maxAge, priority, task, version } = item.options
  return {
    id: id ?? ownId,
    delayMs: delay ?? 0,
    runAtMs: at,
    awaited: false,
    task,
    version: version ?? 1,
    payload: item.payload,
    priority: priority ?? 0,
    attempts: attempts ?? options.attempts,
    maxAgeMs: maxAge ?? options.maxAgeMs,
    crashDelayMs: options.crashDelayMs,
    keepDeadMs: options.keepDeadMs,
    key,
    trace,
    tracestate,
    baggage
  }
}
