/**
 * The name of every metric, once: what processes record, dashboards and alerts read.
 *
 * Names follow Prometheus: a unit or `_total` at the end. Each has the attribute `queue`; further ones stand beside it.
 */

/** Jobs that this process has claimed. A counter. */
export const jobsClaimed = "sluice_jobs_claimed_total"

/**
 * Attempts whose end the broker has taken from this process. A counter, with `outcome`: `complete`, `retry`, `die`,
 * `cancel`, `snooze`, `release` or `handBack`.
 */
export const jobsSettled = "sluice_jobs_settled_total"

/** Attempts whose end came too late: their lease had run out, and nothing was changed. A counter. */
export const settlementsLost = "sluice_settlements_lost_total"

/** Jobs whose handler runs in this process. A gauge. */
export const jobsRunning = "sluice_jobs_running"

/** How many may run at once in this process. A gauge. */
export const slots = "sluice_slots"
