/**
 * What the errors of jobs and brokers are called over HTTP: one problem for each reason.
 *
 * Producers call it for whole calls and for single jobs of a call. What the broker's client said (addresses, users, keys)
 * stays inside: the detail names the operation and what to do, and the log has the rest.
 */
import type * as BrokerErrors from "../job/BrokerError.ts"
import type { Refusal } from "../job/EnqueueError.ts"
import * as Problems from "./Problems.ts"

/** What the broker could not do. */
export type BrokerProblem = InstanceType<(typeof Problems.broker)[number]>

/** Why the broker refused one job. */
export type RefusalProblem =
  | BrokerProblem
  | Problems.InvalidPayload
  | Problems.PayloadTooLarge
  | Problems.QueueFull
  | Problems.InvalidOption

/** The problem of one job that was refused. */
export const refusalProblemOf = (reason: Refusal): RefusalProblem => {
  switch (reason._tag) {
    case "InvalidPayload":
      return new Problems.InvalidPayload({
        task: reason.task,
        detail: "This job was not enqueued.",
        errors: [{ path: ["payload", "payload"], message: reason.message }]
      })
    case "PayloadTooLarge":
      return new Problems.PayloadTooLarge({
        queue: reason.queue,
        bytes: reason.bytes,
        limit: reason.limit,
        detail: reason.message
      })
    case "QueueFull":
      return new Problems.QueueFull({ queue: reason.queue, limit: reason.limit, detail: reason.message })
    case "InvalidOption":
      return new Problems.InvalidOption({ option: reason.option, detail: reason.message })
    case "BrokerFull":
    case "BrokerRefused":
      return brokerProblemOf(reason)
  }
}

/** The problem of a broker that could not do what it was asked. */
export const brokerProblemOf = (reason: BrokerErrors.Reason): BrokerProblem => {
  switch (reason._tag) {
    case "PartitionMismatch":
      return new Problems.PartitionMismatch({ detail: reason.message })
    case "BrokerUnavailable":
      return new Problems.BrokerUnavailable({
        detail:
          `The broker could not be reached while doing "${reason.operation}". Whether a write arrived is unknown; ` +
          "repeating it with the same id is safe."
      })
    case "BrokerFull":
      return new Problems.BrokerFull({
        detail: `The broker is out of memory and refused "${reason.operation}"; nothing was changed. Try again later.`
      })
    case "BrokerRefused":
      return new Problems.BrokerRefused({
        detail: `The broker refused "${reason.operation}"; nothing was changed. The producer's log says why.`
      })
    case "RedisTooOld":
    case "EvictionPolicyUnsafe":
      return new Problems.BrokerRefused({
        detail: "The broker may not be used as it is set up; the producer's log says why."
      })
  }
}
