/**
 * A task as the machinery sees it: names, codecs and policies with the types erased.
 *
 * `Task.make` builds one per task, once; the consumer engine and `Task`'s own verbs use it for each job. Every codec is
 * synchronous and built once: nothing is derived per job. Codecs answer, they never throw: what does not fit is a
 * `Result` failure that says where and why.
 */
import type * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as JobQueue from "./JobQueue.ts"
import * as JsonCodec from "./JsonCodec.ts"
import { inRange, year } from "./Milliseconds.ts"
import * as Payload from "./Payload.ts"
import type { RetryPolicy } from "./RetryPolicy.ts"

/** How long ended jobs of a task are kept, in milliseconds; 0: not at all. */
export interface Retention {
  /** Default 1 hour. */
  readonly completedMs: number
  /** Default 7 days. */
  readonly cancelledMs: number
  /** Default 30 days. */
  readonly deadMs: number
}

/** The schemas of a task as they were given: for whoever describes the task to others, never per job. */
export interface Schemas {
  /** One for each version of the payload, in order. */
  readonly payload: ReadonlyArray<JsonCodec.AnyCodec>
  /** `undefined` for a task that answers nothing. */
  readonly success: JsonCodec.AnyCodec | undefined
  /** `undefined` for a task that never fails. */
  readonly error: JsonCodec.AnyCodec | undefined
}

/** A task with the types erased. */
export interface Definition {
  readonly name: string
  readonly queue: JobQueue.JobQueue
  /** The newest payload version, 1-based: the one that is written. A job with a newer one is handed back. */
  readonly version: number
  /** The newest version that `decodePayload` takes, where that is more than `version`; jobs beyond it are handed back. */
  readonly readsUpTo?: number | undefined
  readonly schemas: Schemas
  /** The payload, newest version, as JSON text. */
  readonly encodePayload: (payload: unknown) => Result.Result<string, string>
  /** Reads any version from 1 to `version` and migrates it to the newest. */
  readonly decodePayload: (version: number, text: string) => Result.Result<unknown, string>
  /** `undefined` for a task that answers nothing. */
  readonly encodeSuccess: (success: unknown) => Result.Result<string | undefined, string>
  readonly decodeSuccess: (text: string | undefined) => Result.Result<unknown, string>
  /** The failure is also how the engine learns that an error is not one of the task's own. */
  readonly encodeError: (error: unknown) => Result.Result<string, string>
  readonly decodeError: (text: string) => Result.Result<unknown, string>
  /** The policy that the task names; `undefined`: the default of the process (`RetryPolicy.Default`). */
  readonly retry: RetryPolicy.Any | undefined
  /** How long (ms) one attempt may take; `undefined`: as long as it likes. */
  readonly timeoutMs: number | undefined
  readonly retention: Retention
  /** What the job is routed by; `undefined`: by its id. */
  readonly key: ((payload: unknown) => string) | undefined
}

/** How long something is kept. "forever" is 100 years. */
export type Keep = Duration.Input | "forever"

/** How long ended jobs of a task are kept after their end; zero: not at all. At most 100 years. */
export interface RetentionOptions {
  /** Default 1 hour. The queue's `keepCompleted` also bounds them by number. */
  readonly completed?: Keep | undefined
  /** Default 7 days. */
  readonly cancelled?: Keep | undefined
  /** Default 30 days. */
  readonly dead?: Keep | undefined
}

/** The options of `Task.make` that become the definition, with the types erased. */
export interface Options {
  readonly queue?: string | JobQueue.JobQueue | undefined
  readonly payload?: Payload.Source | Payload.Payload<unknown> | undefined
  readonly success?: JsonCodec.AnyCodec | undefined
  readonly error?: JsonCodec.AnyCodec | undefined
  readonly retry?: RetryPolicy.Any | undefined
  readonly timeout?: Duration.Input | undefined
  readonly retention?: RetentionOptions | undefined
  readonly key?: ((payload: never) => string) | undefined
}

const keep = (option: string, value: Keep): number =>
  value === "forever" ? 100 * year : inRange(option, value, 0, 100 * year)

const hour = 3_600_000

const successOf = (schema: JsonCodec.AnyCodec | undefined): Pick<Definition, "encodeSuccess" | "decodeSuccess"> => {
  if (schema === undefined || schema.ast._tag === "Void") {
    return { encodeSuccess: () => Result.succeed(undefined), decodeSuccess: () => Result.succeed(undefined) }
  }
  const codec = JsonCodec.make(schema)
  return {
    encodeSuccess: codec.encode,
    decodeSuccess: (text) => text === undefined ? Result.fail("the job ended without a result") : codec.decode(text)
  }
}

/** Builds a definition. Throws a `RangeError` that names the task and the option when one is out of range. */
export const make = (name: string, options: Options): Definition => {
  if (!JobQueue.isName(name)) {
    throw new RangeError(`Task: "${name}" is no task name; use 1 to 128 characters of A-Z a-z 0-9 . _ - / :`)
  }
  const payload = Payload.codecOf(options.payload ?? Schema.Void)
  const error = JsonCodec.make(options.error ?? Schema.Never)
  const { cancelled = 7 * 24 * hour, completed = hour, dead = 30 * 24 * hour } = options.retention ?? {}
  return {
    name,
    queue: JobQueue.from(options.queue ?? "default"),
    version: payload.version,
    schemas: {
      payload: payload.schemas,
      success: options.success?.ast._tag === "Void" ? undefined : options.success,
      error: options.error?.ast._tag === "Never" ? undefined : options.error
    },
    encodePayload: payload.encode,
    decodePayload: payload.decode,
    ...successOf(options.success),
    encodeError: error.encode,
    decodeError: error.decode,
    retry: options.retry,
    timeoutMs: options.timeout === undefined
      ? undefined
      : inRange(`Task "${name}": timeout`, options.timeout, 1, year),
    retention: {
      completedMs: keep(`Task "${name}": retention.completed`, completed),
      cancelledMs: keep(`Task "${name}": retention.cancelled`, cancelled),
      deadMs: keep(`Task "${name}": retention.dead`, dead)
    },
    // only ever called with a payload that `encodePayload` has accepted
    key: options.key as Definition["key"]
  }
}
