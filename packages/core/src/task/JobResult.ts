/**
 * From how a job ended to what its task answers: its own success, its own typed error, or a `JobError`.
 *
 * Internal; `Task.await` and `Task.run` call it.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Ended } from "../broker/Broker.ts"
import { JobCancelled, JobDead, JobError, JobNotFound, ResultUndecodable } from "../job/JobError.ts"
import type { JobId } from "../job/JobId.ts"
import * as Verdict from "../job/Verdict.ts"
import type { Definition } from "./Definition.ts"

const jobError = (reason: JobError["reason"]): Effect.Effect<never, JobError> => Effect.fail(new JobError({ reason }))

/**
 * Succeeds with the task's success `A`; fails with its error `E`, as an instance of its class, or with a `JobError`. The
 * caller names both types: they are what the definition's codecs read. A verdict that no Sluice wrote is corruption, a
 * defect.
 */
export const read = <A, E>(
  definition: Definition,
  id: JobId,
  ended: Ended | undefined
): Effect.Effect<A, E | JobError> => {
  if (ended === undefined) return jobError(new JobNotFound({ id }))
  const verdict = Verdict.decode(ended.verdict)
  switch (verdict._tag) {
    case "Completed": {
      const success = definition.decodeSuccess(verdict.success)
      return Result.isSuccess(success)
        ? Effect.succeed(success.success as A)
        : jobError(new ResultUndecodable({ id, detail: success.failure }))
    }
    case "Cancelled":
      return jobError(new JobCancelled({ id, by: verdict.by, reason: verdict.reason }))
    case "Dead": {
      if (verdict.error === undefined) {
        return jobError(new JobDead({ id, why: verdict.reason, detail: verdict.message }))
      }
      const error = definition.decodeError(verdict.error)
      return Result.isSuccess(error)
        ? Effect.fail(error.success as E)
        : jobError(new ResultUndecodable({ id, detail: error.failure }))
    }
  }
}
