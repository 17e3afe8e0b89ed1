/**
 * From a payload and its options to the job that the broker takes in: checked, encoded, routed and traced.
 *
 * Internal, but for the option and answer types; `Task`'s verbs call it. On the hot path of every enqueue: plain
 * functions, no generators, nothing derived per job. Nothing here talks to the broker.
 */
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type { NewJob } from "../broker/Broker.ts"
import type { BrokerUnavailable } from "../job/BrokerError.ts"
import { InvalidOption, InvalidPayload, type Refusal } from "../job/EnqueueError.ts"
import { type JobId, maxLocalLength } from "../job/JobId.ts"
import type { JobTrace } from "../observability/Propagation.ts"
import type { Definition } from "./Definition.ts"
import { read, show } from "./Milliseconds.ts"
import { Default, type RetryPolicy } from "./RetryPolicy.ts"

/** When and how urgently a job runs: what many jobs of one call can share. */
export interface SharedOptions {
  /** How long to wait before it may run: zero to a year; parts of a millisecond are rounded up. Default: at once. */
  readonly delay?: Duration.Input | undefined
  /** The time, by the broker's clock, from which it may run; a past one means at once. Instead of `delay`. */
  readonly at?: DateTime.DateTime | Date | undefined
  /** -100 to 100, whole; higher goes first. Default 0. */
  readonly priority?: number | undefined
}

/** What can be said of one job. */
export interface Options extends SharedOptions {
  /**
   * The job's own id, 1 to 256 characters without white space: enqueuing it again answers "existing" and changes
   * nothing, as long as the job is kept. Default: a new one.
   */
  readonly id?: string | undefined
}

/** The broker has the job: it took it in, or it had one of the same id already and changed nothing. */
export interface Enqueued {
  readonly answer: "created" | "existing"
  readonly id: JobId
}

/** This one job was not taken in; its neighbours may have been. */
export interface Refused {
  readonly answer: "refused"
  readonly reason: Refusal
}

/**
 * The broker was lost between two parts of a call with many jobs, and nobody knows whether this one is in. `Inspector.job`
 * finds it by this id once the broker is back; enqueuing it again is safe where it was given an id of its own.
 */
export interface Unknown {
  readonly answer: "unknown"
  readonly id: JobId
  readonly reason: BrokerUnavailable
}

/** Options in the broker's terms. */
type Timing = Pick<NewJob, "id" | "delayMs" | "runAtMs" | "priority">

/** What all jobs of one call have in common, found once. */
export interface Call {
  readonly definition: Definition
  readonly policy: RetryPolicy.Any
  readonly trace: JobTrace
  readonly awaited: boolean
}

/** Gathers what the fiber that enqueues says of all jobs of a call. */
export const call = (
  definition: Definition,
  fiber: Fiber.Fiber<unknown, unknown>,
  awaited: boolean,
  trace: JobTrace
): Call => ({
  definition,
  policy: definition.retry ?? fiber.getRef(Default),
  trace,
  awaited
})

const none: Result.Result<Timing, InvalidOption> = Result.succeed({
  id: undefined,
  delayMs: 0,
  runAtMs: undefined,
  priority: 0
})

const invalid = (option: string, detail: string) => Result.fail(new InvalidOption({ option, detail }))

/** Puts the options of one job, or of all jobs of a call, into the broker's terms. Their ranges the broker checks. */
export const timing = (options: Options | undefined): Result.Result<Timing, InvalidOption> => {
  if (options === undefined) return none
  const { at, delay, id, priority = 0 } = options
  if (delay !== undefined && at !== undefined) return invalid("at", "it can't be given together with delay")
  const delayMs = delay === undefined ? 0 : read(delay)
  if (delayMs === undefined) return invalid("delay", `${show(delay)} is not within 0 and 365 days`)
  const runAtMs = at === undefined ? undefined : at instanceof Date ? at.getTime() : DateTime.toEpochMillis(at)
  if (Number.isNaN(runAtMs)) return invalid("at", "it is not a date")
  return Result.succeed({ id, delayMs, runAtMs, priority })
}

/** Runs the task's `key`, which is user code. */
const keyOf = (key: (payload: unknown) => string, payload: unknown): Result.Result<string, InvalidOption> => {
  try {
    const text = key(payload)
    return typeof text === "string" && text.length > 0 && text.length <= maxLocalLength
      ? Result.succeed(text)
      : invalid(
        "key",
        `the task made ${JSON.stringify(text)} of the payload; a key has 1 to ${maxLocalLength} characters`
      )
  } catch (error) {
    return invalid("key", `the task's key function threw ${String(error)}`)
  }
}

/** One job of a call, ready to send, or why it can't be sent. */
export const newJob = (call: Call, payload: unknown, options: Timing): Result.Result<NewJob, Refusal> => {
  const { awaited, definition, policy, trace } = call
  const encoded = definition.encodePayload(payload)
  if (Result.isFailure(encoded)) {
    return Result.fail(new InvalidPayload({ task: definition.name, detail: encoded.failure }))
  }
  const key = definition.key === undefined ? undefined : keyOf(definition.key, payload)
  if (key !== undefined && Result.isFailure(key)) return Result.fail(key.failure)
  return Result.succeed({
    id: options.id,
    delayMs: options.delayMs,
    runAtMs: options.runAtMs,
    awaited,
    task: definition.name,
    version: definition.version,
    payload: encoded.success,
    priority: options.priority,
    attempts: policy.attempts,
    maxAgeMs: policy.maxAgeMs,
    crashDelayMs: policy.crashDelayMs,
    keepDeadMs: definition.retention.deadMs,
    key: key?.success,
    trace: trace.trace,
    tracestate: trace.tracestate,
    baggage: trace.baggage
  })
}
