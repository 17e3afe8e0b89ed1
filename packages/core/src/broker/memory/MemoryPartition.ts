/**
 * One partition of one queue in memory: the jobs, one sorted set per state, and what stands around them.
 *
 * The verbs beside this file are functions of (partition, now, ...) that never wait, so each is atomic. Every move goes
 * through `move`, which holds it to `JobState.canMove`. Wake-ups and verdicts for waiters are delivered by the store
 * when the verb is done (`flush`), never from inside it.
 */
import type { Ended } from "../Broker.ts"
import { canMove, type JobState } from "../../job/JobState.ts"
import type { JobId } from "../../job/JobId.ts"
import type { Totals } from "../Inspector.ts"
import { MemoryEvents } from "./MemoryEvents.ts"
import type { MemoryJob } from "./MemoryJob.ts"
import { SortedSet } from "./SortedSet.ts"

/** What a consumer is told, by which partition, and how. */
export type OnWake = (why: "work" | "cancel", partition: number) => void
/** Who listens for wake-ups of one queue, by consumer. */
export type Listeners = Map<string, Set<OnWake>>
/** Called once, with how the job ended; `undefined`: it is gone. */
export type Waiter = (ended: Ended | undefined) => void

/** The last call of one lane: what to answer when it is repeated. */
export interface Lane {
  readonly sequence: number
  readonly token: string
  readonly settled: ReadonlyArray<"settled" | "lost">
  readonly claimed: ReadonlyArray<JobId>
  readonly usedAtMs: number
}

/** 2^45: the width of a priority's band in the order score of available jobs. */
const band = 2 ** 45

/** One partition: see the module. */
export class MemoryPartition {
  readonly jobs = new Map<JobId, MemoryJob>()
  readonly sets: { readonly [State in JobState]: SortedSet } = {
    scheduled: new SortedSet(),
    blocked: new SortedSet(),
    available: new SortedSet(),
    running: new SortedSet(),
    retryable: new SortedSet(),
    completed: new SortedSet(),
    cancelled: new SortedSet(),
    dead: new SortedSet()
  }
  readonly totals: { -readonly [Name in keyof Totals]: number } = {
    enqueued: 0,
    completed: 0,
    cancelled: 0,
    dead: 0,
    retried: 0,
    rescued: 0,
    pruned: 0,
    removed: 0
  }
  readonly lanes = new Map<string, Lane>()
  /** Consumers that wait for work, the longest-waiting first, and when (epoch ms) the timer of each rings; `Infinity`: none. */
  readonly idle = new Map<string, number>()
  readonly waiters = new Map<JobId, Set<Waiter>>()
  readonly events = new MemoryEvents()
  paused = false
  private sequence = 0
  private claims = 0
  private outbox: Array<() => void> = []
  private readonly listeners: Listeners
  private readonly number: number

  /** `number`: which of the queue's partitions it is, from 0. */
  constructor(listeners: Listeners, number: number) {
    this.listeners = listeners
    this.number = number
  }

  /** Jobs in all states but the final ones. */
  get live(): number {
    const { available, blocked, retryable, running, scheduled } = this.sets
    return scheduled.size + blocked.size + available.size + running.size + retryable.size
  }

  /** The order score of a job that enters `available` anew: behind all others of its priority. */
  nextOrder(priority: number): number {
    return (100 - priority) * band + ++this.sequence
  }

  /** A lease token that no other call of this partition gets. */
  nextToken(): string {
    return (++this.claims).toString(36)
  }

  /** When the next scheduled or retryable job is due; `Infinity`: there is none. */
  nextDueAtMs(): number {
    const { retryable, scheduled } = this.sets
    return Math.min(scheduled.first()?.score ?? Infinity, retryable.first()?.score ?? Infinity)
  }

  /** The same from now, as replies say it: 0 when overdue, `undefined` when there is none. */
  nextDueMs(now: number): number | undefined {
    const at = this.nextDueAtMs()
    return at === Infinity ? undefined : Math.max(0, at - now)
  }

  /** Takes a new job in. */
  insert(job: MemoryJob, score: number): void {
    this.jobs.set(job.id, job)
    this.sets[job.state].add(job.id, score)
  }

  /** Moves a job to another state. A move that is not legal is a bug: it throws, and nothing is changed. */
  move(job: MemoryJob, to: JobState, score: number): void {
    if (!canMove(job.state, to)) throw new Error(`job ${job.id} may not go from ${job.state} to ${to}`)
    this.sets[job.state].delete(job.id)
    this.sets[to].add(job.id, score)
    job.state = to
    if (to !== "running") {
      job.lease = undefined
      job.cancelRequested = undefined
    }
  }

  /** Deletes a job and all that is known of it. */
  delete(job: MemoryJob): void {
    this.sets[job.state].delete(job.id)
    this.jobs.delete(job.id)
  }

  /** Tells those who wait for a job how it ended; `undefined`: it is gone. */
  answerWaiters(id: JobId, ended: Ended | undefined): void {
    const waiting = this.waiters.get(id)
    if (waiting === undefined) return
    this.waiters.delete(id)
    for (const waiter of waiting) this.outbox.push(() => waiter(ended))
  }

  /** Wakes up to `count` idle consumers; each leaves `idle`. Those who no longer listen leave it and don't count. */
  wakeIdle(count: number): void {
    if (this.paused) return
    for (const consumer of this.idle.keys()) {
      if (count <= 0) return
      this.idle.delete(consumer)
      if (this.listeners.has(consumer)) count--
      this.wake(consumer, "work")
    }
  }

  /**
   * Has one idle consumer come to set its timer, unless one has a timer that rings from now until the next due time. A
   * timer that should have rung belongs to a consumer that is on its way, or gone.
   */
  armIdle(now: number): void {
    const due = this.nextDueAtMs()
    if (due === Infinity) return
    for (const ringsAt of this.idle.values()) if (ringsAt > now && ringsAt <= due) return
    this.wakeIdle(1)
  }

  /** Wakes one consumer, if it listens. */
  wake(consumer: string, why: "work" | "cancel"): void {
    for (const onWake of this.listeners.get(consumer) ?? []) this.outbox.push(() => onWake(why, this.number))
  }

  /** Delivers what the last verb had to tell. */
  flush(): void {
    this.events.flush()
    if (this.outbox.length === 0) return
    const outbox = this.outbox
    this.outbox = []
    for (const deliver of outbox) deliver()
  }
}
