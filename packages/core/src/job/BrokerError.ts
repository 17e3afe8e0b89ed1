/**
 * What can go wrong between this process and the place where jobs are kept.
 *
 * One error, `BrokerError`, with a tagged `reason`: `Effect.catchTag("BrokerError", ...)` for all of them,
 * `Effect.catchReason("BrokerError", "BrokerUnavailable", ...)` for one. Bugs and corrupt data are defects, not these.
 */
import * as Schema from "effect/Schema"

/**
 * The broker did not answer within the deadline: it is away, restarting, failing over or too slow. A read changed
 * nothing. A write may or may not have been done; repeating it with the same ids is safe.
 */
export class BrokerUnavailable extends Schema.TaggedError<BrokerUnavailable>()("BrokerUnavailable", {
  /** What was being done, in the glossary's verbs: `enqueue`, `claim`, ... */
  operation: Schema.String,
  /** What the client said last. */
  detail: Schema.String
}, { httpApiStatus: 503 }) {
  override get message() {
    return `The broker could not be reached while doing "${this.operation}" (${this.detail}). ` +
      "Whether a write arrived is unknown; repeating it with the same id is safe. Check the address and that Redis runs."
  }
}

/**
 * Redis has reached `maxmemory` and refuses writes. What it refused was not changed. Where it took a part of a call with many
 * jobs before memory ran out, this is the answer to the other jobs alone.
 */
export class BrokerFull extends Schema.TaggedError<BrokerFull>()("BrokerFull", {
  operation: Schema.String,
  detail: Schema.String
}, { httpApiStatus: 503 }) {
  override get message() {
    return `Redis is out of memory and refused "${this.operation}"; what it refused is unchanged (${this.detail}). ` +
      "Raise maxmemory, shorten retention, or drain a queue."
  }
}

/** This process names another partition count than the one stored when the queue was first used. Nothing was changed. */
export class PartitionMismatch extends Schema.TaggedError<PartitionMismatch>()("PartitionMismatch", {
  queue: Schema.String,
  stored: Schema.Int,
  given: Schema.Int
}, { httpApiStatus: 409 }) {
  override get message() {
    return `Queue "${this.queue}" has ${this.stored} partition(s), but this process was told ${this.given}. ` +
      "Nothing was changed. Give JobQueue.make the stored number, or leave `partitions` out."
  }
}

/** Redis answered a command with an error of its own: missing rights, a wrong type under our prefix, and the like. */
export class BrokerRefused extends Schema.TaggedError<BrokerRefused>()("BrokerRefused", {
  operation: Schema.String,
  detail: Schema.String
}, { httpApiStatus: 502 }) {
  override get message() {
    return `Redis refused "${this.operation}": ${this.detail}. Nothing was changed. ` +
      "Check the user's rights (EVALSHA, and read and write on the prefix's keys) and that nobody else writes there."
  }
}

/** The server is too old for the commands that the scripts use. Nothing was changed. Found when the layer is built. */
export class RedisTooOld extends Schema.TaggedError<RedisTooOld>()("RedisTooOld", {
  found: Schema.String,
  needed: Schema.String
}) {
  override get message() {
    return `This Redis is version ${this.found}; Sluice needs ${this.needed} or newer (or any Valkey). Upgrade the server.`
  }
}

/** The server's `maxmemory-policy` may delete queue keys. Nothing was changed. Found when the layer is built. */
export class EvictionPolicyUnsafe extends Schema.TaggedError<EvictionPolicyUnsafe>()("EvictionPolicyUnsafe", {
  policy: Schema.String
}) {
  override get message() {
    return `Redis has maxmemory-policy "${this.policy}", which may delete jobs when memory runs short. ` +
      "Set it to noeviction, or accept the loss with evictionPolicy: \"warn\"."
  }
}

/** Why a broker could not do what it was asked. */
export type Reason =
  | BrokerUnavailable
  | BrokerFull
  | BrokerRefused
  | PartitionMismatch
  | RedisTooOld
  | EvictionPolicyUnsafe

/** The one error of every broker method. */
export class BrokerError extends Schema.TaggedError<BrokerError>()("BrokerError", {
  reason: Schema.Union([
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
