/**
 * Whether a claimed job can be run by this process at all, and what becomes of it if not. Pure.
 *
 * `JobRunner` asks before it decodes the payload. A job that this process does not know, or only in older versions, is
 * handed back for others and costs no attempt: during a rolling update both happen all the time.
 */
import type { Definition } from "@sluice/core/Definition"
import type { ClaimedJob, Settlement } from "@sluice/core/Lease"
import * as Verdict from "@sluice/core/Verdict"

const firstHandBackMs = 5000
const lastHandBackMs = 300_000

/** How long (ms) a job waits that has been handed back so many times before: 5 s, doubling up to 5 minutes. */
export const handBackDelayMs = (times: number): number => Math.min(lastHandBackMs, firstHandBackMs * 2 ** times)

/** How long (ms) a dead job is kept: by its task, or by the copy that it carries when this process has no such task. */
const keepDeadMs = (claimed: ClaimedJob, definition: Definition | undefined): number =>
  definition?.retention.deadMs ?? claimed.job.keepDeadMs

/** Ends a job as dead without running it. */
export const die = (
  claimed: ClaimedJob,
  definition: Definition | undefined,
  reason: Verdict.DeadReason,
  message: string
): Settlement => ({
  _tag: "die",
  id: claimed.id,
  token: claimed.token,
  keepMs: keepDeadMs(claimed, definition),
  verdict: Verdict.encode({ _tag: "Dead", reason, message }),
  failure: undefined
})

/**
 * The settlement of a job that is not to be run here; `undefined`: run it.
 *
 * A job whose maximum age had passed when it was claimed still gets its first attempt (a backlog never kills what was
 * never tried), but no further one.
 */
export const refuse = (
  claimed: ClaimedJob,
  definition: Definition | undefined
): Settlement | undefined => {
  const { attempt, handedBack, id, job, startedAtMs, token } = claimed
  if (definition === undefined) {
    return { _tag: "handBack", id, token, delayMs: handBackDelayMs(handedBack), why: "unknown-task" }
  }
  if (job.version > (definition.readsUpTo ?? definition.version)) {
    return { _tag: "handBack", id, token, delayMs: handBackDelayMs(handedBack), why: "newer-version" }
  }
  if (attempt === 1) return undefined
  if (attempt > job.attempts) {
    return die(claimed, definition, "exhausted", `all ${job.attempts} attempts were used before this one began`)
  }
  if (job.maxAgeMs > 0 && startedAtMs > job.enqueuedAtMs + job.maxAgeMs) {
    return die(claimed, definition, "expired", `its maximum age of ${job.maxAgeMs} ms passed before attempt ${attempt}`)
  }
  return undefined
}
