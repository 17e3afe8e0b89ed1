/**
 * What a retry policy is made of: its public limits, and the plan behind them.
 *
 * Internal, but for the type `RetryPolicy` and `Limits`, which `RetryPolicy.ts` exports. A policy is made here and
 * nowhere else, so that whoever holds one may read its plan.
 */
import type * as Duration from "effect/Duration"
import * as Pipeable from "effect/Pipeable"
import type * as Schedule from "effect/Schedule"
import type { Backoff } from "./Backoff.ts"
import { inRange, year } from "./Milliseconds.ts"

/** A retry policy: `Rules` are the tags it has rules for, `Input` what its schedules read. */
export interface RetryPolicy<out Rules extends string = never, in Input = unknown> extends Pipeable.Pipeable {
  readonly "~@sluice/core/RetryPolicy": { readonly rules: () => Rules; readonly input: (input: Input) => void }
  /** Attempts in all, the first one included; at least 1. Travels in the job. */
  readonly attempts: number
  /** Milliseconds since the enqueue after which no attempt starts anew; 0: no limit. Travels in the job. */
  readonly maxAgeMs: number
  /** Milliseconds to wait after a consumer vanished. Travels in the job. */
  readonly crashDelayMs: number
}

export declare namespace RetryPolicy {
  /** Any policy, whatever its rules. */
  export type Any = RetryPolicy<string, never>
}

/** What `RetryDecision` reads of a policy besides its limits. */
export interface Plan extends RetryPolicy.Any {
  /** How the delay is found: computed from the attempt, or by replaying a schedule. */
  readonly delay: Backoff | Schedule.Schedule<unknown, unknown>
  /** 0 to 1. */
  readonly jitter: number
  readonly capMs: number
  /** The limits that were written down, not defaults: only these count where the policy stands as a rule. */
  readonly written: { readonly attempts: number; readonly maxAgeMs: number }
  /** In the order in which they were added; of those that match, the last one counts. */
  readonly rules: ReadonlyArray<Rule>
}

/** What differs for one error. */
export interface Rule {
  readonly matches: (error: unknown) => boolean
  readonly policy: RetryPolicy.Any | ((error: unknown) => RetryPolicy.Any)
}

/** What all policies take. */
export interface Limits {
  /** Attempts in all, the first one included: 1 to 1,000,000. Default 10. */
  readonly attempts?: number | undefined
  /** How long after its enqueue a job may still be attempted again; more than 0, at most a year. Default: no limit. */
  readonly maxAge?: Duration.Input | undefined
  /**
   * Spreads each delay over `delay * (1 - jitter)` to `delay * (1 + jitter)`, by the job's id and attempt; the result
   * never exceeds the cap. 0 to 1. Default 0.2; 0 for `fromSchedule`, which spreads by its own means.
   */
  readonly jitter?: number | undefined
  /** The wait before the next attempt after a consumer vanished with the job; at most a year. Default 1 second. */
  readonly crashDelay?: Duration.Input | undefined
}

const whole = (value: number): number => {
  if (Number.isInteger(value) && value >= 1 && value <= 1_000_000) return value
  throw new RangeError(`RetryPolicy: attempts is ${value}; it has to be a whole number from 1 to 1000000`)
}

/** The value, or a `RangeError` that names the option when it is not from `minimum` to `maximum`. Internal. */
export const within = (option: string, value: number, minimum: number, maximum: number): number => {
  if (value >= minimum && value <= maximum) return value
  throw new RangeError(`RetryPolicy: ${option} is ${value}; it has to be from ${minimum} to ${maximum}`)
}

/** Makes a policy. Throws a `RangeError` that names the limit that is out of range. Internal. */
export const make = (delay: Plan["delay"], capMs: number, jitter: number, limits: Limits): Plan => {
  const attempts = limits.attempts === undefined ? undefined : whole(limits.attempts)
  const maxAgeMs = limits.maxAge === undefined ? 0 : inRange("RetryPolicy: maxAge", limits.maxAge, 1, year)
  return {
    ...Pipeable.Prototype,
    "~@sluice/core/RetryPolicy": { rules: () => "", input: () => {} },
    attempts: attempts ?? 10,
    maxAgeMs,
    crashDelayMs: inRange("RetryPolicy: crashDelay", limits.crashDelay ?? 1000, 0, year),
    delay,
    jitter: within("jitter", limits.jitter ?? jitter, 0, 1),
    capMs,
    written: { attempts: attempts ?? Number.POSITIVE_INFINITY, maxAgeMs },
    rules: []
  }
}

/**
 * `planOf` and `typed` are the one boundary between the phantom types and the data: every policy is made by `make`, and so
 * has a plan. Internal.
 */
export const planOf = (policy: RetryPolicy.Any): Plan => policy as Plan
/** A plan as the policy it is behind. Internal. */
export const typed = <Rules extends string = never, Input = unknown>(plan: Plan): RetryPolicy<Rules, Input> =>
  plan as RetryPolicy.Any as RetryPolicy<Rules, Input>
