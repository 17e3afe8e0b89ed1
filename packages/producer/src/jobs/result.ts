/**
 * Awaits how a job ends, for as long as the client likes and the producer allows.
 *
 * A wait ends early when the producer stops: the client then asks again, elsewhere. Waiting makes the broker keep the
 * verdict for a minute, whatever the job's retention, so that asking again in time finds it.
 */
import type { BrokerProblem } from "@sluice/core/api"
import { Broker, type Ended } from "@sluice/core/Broker"
import { Inspector } from "@sluice/core/Inspector"
import type { JobId } from "@sluice/core/JobId"
import * as JobState from "@sluice/core/JobState"
import * as Verdict from "@sluice/core/Verdict"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { withProblem } from "../http/brokerProblem.ts"
import { withRaw } from "../http/json.ts"
import { Stopping } from "../http/Stopping.ts"
import { ProducerOptions, queueOf } from "../ProducerOptions.ts"
import { answers, outcome } from "./jobJson.ts"

/** What is known of the job at the end of the wait; its JSON is a `ResultDocument`. */
export interface Found {
  readonly ended: boolean
  readonly json: string
}

interface Wanted {
  readonly queue: string
  readonly id: JobId
}

const endedJson = (wanted: Wanted, state: JobState.Final, verdict: Verdict.Verdict): Found => ({
  ended: true,
  json: withRaw({ ...wanted, state, ended: true, outcome: outcome(state, verdict) }, answers(verdict))
})

/** Where the job stands now. `undefined`: there is no such job. */
const look = Effect.fnUntraced(function*(
  wanted: Wanted
): Effect.fn.Return<Found | undefined, BrokerProblem, Inspector | ProducerOptions> {
  const queue = queueOf(yield* ProducerOptions, wanted.queue)
  const found = yield* withProblem((yield* Inspector).job(queue, wanted.id))
  if (Option.isNone(found)) return undefined
  const { state, verdict } = found.value
  return JobState.isFinal(state) && verdict !== undefined
    ? endedJson(wanted, state, verdict)
    : { ended: false, json: JSON.stringify({ ...wanted, state, ended: false }) }
})

/** The verdict, `undefined` when there is no such job, or nothing when the wait is over first. */
const awaited = Effect.fnUntraced(function*(wanted: Wanted, waitMs: number) {
  const queue = queueOf(yield* ProducerOptions, wanted.queue)
  const verdict = withProblem((yield* Broker).awaitVerdict(queue, wanted.id))
  const stops = Effect.as((yield* Stopping).begun, Option.none<Ended | undefined>())
  return yield* Effect.map(verdict, Option.some).pipe(
    Effect.raceFirst(stops),
    Effect.timeoutOption(waitMs),
    Effect.map(Option.flatten)
  )
})

/** Waits at most `waitMs`, cut to the producer's limit; 0 only looks. `undefined`: there is no such job. */
export const result = Effect.fnUntraced(function*(wanted: Wanted, waitMs: number) {
  const { maxWaitMs } = yield* ProducerOptions
  const limited = Math.min(waitMs, maxWaitMs)
  const found = limited <= 0 ? Option.none<Ended | undefined>() : yield* awaited(wanted, limited)
  if (Option.isNone(found)) return yield* look(wanted)
  return found.value === undefined
    ? undefined
    : endedJson(wanted, found.value.state, Verdict.decode(found.value.verdict))
})
