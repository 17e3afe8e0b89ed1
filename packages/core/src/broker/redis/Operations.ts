/**
 * What operators and the maintenance duties call: acts on jobs by id, and sweeps of a bounded number of jobs.
 */
import * as Effect from "effect/Effect"
import type { BrokerError } from "../../job/BrokerError.ts"
import type { JobId } from "../../job/JobId.ts"
import * as Verdict from "../../job/Verdict.ts"
import type { ActAnswer, Swept } from "../Broker.ts"
import type { Place } from "../Place.ts"
import * as Keys from "./Keys.ts"
import * as Reply from "./Reply.ts"
import { batchLimit, type StoreCalls } from "./StoreCalls.ts"

type Act = (
  calls: StoreCalls,
  place: Place,
  ids: ReadonlyArray<JobId>
) => Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError>

/** Acts on ids in batches. A script may answer fewer than it was given: then it goes on from there. */
const act = Effect.fnUntraced(function*(
  calls: StoreCalls,
  operation: "cancel" | "retry" | "promote" | "remove",
  place: Place,
  ids: ReadonlyArray<JobId>,
  before: ReadonlyArray<string> = []
): Effect.fn.Return<ReadonlyArray<ActAnswer>, BrokerError> {
  const name = operation === "promote" ? "promoteJobs" : operation
  const answers: Array<ActAnswer> = []
  while (answers.length < ids.length) {
    const args = [...before, ...ids.slice(answers.length, answers.length + batchLimit)]
    const reply = Reply.texts(yield* calls.call(operation, name, place, args))
    if (reply.length === 0) throw new Error(`the script "${name}" answered nothing`)
    // the script answers words of `ActAnswer` only
    for (const answer of reply) answers.push(answer as ActAnswer)
  }
  return answers
})

/** Ends waiting jobs, asks the consumers of running ones. */
export const cancel = (
  calls: StoreCalls,
  place: Place,
  ids: ReadonlyArray<JobId>,
  reason: string
): Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError> =>
  act(calls, "cancel", place, ids, [
    Verdict.encode({ _tag: "Cancelled", by: "operator", reason }),
    Keys.wakeChannels(calls.prefix)
  ])

/** Makes dead and cancelled jobs available again. */
export const retry: Act = (calls, place, ids) => act(calls, "retry", place, ids)

/** Makes scheduled and retryable jobs available now. */
export const promoteJobs: Act = (calls, place, ids) => act(calls, "promote", place, ids)

/** Deletes jobs that do not run. */
export const remove: Act = (calls, place, ids) => act(calls, "remove", place, ids)

/** Stops claims, or undoes it. */
export const setPaused = (calls: StoreCalls, place: Place, isPaused: boolean): Effect.Effect<void, BrokerError> =>
  Effect.asVoid(calls.call(isPaused ? "pause" : "resume", "pause", place, [isPaused ? "1" : "0"]))

// the same texts as in the memory broker
const crashed = "the lease ran out"
const rescueVerdicts = [
  Verdict.encode({ _tag: "Dead", reason: "crashed", message: crashed }),
  Verdict.encode({
    _tag: "Dead",
    reason: "expired",
    message: `${crashed}, and the job is older than its maximum age`
  })
]

/** Sweeps up to `limit` jobs, in batches. */
export const sweep = Effect.fnUntraced(function*(
  calls: StoreCalls,
  operation: "drain" | "promote" | "rescue" | "prune",
  place: Place,
  limit: number
): Effect.fn.Return<Swept, BrokerError> {
  const after = operation === "rescue" ? rescueVerdicts : []
  let swept = 0
  while (true) {
    const batch = Math.max(0, Math.min(batchLimit, Math.floor(limit - swept)))
    const [count, more] = Reply.list(yield* calls.call(operation, operation, place, [batch, ...after]))
    swept += Reply.number(count)
    if (more !== 1 || swept >= limit || count === 0) return { count: swept, more: more === 1 }
  }
})
