/**
 * How long to wait after the n-th failed attempt: numbers only. Pure; used by `RetryPolicy`.
 *
 * The jitter comes from the job's id and the attempt, not from a random source, so every process that asks about the
 * same failure gets the same answer, and jobs that failed together still come back apart.
 */
import { year } from "./Milliseconds.ts"

/** The wait after a failed attempt (1-based), in ms, before jitter; may exceed the cap. */
export type Backoff = (attempt: number) => number

/** `initial`, then `factor` times more after each failure. */
export const exponential = (initialMs: number, factor: number): Backoff => (attempt) =>
  // zero stays zero, where zero times an infinite power would be no number
  initialMs === 0 ? 0 : initialMs * Math.pow(factor, attempt - 1)

/** `initial`, then `step` more after each failure. */
export const linear = (initialMs: number, stepMs: number): Backoff => (attempt) => initialMs + stepMs * (attempt - 1)

/** The same after each failure. */
export const fixed = (delayMs: number): Backoff => () => delayMs

/**
 * A number in [0, 1) that depends on the job and the attempt alone: FNV-1a over both, then the finalizer of MurmurHash3,
 * without which ids that differ only in their last character would get neighbouring numbers.
 */
export const fraction = (jobId: string, attempt: number): number => {
  let hash = 0x811c9dc5 ^ attempt
  for (let index = 0; index < jobId.length; index++) hash = Math.imul(hash ^ jobId.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296
}

/**
 * The wait in whole ms: the delay, spread evenly over `1 - jitter` to `1 + jitter` times itself, and never above the cap
 * or a year. What is negative counts as 0.
 */
export const spread = (delayMs: number, jitter: number, capMs: number, jobId: string, attempt: number): number => {
  const most = Math.min(capMs, year)
  const base = Math.min(delayMs, most)
  const spreadMs = jitter === 0 ? base : base * (1 - jitter + 2 * jitter * fraction(jobId, attempt))
  return Math.max(0, Math.min(most, Math.round(spreadMs)))
}
