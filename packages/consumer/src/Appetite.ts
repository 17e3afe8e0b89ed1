/**
 * Whether there may be jobs to claim in a queue, and when to look again if not.
 *
 * `QueueRunner` asks before each round and tells what came of it. After a claim that got less than it asked for there is
 * no use in asking again until somebody wakes us, the next job is due, or the slow poll comes round. Reads the broker's
 * `nextDueMs`, which is relative, so clocks need not agree.
 */
import type { ExchangeReply } from "@sluice/core/Broker"
import * as Alarm from "./Alarm.ts"
import type { Host } from "./Host.ts"
import type { Call } from "./Lane.ts"

/** A reply with fewer jobs than asked, but with this much text, was cut by its size: there is more. */
const cutByTextLength = 1_000_000

const isCut = (jobs: ExchangeReply["jobs"]): boolean =>
  jobs.reduce((length, { job }) => length + job.payload.length, 0) >= cutByTextLength

/** See the module. */
export class Appetite {
  /** Whether there may be jobs to claim. */
  hungry = true
  /** Whether the last claim got all it asked for. */
  flowing = false
  /** How many wake-ups and full claims have come: a claim that was sent before the last one says nothing about now. */
  news = 0
  private readonly host: Host
  private readonly pollMs: number
  private readonly alarm: Alarm.Alarm

  /** `onHungry` is called when it is time to look. It must not throw. */
  constructor(host: Host, pollMs: number, onHungry: () => void) {
    this.host = host
    this.pollMs = pollMs
    this.alarm = Alarm.make(host, () => {
      this.hungry = true
      onHungry()
    })
  }

  /** Somebody told us that there may be work. */
  woken(): void {
    this.news++
    this.hungry = true
  }

  /**
   * What a call brought. Only a short claim that is the last word makes it rest: the broker then knows that we wait. It
   * does not know after a full one, and not surely where the reply to the first try was lost.
   */
  fed({ news, request: { claim }, tries }: Call, { jobs, nextDueMs }: ExchangeReply): void {
    if (claim === 0) return
    if (jobs.length === claim) {
      this.news++
      this.hungry = this.flowing = true
    } else if (tries > 1) this.hungry = true
    else if (news === this.news && !isCut(jobs)) this.rest(nextDueMs)
  }

  /** Looks for nothing any more. */
  close(): void {
    this.alarm.clear()
  }

  private rest(nextDueMs: number | undefined): void {
    this.hungry = false
    this.flowing = false
    const poll = this.pollMs * (0.8 + 0.4 * this.host.random())
    this.alarm.set(this.host.nowMs() + (nextDueMs === undefined ? poll : Math.min(poll, Math.max(1, nextDueMs))))
  }
}
