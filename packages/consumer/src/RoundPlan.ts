/**
 * What the next round of settling and claiming carries, or that none is needed now. Pure.
 *
 * `QueueRunner` asks whenever a lane is free. The first round under way goes at once, however small, so that nothing
 * waits when there is little to do. A further one goes beside it only with a full share of the slots: the rest gathers
 * until a reply comes back, so that batches grow with the load by themselves and no timer is needed.
 */

/** What is known when a lane is free. */
export interface Situation {
  /** Settlements that wait to be sent. */
  readonly unsent: number
  /** Slots with neither a job nor a claim under way. */
  readonly free: number
  /** Whether there may be jobs to claim. */
  readonly hungry: boolean
  /** Whether the last claim got all it asked for. */
  readonly flowing: boolean
  /** Whether a wake-up came that this consumer has no slot for: another one is to be told. */
  readonly passOn: boolean
  /** Lanes with a round under way, and all lanes. */
  readonly busy: number
  readonly lanes: number
  readonly concurrency: number
}

/** The numbers of one round. */
export interface Round {
  readonly settle: number
  readonly claim: number
}

/** The most that one call carries of each. */
export const largest = 1000

/** The next round, or `undefined`. */
export const next = (now: Situation): Round | undefined => {
  const { busy, concurrency, flowing, free, hungry, lanes, passOn, unsent } = now
  const share = Math.ceil(concurrency / lanes)
  const wanted = hungry ? free : 0
  if (busy > 0 && Math.max(unsent, wanted) < share) return undefined
  if (unsent === 0 && wanted === 0 && !(passOn && busy === 0)) return undefined
  const isLast = busy === lanes - 1
  const split = flowing && lanes > 1
  return {
    settle: Math.min(split && !isLast ? share : unsent, unsent, largest),
    // a settling round claims too, whatever is known of the queue: it costs nothing more
    claim: Math.min(split ? share : free, busy === 0 ? free : wanted, largest)
  }
}
