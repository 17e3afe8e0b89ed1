/**
 * What a client sends to enqueue, and what it is answered: one job, many jobs in one body, or a stream of lines.
 *
 * The producer decodes the options of each job with `EnqueueItem` and takes the payload as the exact text that was sent:
 * a number such as 1e400 or one of twenty digits arrives as it left. Clients that build bodies by JSON.stringify lose
 * such numbers themselves.
 */
import * as Schema from "effect/Schema"
import * as Problems from "./Problems.ts"
import { AnyJson, duration, Id, Key, moment, Name, OwnId } from "./Values.ts"

const whole = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** One job to enqueue. Fields that are not listed are refused, so that a misspelt option is found. */
export const EnqueueItem = Schema.Struct({
  /** Which task the job is of. */
  task: Name,
  payload: AnyJson.annotate({ description: "Any JSON; passed on to the handler exactly as it is written here." }),
  version: Schema.optionalKey(
    whole(1, 1_000_000).annotate({
      description:
        "Which version of the task's payload this is. Default 1: who was written before a new version, goes on."
    })
  ),
  id: Schema.optionalKey(OwnId),
  delay: Schema.optionalKey(duration("How long it waits before it may run; default: not at all.")),
  at: Schema.optionalKey(moment("From when it may run, instead of `delay`; a past moment means at once.")),
  priority: Schema.optionalKey(whole(-100, 100).annotate({ description: "Higher goes first. Default 0." })),
  attempts: Schema.optionalKey(
    whole(1, 1_000_000).annotate({
      description: "Attempts in all, the first one included. Default: the producer's."
    })
  ),
  maxAge: Schema.optionalKey(
    duration("How long after its enqueue it may still be tried again; 0: for ever. Default: the producer's.")
  ),
  key: Schema.optionalKey(Key)
}).check(Schema.makeFilter((item) =>
  item.delay !== undefined && item.at !== undefined
    ? { path: ["at"], issue: "Expected only one of delay and at" }
    : undefined
)).annotate({ identifier: "EnqueueItem", description: "One job to enqueue." })
/** One job to enqueue. */
export type EnqueueItem = typeof EnqueueItem.Type

/** The media types of a body with one JSON text per line. */
export const lineTypes = ["application/x-ndjson", "application/ndjson", "application/jsonl"] as const

/** The body of an enqueue in JSON: one job, or many. */
export const EnqueueBody = Schema.Union([EnqueueItem, Schema.Array(EnqueueItem)])

/** Whether the job was taken in, or one of the same id was there already (then nothing was changed). */
export const Answer = Schema.Literals(["created", "existing"])

/** The answer to one job. */
export const Enqueued = Schema.Struct({ queue: Name, id: Id, answer: Answer }).annotate({ identifier: "Enqueued" })
/** The answer to one job. */
export type Enqueued = typeof Enqueued.Type

const refusal = Schema.Union([...Problems.refusals, ...Problems.broker, Problems.NotReady])

/** The answer to one of many: taken in or there already, or the problem that this job, and only this one, has. */
export const ItemAnswer = Schema.Union([
  Schema.Struct({ index: Schema.Int, status: Schema.Literals([201, 200]), id: Id, answer: Answer }),
  Schema.Struct({ index: Schema.Int, status: Schema.Int, problem: refusal })
]).annotate({ identifier: "ItemAnswer", description: "One per job of the body, in its order; `index` counts from 0." })

/** The answers to a body of many jobs. */
export const ManyEnqueued = Schema.Struct({ queue: Name, results: Schema.Array(ItemAnswer) }).annotate({
  identifier: "ManyEnqueued"
})

/** The answer to one line of a stream. */
export const LineAnswer = Schema.Union([
  Schema.Struct({ line: Schema.Int, status: Schema.Literals([201, 200]), id: Id, answer: Answer }),
  Schema.Struct({
    line: Schema.Int,
    status: Schema.Int,
    problem: refusal,
    /** True: this line and all after it were not read; nothing of them was enqueued. */
    aborted: Schema.optionalKey(Schema.Literal(true))
  })
]).annotate({
  identifier: "LineAnswer",
  description:
    "One per line that is not blank, in their order; `line` counts from 1. With `aborted`, it is the last one: " +
    "this line and all after it were not read."
})
