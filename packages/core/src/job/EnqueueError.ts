/**
 * Why a job was not enqueued. With any of these, the broker holds no such job, except after `BrokerUnavailable`, where
 * a repeat with the same id finds out.
 *
 * `enqueue` and `run` fail with `EnqueueError`; `enqueueAll` answers the same reasons one by one, so that one refused
 * job never fails its neighbours, and fails only when nothing is in and nothing was answered.
 */
import * as Schema from "effect/Schema"
import {
  BrokerFull,
  BrokerRefused,
  BrokerUnavailable,
  EvictionPolicyUnsafe,
  PartitionMismatch,
  RedisTooOld
} from "./BrokerError.ts"

/** The payload does not fit the task's schema, or holds what JSON can't. */
export class InvalidPayload extends Schema.TaggedError<InvalidPayload>()("InvalidPayload", {
  task: Schema.String,
  /** Where and why, as the schema says it. */
  detail: Schema.String
}, { httpApiStatus: 422 }) {
  override get message() {
    return `The payload does not fit task "${this.task}": ${this.detail}. Nothing was enqueued.`
  }
}

/** The encoded payload is longer than the queue takes. */
export class PayloadTooLarge extends Schema.TaggedError<PayloadTooLarge>()("PayloadTooLarge", {
  queue: Schema.String,
  bytes: Schema.Int,
  limit: Schema.Int
}, { httpApiStatus: 413 }) {
  override get message() {
    return `The payload has ${this.bytes} bytes; queue "${this.queue}" takes at most ${this.limit}. ` +
      "Nothing was enqueued. Store the data elsewhere and enqueue where it is, or raise maxPayloadBytes."
  }
}

/** The partition that the job belongs to has as many live jobs as the queue allows. */
export class QueueFull extends Schema.TaggedError<QueueFull>()("QueueFull", {
  queue: Schema.String,
  limit: Schema.Int
}, { httpApiStatus: 429 }) {
  override get message() {
    return `Queue "${this.queue}" holds its limit of ${this.limit} jobs per partition. ` +
      "Nothing was enqueued. Try again later, add consumers, or raise maxJobs."
  }
}

/** An option of the call is out of range: the id, the delay, the time or the priority. */
export class InvalidOption extends Schema.TaggedError<InvalidOption>()("InvalidOption", {
  option: Schema.String,
  detail: Schema.String
}, { httpApiStatus: 422 }) {
  override get message() {
    return `Option "${this.option}": ${this.detail}. Nothing was enqueued.`
  }
}

/**
 * Why one job of a call is not in although others may be. `BrokerFull` and `BrokerRefused` stand here where the broker took
 * one part of a call with many jobs and not another.
 */
export type Refusal = InvalidPayload | PayloadTooLarge | QueueFull | InvalidOption | BrokerFull | BrokerRefused

/** Any reason for which nothing was enqueued. */
export type Reason =
  | Refusal
  | BrokerUnavailable
  | PartitionMismatch
  | RedisTooOld
  | EvictionPolicyUnsafe

/** Nothing was enqueued; `reason` says why and what to do. */
export class EnqueueError extends Schema.TaggedError<EnqueueError>()("EnqueueError", {
  reason: Schema.Union([
    InvalidPayload,
    PayloadTooLarge,
    QueueFull,
    InvalidOption,
    BrokerUnavailable,
    BrokerFull,
    BrokerRefused,
    PartitionMismatch,
    RedisTooOld,
    EvictionPolicyUnsafe
  ])
}) {
  override get message() {
    return this.reason.message
  }
}
