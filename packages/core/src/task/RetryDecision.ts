/**
 * What a retry policy says after one failed attempt: try again after so long, or give up and why.
 *
 * The consumer engine calls `decide` once per failure. The decision is a function of the facts alone; it is an effect
 * only because rules and schedules are user code, which may fail to answer.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { exponential, spread } from "./Backoff.ts"
import { type Plan, planOf, type RetryPolicy } from "./RetryPlan.ts"

/** What a decision is made from: data only, so that any process decides alike. */
export interface Facts {
  readonly jobId: string
  /** The attempt that failed, 1-based. */
  readonly attempt: number
  /** The job's limits, as they travel in it. */
  readonly attempts: number
  readonly maxAgeMs: number
  /** How long ago the job was enqueued, ms. */
  readonly ageMs: number
  /** The handler's typed error; `undefined`-like values and defects are given as they are. */
  readonly error: unknown
}

/** What to do after a failed attempt. */
export type Decision =
  | { readonly _tag: "Retry"; readonly delayMs: number }
  | { readonly _tag: "GiveUp"; readonly why: "exhausted" | "expired" }

const exhausted: Decision = { _tag: "GiveUp", why: "exhausted" }
const expired: Decision = { _tag: "GiveUp", why: "expired" }

/** The delay is known: does the job live long enough to see it? */
const conclude = (maxAgeMs: number, ageMs: number, delayMs: number): Decision =>
  maxAgeMs > 0 && ageMs + delayMs >= maxAgeMs ? expired : { _tag: "Retry", delayMs }

const patience = "5 seconds"

const tighter = (one: number, other: number): number => one === 0 ? other : other === 0 ? one : Math.min(one, other)

/** The delay after `attempt` failures, by stepping a fresh run of the schedule that often; `undefined`: it has ended. */
const replay = Effect.fnUntraced(function*(schedule: Schedule.Schedule<unknown, unknown>, facts: Facts) {
  const step = yield* Schedule.toStep(schedule)
  let now = 0
  for (let attempt = 1;; attempt++) {
    const result = yield* Pull.catchDone(step(now, facts.error), () => Effect.undefined)
    if (result === undefined) return undefined
    const delayMs = Duration.toMillis(result[1])
    if (attempt >= facts.attempt) return delayMs
    now += delayMs
  }
})

const decideBy = (plan: Plan, attempts: number, maxAgeMs: number, facts: Facts): Effect.Effect<Decision> => {
  if (facts.attempt >= attempts) return Effect.succeed(exhausted)
  const { attempt, jobId } = facts
  const finish = (delayMs: number) =>
    conclude(maxAgeMs, facts.ageMs, spread(delayMs, plan.jitter, plan.capMs, jobId, attempt))
  return typeof plan.delay === "function"
    ? Effect.succeed(finish(plan.delay(attempt)))
    : replay(plan.delay, facts).pipe(
      // a schedule that never answers would hold the job's slot for ever: it counts as one that dies
      Effect.timeout(patience),
      Effect.orDie,
      Random.withSeed(`${jobId}/${attempt}`),
      Effect.map((delayMs) => delayMs === undefined ? exhausted : finish(delayMs))
    )
}

const warn = (what: string, facts: Facts, defect: unknown) =>
  Effect.logWarning(`${what} of job ${facts.jobId} failed after attempt ${facts.attempt}`, defect)

/** By the policy's own delays. A schedule that dies is logged and stands in for by 1 s, doubling to 10 min. */
const decideByBase = (plan: Plan, facts: Facts): Effect.Effect<Decision> => {
  const decision = decideBy(plan, facts.attempts, facts.maxAgeMs, facts)
  if (typeof plan.delay === "function") return decision
  return Effect.catchDefect(decision, (defect) =>
    Effect.andThen(
      warn("The retry schedule", facts, defect),
      decideBy({ ...plan, delay: exponential(1000, 2), capMs: 600_000 }, facts.attempts, facts.maxAgeMs, facts)
    ))
}

/**
 * What the policy says after this failure. Never fails: a rule that dies is logged and passed over, a schedule that dies
 * is logged and stood in for by a plain exponential one.
 */
export const decide = (policy: RetryPolicy.Any, facts: Facts): Effect.Effect<Decision> => {
  const plan = planOf(policy)
  const rule = plan.rules.findLast((candidate) => candidate.matches(facts.error))
  if (rule === undefined) return decideByBase(plan, facts)
  return Effect.suspend(() => {
    const own = planOf(typeof rule.policy === "function" ? rule.policy(facts.error) : rule.policy)
    const attempts = Math.min(facts.attempts, own.written.attempts)
    return decideBy(own, attempts, tighter(facts.maxAgeMs, own.written.maxAgeMs), facts)
  }).pipe(
    Effect.catchDefect((defect) => Effect.andThen(warn("The retry rule", facts, defect), decideByBase(plan, facts)))
  )
}
