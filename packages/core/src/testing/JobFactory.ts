/**
 * Makes jobs, settlements and verdicts for tests against a `Broker`: valid ones, of which a test names only what matters
 * to it. For tests of engines and brokers; apps enqueue through their tasks.
 */
import type { NewJob } from "../broker/Broker.ts"
import type { ClaimedJob, LeaseRef, Settlement } from "../broker/Lease.ts"
import * as Verdict from "../job/Verdict.ts"

/** A job of task "test", version 1, payload `{}`, 3 attempts, due at once, kept for ever when dead. */
export const job = (overrides: Partial<NewJob> = {}): NewJob => ({
  id: undefined,
  task: "test",
  version: 1,
  payload: "{}",
  priority: 0,
  attempts: 3,
  maxAgeMs: 0,
  crashDelayMs: 1000,
  keepDeadMs: 86_400_000,
  key: undefined,
  trace: undefined,
  delayMs: 0,
  runAtMs: undefined,
  awaited: false,
  ...overrides
})

/** `count` jobs, each made from its index. */
export const jobs = (count: number, of: (index: number) => Partial<NewJob> = () => ({})): ReadonlyArray<NewJob> =>
  Array.from({ length: count }, (_, index) => job(of(index)))

/** The text of the verdict of a completed job; `success` is JSON text. */
export const completed = (success?: string): string =>
  Verdict.encode(success === undefined ? { _tag: "Completed" } : { _tag: "Completed", success })

/** The text of the verdict of a job that its own handler cancelled. */
export const cancelled = (reason = "no longer needed"): string =>
  Verdict.encode({ _tag: "Cancelled", by: "handler", reason })

/** The text of the verdict of a dead job. */
export const dead = (message = "gave up"): string => Verdict.encode({ _tag: "Dead", reason: "exhausted", message })

/** The text of one failed attempt. */
export const failure = (attempt: number, message = "boom"): string =>
  Verdict.encodeFailure({ attempt, kind: "Boom", message })

const ref = ({ id, token }: LeaseRef): LeaseRef => ({ id, token })

/** Settlements of a claimed job. Retention defaults to a day. */
export const settle = {
  complete: (claimed: LeaseRef, keepMs = 86_400_000, verdict = completed()): Settlement => ({
    _tag: "complete",
    ...ref(claimed),
    keepMs,
    verdict
  }),
  cancel: (claimed: LeaseRef, keepMs = 86_400_000, verdict = cancelled()): Settlement => ({
    _tag: "cancel",
    ...ref(claimed),
    keepMs,
    verdict
  }),
  die: (claimed: ClaimedJob, keepMs = 86_400_000, verdict = dead()): Settlement => ({
    _tag: "die",
    ...ref(claimed),
    keepMs,
    verdict,
    failure: failure(claimed.attempt)
  }),
  retry: (claimed: ClaimedJob, delayMs = 1000): Settlement => ({
    _tag: "retry",
    ...ref(claimed),
    delayMs,
    failure: failure(claimed.attempt)
  }),
  snooze: (claimed: LeaseRef, delayMs = 1000): Settlement => ({ _tag: "snooze", ...ref(claimed), delayMs }),
  release: (claimed: LeaseRef): Settlement => ({ _tag: "release", ...ref(claimed) }),
  handBack: (claimed: LeaseRef, delayMs = 1000): Settlement => ({
    _tag: "handBack",
    ...ref(claimed),
    delayMs,
    why: "unknown-task"
  })
} as const
