/**
 * Which calls the sink fails, and how: a pure function of the seed, the delivery and the number of the call.
 *
 * Neither the clock nor the order in which deliveries arrive has a say, so a run can be repeated: the same seed fails
 * the same calls, whatever the concurrency and whichever broker keeps the jobs.
 */
import { createHash } from "node:crypto"

/**
 * What the sink does to a call.
 * - `none`: takes the delivery and answers 200.
 * - `error`: answers 500.
 * - `limit`: answers 429 with a Retry-After.
 * - `silence`: never answers, so that the client has to time out.
 * - `reset`: cuts the connection.
 * - `gone`: answers 410, to every call for this delivery: trying again is of no use.
 */
export type Fault = "none" | "error" | "limit" | "silence" | "reset" | "gone"

/** How unreliable the sink is. */
export interface FaultPlan {
  readonly seed: number
  /** The share of calls that fail, 0 to 1. */
  readonly rate: number
}

/** How the failing calls are shared out: each fault up to its mark, the last one up to 1. */
const marks: ReadonlyArray<readonly [fault: Fault, upTo: number]> = [
  ["error", 0.45],
  ["limit", 0.75],
  ["silence", 0.85],
  ["reset", 1]
]

/** Of all deliveries, this share of the failure rate is gone for good: 0.9 % at a rate of 0.3. */
const goneShare = 0.03

/** A number in [0, 1) that depends on the text alone, spread as evenly as SHA-256 spreads. */
export const fraction = (text: string): number => createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32

/** What happens to the given call (1-based) for a delivery. */
export const faultFor = (plan: FaultPlan, delivery: string, call: number): Fault => {
  if (fraction(`${plan.seed}/gone/${delivery}`) < plan.rate * goneShare) return "gone"
  const drawn = fraction(`${plan.seed}/call/${call}/${delivery}`)
  if (drawn >= plan.rate) return "none"
  return marks.find(([, upTo]) => drawn / plan.rate < upTo)?.[0] ?? "reset"
}

/** How long (ms) the sink thinks before it answers a call: between the two bounds. */
export const latencyFor = (plan: FaultPlan, delivery: string, call: number, minimum: number, maximum: number): number =>
  Math.round(minimum + (maximum - minimum) * fraction(`${plan.seed}/latency/${call}/${delivery}`))
