/**
 * The slots that all queues of one consumer share, where it has a concurrency of its own.
 *
 * Each `QueueRunner` asks how many it may take, and says when some may have become free for others. Queues of a higher
 * priority come first; those of the same share by their weights (`Shares`). It holds no queue back that could claim, and
 * takes no slot from a running job. What it remembers is how long each queue has had slots that belong to nobody alone.
 */
import { allot, type Allotment, type Standing } from "./Shares.ts"

/** A queue that shares. */
export interface Sharer extends Pick<Standing, "weight" | "concurrency"> {
  readonly priority: number
  /** As in `Standing`, now. */
  readonly held: () => number
  readonly isHungry: () => boolean
  /** Claims what it may, if it can at this moment. */
  readonly serve: () => void
}

/** What a queue may take at this moment. Worth nothing any more once something has changed. */
export interface Grant {
  readonly slots: number
  /** To be called with how many of them were taken, before anything else is asked. */
  readonly take: (count: number) => void
}

interface Member extends Standing {
  readonly sharer: Sharer
  held: number
  hungry: boolean
  /** In slots times ms. */
  credit: number
  allotment: Allotment
}

const none: Grant = { slots: 0, take: () => {} }
const nothing: Allotment = { sure: 0, extra: 0, whole: 0, fraction: 0 }

/** The most that a queue can be owed or owe (slots times ms), so that one long job is not paid back for as long. */
const mostCredit = 60_000
/** How long (ms) each slot counts at least: jobs that take no time at all take turns, too. */
const leastMs = 0.001

/** See the module. */
export class SharedSlots {
  private readonly total: number
  private readonly nowMs: () => number
  private readonly members = new Map<Sharer, Member>()
  /** By priority, highest first. */
  private readonly tiers: Array<Array<Member>> = []
  private plannedAt: number

  /** `total`: how many slots there are. `nowMs`: any clock that only goes forward. */
  constructor(total: number, nowMs: () => number) {
    this.total = total
    this.nowMs = nowMs
    this.plannedAt = nowMs()
  }

  /** Takes part from now on. */
  join(sharer: Sharer): void {
    const { concurrency, priority, weight } = sharer
    const member: Member = { sharer, weight, concurrency, held: 0, hungry: false, credit: 0, allotment: nothing }
    this.members.set(sharer, member)
    const tier = this.tiers.find(([first]) => first?.sharer.priority === priority)
    if (tier === undefined) this.tiers.push([member])
    else tier.push(member)
    this.tiers.sort(([one], [other]) => (other?.sharer.priority ?? 0) - (one?.sharer.priority ?? 0))
  }

  /** Slots that no queue holds. */
  free(): number {
    let free = this.total
    for (const sharer of this.members.keys()) free -= sharer.held()
    return free
  }

  /** What the queue may take now. One without known work gets what all others leave. */
  grant(sharer: Sharer): Grant {
    const member = this.members.get(sharer)
    const free = this.free()
    if (free <= 0 || member === undefined) return none
    const left = this.plan(free)
    const { extra, sure } = member.allotment
    return {
      slots: member.hungry ? sure + extra : left,
      take: (count) => {
        if (member.hungry && count > sure) this.owe(leastMs, member)
        member.held += count
      }
    }
  }

  /** Something has changed for the one who calls: lets the others have what is free now. */
  offer(from: Sharer): void {
    const free = this.free()
    if (free <= 0) return
    this.plan(free)
    for (const { allotment, sharer } of this.members.values()) {
      if (allotment.sure + allotment.extra > 0 && sharer !== from) sharer.serve()
    }
  }

  /** Shares out what is free; answers how much of it nobody has a use for. */
  private plan(free: number): number {
    const now = this.nowMs()
    this.owe(now - this.plannedAt)
    this.plannedAt = now
    let slots = this.total
    let left = free
    for (const tier of this.tiers) {
      for (const member of tier) {
        member.held = member.sharer.held()
        member.hungry = member.sharer.isHungry()
      }
      allot(slots, left, tier).forEach((allotment, index) => {
        const member = tier[index]!
        member.allotment = allotment
        slots -= member.hungry ? member.concurrency : member.held
        left -= allotment.sure + allotment.extra
      })
      slots = Math.max(0, slots)
    }
    return left
  }

  /** For so long (ms) each queue was due its fraction of a slot, and some had a whole one; or `taker` alone had. */
  private owe(ms: number, taker?: Member): void {
    for (const member of this.members.values()) {
      const { allotment: { fraction, whole }, credit, held } = member
      if (fraction === 0) continue
      const had = taker === undefined ? held > whole : member === taker
      member.credit = Math.max(-mostCredit, Math.min(mostCredit, credit + (fraction - (had ? 1 : 0)) * ms))
    }
  }
}
