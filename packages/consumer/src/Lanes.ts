/**
 * All lanes of one queue, and what is under way on them together.
 *
 * `QueueRunner` owns them. Times are the host's monotonic ms.
 */
import { type Call, Lane, type Owner } from "./Lane.ts"

/** See the module. */
export class Lanes {
  readonly all: ReadonlyArray<Lane>

  constructor(count: number, owner: Owner) {
    this.all = Array.from({ length: count }, (_, n) => new Lane(String(n), owner))
  }

  /** Lanes with a call under way. */
  busy(): number {
    return this.sum(() => 1)
  }

  /** Jobs that are asked for; `isHeld`: without those of calls that have failed. */
  claiming(isHeld = false): number {
    return this.sum(({ failed, request }) => isHeld && failed ? 0 : request.claim)
  }

  /** Settlements that were sent. */
  settling(): number {
    return this.sum(({ request }) => request.settle.length)
  }

  /** Whether a call has failed and is not answered yet. */
  isFailing(): boolean {
    return this.all.some(({ call }) => call?.failed)
  }

  /** When a call under way was sent last; 0: there is none. */
  lastSentAt(): number {
    return this.all.reduce((latest, { call }) => Math.max(latest, call?.lastSentAt ?? 0), 0)
  }

  /** When the call was sent first that has been under way for longest; `undefined`: there is none. */
  oldestAt(): number | undefined {
    const times = this.all.flatMap(({ call }) => call === undefined ? [] : [call.firstSentAt])
    return times.length === 0 ? undefined : Math.min(...times)
  }

  private sum(of: (call: Call) => number): number {
    return this.all.reduce((sum, { call }) => call === undefined ? sum : sum + of(call), 0)
  }
}
