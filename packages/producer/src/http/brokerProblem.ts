/**
 * A failure of the broker as the API tells it. The log gets what the problem leaves out: what the broker's client said.
 */
import { type BrokerProblem, brokerProblemOf } from "@sluice/core/api"
import type { BrokerError } from "@sluice/core/BrokerError"
import * as Effect from "effect/Effect"

/** Logs the failure and gives its problem. */
export const told = (error: BrokerError): Effect.Effect<BrokerProblem> =>
  Effect.as(Effect.logWarning("the broker failed", error), brokerProblemOf(error.reason))

/** Runs a call of the broker for a request. */
export const withProblem = <A, R>(call: Effect.Effect<A, BrokerError, R>): Effect.Effect<A, BrokerProblem, R> =>
  Effect.catch(call, (error) => Effect.flatMap(told(error), Effect.fail))
