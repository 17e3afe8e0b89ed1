/**
 * The job ended without the task's own result: what `Task.await` and `Task.run` fail with besides the task's typed
 * errors. Nothing is changed by receiving one; the job stays as it is and can be inspected.
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
import { CancelledBy, DeadReason } from "./Verdict.ts"

/** The job was cancelled. */
export class JobCancelled extends Schema.TaggedError<JobCancelled>()("JobCancelled", {
  id: Schema.String,
  by: CancelledBy,
  reason: Schema.String
}) {
  override get message() {
    return `Job ${this.id} was cancelled by ${this.by === "handler" ? "its handler" : "an operator"}: ${this.reason}`
  }
}

/** The job is dead, and not because of one of the task's typed errors. Retry it by hand once the cause is gone. */
export class JobDead extends Schema.TaggedError<JobDead>()("JobDead", {
  id: Schema.String,
  why: DeadReason,
  detail: Schema.String
}) {
  override get message() {
    return `Job ${this.id} is dead (${this.why}): ${this.detail}`
  }
}

/** There is no such job: it never was, it was removed, or its retention has passed. */
export class JobNotFound extends Schema.TaggedError<JobNotFound>()("JobNotFound", {
  id: Schema.String
}, { httpApiStatus: 404 }) {
  override get message() {
    return `There is no job ${this.id}: it never was, it was removed, or its retention has passed.`
  }
}

/** The job ended with a result or an error that this version of the task's schemas can't read. */
export class ResultUndecodable extends Schema.TaggedError<ResultUndecodable>()("ResultUndecodable", {
  id: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `The stored result of job ${this.id} does not fit the task's schema: ${this.detail}`
  }
}

/** The job ended, or could not be awaited, without the task's own result. */
export class JobError extends Schema.TaggedError<JobError>()("JobError", {
  reason: Schema.Union([
    JobCancelled,
    JobDead,
    JobNotFound,
    ResultUndecodable,
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
