/**
 * When to try again: how long to wait after a failed attempt, how often, and for how long.
 *
 * Tasks name a policy; the consumer asks `decide` after each failure. The only state is the attempt count, and the
 * limits travel in the job, so any process decides alike about the same failure. Rules say what differs for one error.
 * A policy holds no job and starts no timer. What `decide` does is in `RetryDecision.ts`.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import type * as Schedule from "effect/Schedule"
import * as Backoff from "./Backoff.ts"
import { inRange, read, year } from "./Milliseconds.ts"
import { type Limits, make, planOf, type RetryPolicy, type Rule, typed, within } from "./RetryPlan.ts"

export { decide, type Decision, type Facts } from "./RetryDecision.ts"
export type { Limits, RetryPolicy } from "./RetryPlan.ts"

const delayOf = (option: string, input: Duration.Input): number => inRange(`RetryPolicy: ${option}`, input, 0, year)

/**
 * Waits `initial`, then `factor` (default 2, at least 1) times longer after each failure, never longer than `cap`
 * (default a year). Throws a `RangeError` that names the option when one is out of range.
 */
export const exponential = (
  options: Limits & {
    readonly initial: Duration.Input
    readonly factor?: number | undefined
    readonly cap?: Duration.Input | undefined
  }
): RetryPolicy => {
  const factor = within("factor", options.factor ?? 2, 1, 1000)
  const backoff = Backoff.exponential(delayOf("initial", options.initial), factor)
  return typed(make(backoff, delayOf("cap", options.cap ?? year), 0.2, options))
}

/** Waits `initial`, then `step` (default: `initial`) longer after each failure, never longer than `cap` (default a year). */
export const linear = (
  options: Limits & {
    readonly initial: Duration.Input
    readonly step?: Duration.Input | undefined
    readonly cap?: Duration.Input | undefined
  }
): RetryPolicy => {
  const backoff = Backoff.linear(
    delayOf("initial", options.initial),
    delayOf("step", options.step ?? options.initial)
  )
  return typed(make(backoff, delayOf("cap", options.cap ?? year), 0.2, options))
}

/** Waits the same after each failure: `delay`, spread by the jitter. */
export const fixed = (options: Limits & { readonly delay: Duration.Input }): RetryPolicy =>
  typed(make(Backoff.fixed(delayOf("delay", options.delay)), year, 0.2, options))

/**
 * Waits as a schedule says, and gives up when it ends. It is replayed from its start for each decision, fed with the
 * current error at every step, under a clock that shows the sum of its own delays and a random source seeded by the job
 * and the attempt. So it must not depend on the time of day, and costs a step per attempt. It sees defects and time-outs
 * too. `attempts` is beside it because whoever rescues a crashed job has no schedule.
 */
export const fromSchedule = <Output, Input>(
  schedule: Schedule.Schedule<Output, Input>,
  limits: Limits = {}
): RetryPolicy<never, Input> =>
  // what reads `Input` is kept as one that reads anything: the task's errors are checked against it by the type above
  typed(make(schedule as Schedule.Schedule<Output, unknown>, year, 0, limits))

/**
 * Waits exactly this long, without jitter: for a rule, as in `(error) => after(error.retryAfter)`. Durations from outside
 * do not throw: a negative one means at once, one beyond a year, or infinite, a year.
 */
export const after = (delay: Duration.Input): RetryPolicy => {
  const millis = read(delay)
  const negative = Duration.isNegative(Duration.fromInputUnsafe(delay))
  return typed(make(Backoff.fixed(negative ? 0 : millis ?? year), year, 0, {}))
}

/** Does not try again. As a task's own policy: one attempt, even after a crash. */
export const never: RetryPolicy = typed(make(Backoff.fixed(0), year, 0, { attempts: 1 }))

/**
 * Adds a rule for one error: another policy, or a function of the error that answers one. The rule decides the delay; of
 * its limits those count that it names and that are tighter than the job's. Of several rules that match, the one added
 * last counts. An error is matched by its class (`instanceof`) or by its `_tag`.
 *
 * A rule that throws is logged and passed over: a bug in it does not end the job.
 */
export const when: {
  <E extends { readonly _tag: string }>(
    error: abstract new (...args: Array<never>) => E,
    rule: RetryPolicy<never, E> | ((error: E) => RetryPolicy<never, E>)
  ): <Rules extends string, Input>(self: RetryPolicy<Rules, Input>) => RetryPolicy<Rules | E["_tag"], Input>
  <const Tag extends string>(
    tag: Tag,
    rule: RetryPolicy
  ): <Rules extends string, Input>(self: RetryPolicy<Rules, Input>) => RetryPolicy<Rules | Tag, Input>
} = (
  error: string | (abstract new (...args: Array<never>) => unknown),
  rule: RetryPolicy.Any | ((error: never) => RetryPolicy.Any)
) =>
<Rules extends string, Input>(self: RetryPolicy<Rules, Input>): RetryPolicy<never, Input> => {
  const plan = planOf(self)
  const matches = typeof error === "string"
    ? (value: unknown) => typeof value === "object" && value !== null && "_tag" in value && value._tag === error
    : (value: unknown) => value instanceof error
  // a rule is called only with an error that `matches` has accepted
  const added: Rule = { matches, policy: rule as Rule["policy"] }
  return typed({ ...plan, rules: [...plan.rules, added] })
}

/**
 * The policy of tasks that name none, as a service with a default, so that an app can set its own: exponential from 1
 * second to 10 minutes, 10 attempts. Both who enqueues (limits) and who runs (delays) read it.
 */
export const Default: Context.Reference<RetryPolicy.Any> = Context.Reference<RetryPolicy.Any>(
  "@sluice/core/RetryPolicy/Default",
  { defaultValue: () => exponential({ initial: "1 second", cap: "10 minutes", attempts: 10 }) }
)
