/**
 * From the way a handler ended to what the broker is told. Pure: `JobRunner` calls it and asks the retry policy between
 * its two halves.
 *
 * Success completes, an `Outcome` does what it says, a failure goes to the policy. When the handler failed and a
 * finalizer died as well, Effect reports both as defects; so the task's own error and an `Outcome` are looked for among
 * several defects too.
 */
import type { Definition } from "@sluice/core/Definition"
import type { ClaimedJob, Settlement } from "@sluice/core/Lease"
import { Outcome } from "@sluice/core/Outcome"
import type { Decision } from "@sluice/core/RetryPolicy"
import * as Verdict from "@sluice/core/Verdict"
import type * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type { Stop } from "./RunningJob.ts"

/** A failed attempt, before the policy has been asked. */
export interface Failed {
  readonly _tag: "Failed"
  /** The tag of the task's error, or `Defect`, `Timeout`. */
  readonly kind: string
  readonly message: string
  /** What the policy gets to see. */
  readonly error: unknown
  /** The task's error as its schema encodes it. */
  readonly encoded: string | undefined
}

/** How an attempt ended: with a settlement, with a failure, or with nothing to say because the lease is lost. */
export type Ending = Settlement | Failed | undefined

const longestMessage = 2000

const textOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message : typeof error === "string" ? error : undefined
  if (text !== undefined && text !== "") return text.slice(0, longestMessage)
  try {
    return (JSON.stringify(error) ?? String(error)).slice(0, longestMessage)
  } catch {
    return String(error).slice(0, longestMessage)
  }
}

const tagOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "_tag" in error && typeof error._tag === "string"
    ? error._tag
    : undefined

/** A failure that is none of the task's errors: a bug. */
export const defect = (error: unknown, message: string = textOf(error)): Failed => ({
  _tag: "Failed",
  kind: "Defect",
  message: error instanceof Error && message === error.message ? `${error.name}: ${message}` : message,
  error,
  encoded: undefined
})

/** A failure by the task's own time limit. */
export const timeout = (definition: Definition): Failed => ({
  _tag: "Failed",
  kind: "Timeout",
  message: `the attempt took longer than ${definition.timeoutMs} ms`,
  error: undefined,
  encoded: undefined
})

const typed = (definition: Definition, error: unknown): Failed | undefined => {
  const encoded = definition.encodeError(error)
  return Result.isSuccess(encoded)
    ? { _tag: "Failed", kind: tagOf(error) ?? "Error", message: textOf(error), error, encoded: encoded.success }
    : undefined
}

const completedVerdict = (success: string | undefined): string =>
  success === undefined ? `{"_tag":"Completed"}` : `{"_tag":"Completed","success":${JSON.stringify(success)}}`

const success = (claimed: ClaimedJob, definition: Definition, value: unknown): Ending => {
  const encoded = definition.encodeSuccess(value)
  return Result.isSuccess(encoded)
    ? {
      _tag: "complete",
      id: claimed.id,
      token: claimed.token,
      keepMs: definition.retention.completedMs,
      verdict: completedVerdict(encoded.success)
    }
    : defect(value, `the success does not fit the task's schema: ${encoded.failure}`)
}

/** What a handler's `Outcome` means to the broker. */
const outcome = (claimed: ClaimedJob, definition: Definition, { decision }: Outcome): Settlement => {
  const { id, token } = claimed
  switch (decision._tag) {
    case "Snooze":
      return { _tag: "snooze", id, token, delayMs: decision.delayMs }
    case "Release":
      return { _tag: "release", id, token }
    case "Cancel":
      return cancelled(claimed, definition, "handler", decision.reason)
    case "Discard": {
      const verdict = Verdict.encode({ _tag: "Dead", reason: "discarded", message: decision.reason })
      return { _tag: "die", id, token, keepMs: definition.retention.deadMs, verdict, failure: undefined }
    }
  }
}

const cancelled = (
  claimed: ClaimedJob,
  definition: Definition,
  by: Verdict.CancelledBy,
  reason: string
): Settlement => ({
  _tag: "cancel",
  id: claimed.id,
  token: claimed.token,
  keepMs: definition.retention.cancelledMs,
  verdict: Verdict.encode({ _tag: "Cancelled", by, reason })
})

/** What the reason of our own interruption asks for. */
export const stopped = (claimed: ClaimedJob, definition: Definition, stop: Stop): Ending => {
  switch (stop._tag) {
    case "Lost":
      return undefined
    case "Cancel":
      return cancelled(claimed, definition, "operator", stop.reason)
    case "Timeout":
      return timeout(definition)
    case "Shutdown":
      return { _tag: "release", id: claimed.id, token: claimed.token }
  }
}

const errorOf = (reason: Cause.Reason<unknown>): unknown =>
  reason._tag === "Fail" ? reason.error : reason._tag === "Die" ? reason.defect : undefined

const failure = (
  claimed: ClaimedJob,
  definition: Definition,
  reasons: ReadonlyArray<Cause.Reason<unknown>>,
  stop: Stop | undefined
): Ending => {
  const said = reasons.map(errorOf).find((error) => error instanceof Outcome)
  if (said !== undefined) return outcome(claimed, definition, said)
  if (stop !== undefined && reasons.some((reason) => reason._tag === "Interrupt")) {
    return stopped(claimed, definition, stop)
  }
  for (const reason of reasons) {
    // one defect alone is a bug even if it looks like the task's error; among several, one may be the handler's failure
    if (reason._tag === "Fail" || (reason._tag === "Die" && reasons.length > 1)) {
      const found = typed(definition, errorOf(reason))
      if (found !== undefined) return found
    }
  }
  const first = reasons.find((reason) => reason._tag !== "Interrupt")
  return first === undefined ? defect(undefined, "the handler interrupted itself") : defect(errorOf(first))
}

/** How the attempt ended. `stop` is why this process interrupted the handler, if it did. */
export const classify = (
  claimed: ClaimedJob,
  definition: Definition,
  exit: Exit.Exit<unknown, unknown>,
  stop: Stop | undefined
): Ending => {
  if (stop !== undefined && stop._tag === "Lost") return undefined
  if (Exit.isFailure(exit)) return failure(claimed, definition, exit.cause.reasons, stop)
  return exit.value instanceof Outcome
    ? outcome(claimed, definition, exit.value)
    : success(claimed, definition, exit.value)
}

/** What a failed attempt leads to, once the policy has decided. `startedAtMs` is epoch ms by the broker's clock. */
export const settleFailed = (
  claimed: ClaimedJob,
  definition: Definition,
  failed: Failed,
  decision: Decision,
  by: { readonly consumer: string; readonly startedAtMs: number }
): Settlement => {
  const { attempt, id, token } = claimed
  const { encoded, kind, message } = failed
  const ledger = Verdict.encodeFailure({ attempt, kind, message, ...by })
  if (decision._tag === "Retry") {
    return { _tag: "retry", id, token, delayMs: Math.max(0, Math.ceil(decision.delayMs)), failure: ledger }
  }
  const verdict = Verdict.encode({
    _tag: "Dead",
    reason: decision.why,
    message,
    ...(encoded === undefined ? {} : { error: encoded })
  })
  return { _tag: "die", id, token, keepMs: definition.retention.deadMs, verdict, failure: ledger }
}
