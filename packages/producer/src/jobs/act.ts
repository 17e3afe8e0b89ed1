/**
 * Acts on the one job that a path names, or on the many that a body names, and answers what became of each.
 *
 * 200: it happened. 202: the job runs, and its consumer has been told. 404 and 409: nothing was changed.
 */
import { type JobDocument, Problems } from "@sluice/core/api"
import { type ActAnswer, Broker } from "@sluice/core/Broker"
import type { BrokerError } from "@sluice/core/BrokerError"
import * as JobId from "@sluice/core/JobId"
import type { JobQueue } from "@sluice/core/JobQueue"
import type { JobState } from "@sluice/core/JobState"
import * as Effect from "effect/Effect"
import { withProblem } from "../http/brokerProblem.ts"
import { jsonText } from "../http/json.ts"
import { ProducerOptions, queueOf } from "../ProducerOptions.ts"

/** The job that a path names. Its form was checked by the endpoint. */
export interface Named {
  readonly params: { readonly queue: string; readonly id: string }
}

/** The problem of a job that is not there. */
export const notFound = ({ id, queue }: Named["params"]): Problems.JobNotFound =>
  new Problems.JobNotFound({
    queue,
    id,
    detail: `Queue "${queue}" has no job ${id}: it never was, it was removed, or its retention has passed.`
  })

const wrongState = ({ id, queue }: Named["params"], state: JobState) =>
  new Problems.WrongState({
    queue,
    id,
    state,
    detail: `Job ${id} is ${state}, and that does not allow it. Nothing was changed.`
  })

/** A verb of the broker that takes ids. */
export type Verb = (
  broker: Broker["Service"],
  queue: JobQueue,
  ids: ReadonlyArray<JobId.JobId>
) => Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError>

/** The problem of an answer, if it is none of the good ones. */
const problemOf = (named: Named["params"], answer: ActAnswer) =>
  answer === "done" || answer === "requested"
    ? undefined
    : answer === "not-found"
    ? notFound(named)
    : wrongState(named, answer)

const statusOf = (answer: ActAnswer): 200 | 202 => answer === "done" ? 200 : 202

/** Does it to one, and answers. */
export const act = Effect.fnUntraced(function*({ params }: Named, verb: Verb) {
  const queue = queueOf(yield* ProducerOptions, params.queue)
  const id = JobId.parse(params.id)
  const answers = id === undefined ? [] : yield* withProblem(verb(yield* Broker, queue, [id]))
  const answer = answers[0] ?? "not-found"
  const problem = problemOf(params, answer)
  return problem === undefined ? jsonText(JSON.stringify({ ...params, answer }), statusOf(answer)) : yield* problem
})

/** The jobs that a body names. Their form was checked by the endpoint. */
export interface ManyNamed {
  readonly params: { readonly queue: string }
  readonly payload: JobDocument.ManyBody
}

/** Does it to many, and answers each in its place. */
export const actOnMany = Effect.fnUntraced(function*({ params, payload }: ManyNamed, verb: Verb) {
  const queue = queueOf(yield* ProducerOptions, params.queue)
  const ids = payload.ids.flatMap((id) => JobId.parse(id) ?? [])
  const answers = yield* withProblem(verb(yield* Broker, queue, ids))
  const results = ids.map((id, index) => {
    const answer = answers[index] ?? "not-found"
    const problem = problemOf({ ...params, id }, answer)
    return problem === undefined
      ? { id, status: statusOf(answer), answer }
      : { id, status: problem.status, problem }
  })
  return jsonText(JSON.stringify({ ...params, results }), 207)
})
