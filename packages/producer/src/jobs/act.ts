/**
 * Acts on the one job that a path names, and answers what became of it.
 *
 * 200: it happened. 202: the job runs, and its consumer has been told. 404 and 409: nothing was changed.
 */
import { Problems } from "@sluice/core/api"
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
type Verb = (
  broker: Broker["Service"],
  queue: JobQueue,
  ids: ReadonlyArray<JobId.JobId>
) => Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError>

/** Does it, and answers. */
export const act = Effect.fnUntraced(function*({ params }: Named, verb: Verb) {
  const queue = queueOf(yield* ProducerOptions, params.queue)
  const id = JobId.parse(params.id)
  const answers = id === undefined ? [] : yield* withProblem(verb(yield* Broker, queue, [id]))
  const answer = answers[0] ?? "not-found"
  switch (answer) {
    case "done":
    case "requested":
      return jsonText(JSON.stringify({ ...params, answer }), answer === "done" ? 200 : 202)
    case "not-found":
      return yield* notFound(params)
    default:
      return yield* wrongState(params, answer)
  }
})
