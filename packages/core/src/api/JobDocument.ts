/**
 * A job as the HTTP API shows it: the whole of it, or a row of a list.
 *
 * Times are ISO 8601 in UTC by the broker's clock. What tasks wrote (payload, progress, result, error) is shown exactly as
 * it is stored. The lease's token is left out: whoever holds it could settle the job.
 */
import * as Schema from "effect/Schema"
import * as Verdict from "../job/Verdict.ts"
import * as Problems from "./Problems.ts"
import { AnyJson, FinalState, Id, Name, State, Timestamp } from "./Values.ts"

const stored = (what: string) =>
  Schema.optionalKey(AnyJson.annotate({ description: `${what}, exactly as it is stored.` }))

/** How a job ended. */
export const Outcome = Schema.Struct({
  state: FinalState,
  by: Schema.optionalKey(Verdict.CancelledBy),
  reason: Schema.optionalKey(Schema.String.annotate({ description: "Why it was cancelled, or why it is dead." })),
  message: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "Outcome" })
/** How a job ended. */
export type Outcome = typeof Outcome.Type

/** One failed attempt. */
export const FailureDocument = Schema.Struct({
  attempt: Schema.Int,
  kind: Schema.String,
  message: Schema.String,
  consumer: Schema.optionalKey(Schema.String),
  startedAt: Schema.optionalKey(Timestamp)
}).annotate({ identifier: "Failure" })

const fields = {
  queue: Name,
  id: Id,
  task: Name,
  version: Schema.Int,
  state: State,
  priority: Schema.Int,
  attempt: Schema.Int.annotate({ description: "Attempts used, the running one included." }),
  attempts: Schema.Int.annotate({ description: "Attempts in all." }),
  key: Schema.optionalKey(Schema.String),
  enqueuedAt: Timestamp,
  dueAt: Schema.optionalKey(Timestamp),
  expiresAt: Schema.optionalKey(Timestamp),
  maxAgeMs: Schema.optionalKey(Schema.Int),
  traceparent: Schema.optionalKey(Schema.String),
  lease: Schema.optionalKey(Schema.Struct({ consumer: Schema.String, startedAt: Timestamp, deadline: Timestamp })),
  outcome: Schema.optionalKey(Outcome),
  handedBack: Schema.optionalKey(Schema.Struct({
    times: Schema.Int,
    why: Schema.Literals(["unknown-task", "newer-version"])
  })),
  cancelRequested: Schema.optionalKey(Schema.String),
  failures: Schema.Array(FailureDocument)
}

/** A job as the HTTP API shows it. */
export const JobDocument = Schema.Struct({
  ...fields,
  payload: stored("The payload"),
  progress: stored("The last progress"),
  result: stored("The task's success"),
  error: stored("The task's typed error")
}).annotate({ identifier: "Job" })
/** A job as the HTTP API shows it, without what tasks wrote. */
export type JobFields = Schema.Struct.Type<typeof fields>

/** One page of jobs. */
export const JobPage = Schema.Struct({
  jobs: Schema.Array(JobDocument),
  cursor: Schema.optionalKey(
    Schema.String.annotate({ description: "Give it to the next call; absent on the last page." })
  )
}).annotate({ identifier: "JobPage" })

/** How a job ended, with what its task answered; or that it has not ended within the wait. */
export const ResultDocument = Schema.Struct({
  queue: Name,
  id: Id,
  state: State,
  ended: Schema.Boolean,
  outcome: Schema.optionalKey(Outcome),
  result: stored("The task's success"),
  error: stored("The task's typed error")
}).annotate({ identifier: "Result" })

/** What became of a wish to act on a job. */
export const Acted = Schema.Struct({
  queue: Name,
  id: Id,
  answer: Schema.Literals(["done", "requested"])
}).annotate({
  identifier: "Acted",
  description: "`done`: it happened. `requested`: the job runs, and its consumer has been told to interrupt it."
})

/** The most ids of one call. */
export const idsLimit = 1000

const ids = Schema.Array(Id).check(Schema.isMinLength(1), Schema.isMaxLength(idsLimit)).annotate({
  description: `1 to ${idsLimit} job ids.`
})

const reason = Schema.String.check(Schema.isMaxLength(1000))

/** Why to cancel a job. */
export const CancelBody = Schema.Struct({ reason: Schema.optionalKey(reason) })

/** Which jobs to act on. */
export const ManyBody = Schema.Struct({ ids }).annotate({ identifier: "ManyBody" })
/** Which jobs to act on. */
export type ManyBody = typeof ManyBody.Type

/** Which jobs to cancel, and why. */
export const CancelManyBody = Schema.Struct({ ids, reason: Schema.optionalKey(reason) }).annotate({
  identifier: "CancelManyBody"
})

/** What became of a wish to act on one of many jobs: the status is the one that it would have had alone. */
export const ActedAnswer = Schema.Union([
  Schema.Struct({ id: Id, status: Schema.Literals([200, 202]), answer: Schema.Literals(["done", "requested"]) }),
  Schema.Struct({ id: Id, status: Schema.Int, problem: Schema.Union([Problems.JobNotFound, Problems.WrongState]) })
]).annotate({ identifier: "ActedAnswer" })

/** What became of a wish to act on many jobs. */
export const ManyActed = Schema.Struct({ queue: Name, results: Schema.Array(ActedAnswer) }).annotate({
  identifier: "ManyActed",
  description: "One per id, in their order. One that is not there, or whose state does not allow it, stops no other."
})
