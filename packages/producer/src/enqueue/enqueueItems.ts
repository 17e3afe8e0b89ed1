/**
 * Enqueues several parsed jobs in one call of the broker, and answers each of them in its place.
 *
 * Arrays and streams of lines use it. A job that is not valid, does not fit its task, or that the broker refuses, gets a
 * problem of its own and never touches its neighbours. When the broker fails before it has answered any job, the whole call
 * fails.
 */
import { brokerProblemOf, type Problems, refusalProblemOf } from "@sluice/core/api"
import { Broker, type EnqueueAnswer, type NewJob } from "@sluice/core/Broker"
import type { BrokerError } from "@sluice/core/BrokerError"
import * as EnqueueSpan from "@sluice/core/EnqueueSpan"
import type { Inspector } from "@sluice/core/Inspector"
import type { JobTrace } from "@sluice/core/Propagation"
import type { JobId } from "@sluice/core/JobId"
import type { JobQueue } from "@sluice/core/JobQueue"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { queueOf } from "../ProducerOptions.ts"
import { PublishedTasks } from "../registry/PublishedTasks.ts"
import { newJob, type Origin } from "./newJob.ts"
import type { Item } from "./parseItem.ts"
import { isInDoubt, reuseOf } from "./repeat.ts"

/** What became of one job, with the status that it would have had alone. */
export type Answered =
  | { readonly status: 201 | 200; readonly id: string; readonly answer: "created" | "existing" }
  | { readonly status: number; readonly problem: Problems.Problem }

/** The answer of the broker as the API tells it. */
export const answered = (answer: EnqueueAnswer): Answered => {
  switch (answer.answer) {
    case "refused":
      return refused(refusalProblemOf(answer.reason))
    case "unknown":
      return refused(brokerProblemOf(answer.reason))
    default:
      return { status: answer.answer === "created" ? 201 : 200, id: answer.id, answer: answer.answer }
  }
}

/** A problem as an answer. */
export const refused = (problem: Problems.Problem): Answered => ({ status: problem.status, problem })

/** So many jobs that were there already are looked at at once. */
const concurrency = 32

/** A job that was there already: maybe another one. */
interface Doubt {
  readonly index: number
  readonly id: JobId
  readonly item: Item
}

/** Refuses those of an answered call that are others than the ones whose key they have. */
const refuseOthers = Effect.fnUntraced(function*(
  queue: JobQueue,
  answers: Array<Answered>,
  doubts: ReadonlyArray<Doubt>
): Effect.fn.Return<ReadonlyArray<Answered>, BrokerError, Inspector> {
  yield* Effect.forEach(doubts, ({ id, index, item }) =>
    Effect.map(reuseOf(queue, id, item), (problem) => {
      if (problem !== undefined) answers[index] = refused(problem)
    }), { concurrency, discard: true })
  return answers
})

/**
 * Enqueues those that are valid. `placeOf` gives an item's place in the whole request, counted from 0: jobs that name no
 * id get `<Idempotency-Key>/<place>`, where the request has that header.
 */
export const enqueueItems = Effect.fnUntraced(function*(
  origin: Origin,
  queue: string,
  items: ReadonlyArray<Result.Result<Item, Problems.Problem>>,
  placeOf: (index: number) => number
): Effect.fn.Return<ReadonlyArray<Answered>, BrokerError, Broker | Inspector | PublishedTasks> {
  const check = yield* (yield* PublishedTasks).check
  const checked = items.map((item) => Result.flatMap(item, check))
  const valid = checked.filter(Result.isSuccess).length
  const jobsOf = (trace: JobTrace) =>
    checked.flatMap((item, index): ReadonlyArray<NewJob> => {
      if (Result.isFailure(item)) return []
      const ownId = origin.key === undefined ? undefined : `${origin.key}/${placeOf(index)}`
      return [newJob(origin, item.success, ownId, trace)]
    })
  const broker = yield* Broker
  const answers = valid === 0 ? [] : yield* EnqueueSpan.around(
    queue,
    valid,
    (trace) => broker.enqueue(queueOf(origin.options, queue), jobsOf(trace))
  )
  let next = 0
  const doubts: Array<Doubt> = []
  const all = checked.map((item, index) => {
    if (Result.isFailure(item)) return refused(item.failure)
    const answer = answers[next++]!
    if (answer.answer !== "refused" && isInDoubt(origin, item.success, answer)) {
      doubts.push({ index, id: answer.id, item: item.success })
    }
    return answered(answer)
  })
  return doubts.length === 0 ? all : yield* refuseOthers(queueOf(origin.options, queue), all, doubts)
})
