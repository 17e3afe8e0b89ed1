/**
 * The generic cell rate algorithm: how many requests may come, smoothly, with one number to remember per caller. Pure.
 *
 * The number is the theoretical arrival time: the moment at which the caller's allowance would be whole again.
 */

/** A rate: a request each `intervalMs` on average, `burst` of them at once. */
export interface Rate {
  readonly intervalMs: number
  readonly burst: number
}

/**
 * Whether one request may come now. `waitMs` 0: it may, and `arrivalMs` is to be remembered. Else it may in `waitMs`, and
 * nothing is to be remembered. Times are ms from any one origin; `arrivalMs` is -Infinity for a caller that was never seen.
 */
export const decide = (
  { burst, intervalMs }: Rate,
  arrivalMs: number,
  nowMs: number
): { readonly waitMs: number; readonly arrivalMs: number } => {
  const next = Math.max(arrivalMs, nowMs) + intervalMs
  const waitMs = next - burst * intervalMs - nowMs
  return waitMs > 0 ? { waitMs: Math.ceil(waitMs), arrivalMs } : { waitMs: 0, arrivalMs: next }
}
