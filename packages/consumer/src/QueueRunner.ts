/**
 * Takes the jobs of one queue: counts its slots, fills them from the broker, and gives settlements back with the next
 * claim.
 *
 * `QueueEngine` makes one per queue. It claims exactly the free slots and never hoards; what ends in the same turn is
 * settled together. It starts no handler itself (`JobRunner`), keeps no lease (`Heartbeat`), and does not decide when to
 * look for work (`Appetite`) nor how much a round carries (`RoundPlan`).
 */
import type { Broker, ExchangeReply } from "@sluice/core/Broker"
import type { JobQueue } from "@sluice/core/JobQueue"
import type { Settlement } from "@sluice/core/Lease"
import type * as Effect from "effect/Effect"
import { Appetite } from "./Appetite.ts"
import type { QueueSettings } from "./ConsumerOptions.ts"
import type { Host } from "./Host.ts"
import type { JobRunner } from "./JobRunner.ts"
import type { Call, Lane, Owner } from "./Lane.ts"
import { Lanes } from "./Lanes.ts"
import * as LateReply from "./LateReply.ts"
import type { LeaseBook } from "./LeaseBook.ts"
import type { QueueHealth } from "./QueueHealth.ts"
import type { QueueMetrics } from "./QueueMetrics.ts"
import * as RoundPlan from "./RoundPlan.ts"
import type { RunningJob } from "./RunningJob.ts"
import type { SharedSlots, Sharer } from "./SharedSlots.ts"
import { Waiters } from "./Waiters.ts"

/** What a queue runner needs. */
export interface Options {
  readonly host: Host
  readonly broker: Broker["Service"]
  readonly queue: JobQueue
  readonly consumer: string
  readonly settings: QueueSettings
  /** The slots of all queues together, where those are limited. */
  readonly shared?: SharedSlots | undefined
  readonly leases: LeaseBook
  readonly runner: Pick<JobRunner, "start">
  readonly health: QueueHealth
  readonly metrics: QueueMetrics
}

/** See the module. */
export class QueueRunner implements Owner, Sharer {
  readonly weight: number
  readonly concurrency: number
  readonly priority: number
  readonly host: Host
  readonly queueName: string
  readonly exchange: Broker["Service"]["exchange"]
  private readonly options: Options
  private readonly lanes: Lanes
  private readonly appetite: Appetite
  private readonly waiters = new Waiters()
  private readonly outbox: Array<Settlement> = []
  private occupied = 0
  private told = false
  private stopping = false
  private applying = false
  private flushing = false
  private lastSentAt: number
  /** When it was last seen with nothing to do. */
  private contentAt = 0

  /** Nothing happens until `start`. */
  constructor(options: Options) {
    this.options = options
    this.weight = options.settings.weight
    this.concurrency = options.settings.concurrency
    this.priority = options.settings.priority
    this.host = options.host
    this.queueName = options.queue.name
    this.exchange = options.broker.exchange
    this.lanes = new Lanes(options.settings.lanes, this)
    this.appetite = new Appetite(options.host, options.settings.pollMs, () => this.flushSoon())
    this.lastSentAt = options.host.nowMs()
    options.shared?.join(this)
  }

  /** Starts the lanes; again: each repeats the call that it had under way. */
  start(): void {
    this.applying = false
    this.flushing = false
    this.appetite.woken()
    for (const lane of this.lanes.all) lane.start()
  }

  /** There may be work. Without room for it, as when it stops, the word is passed on. */
  wake(): void {
    this.appetite.woken()
    this.told = true
    this.flushSoon()
  }

  /** A job has ended: its slot is free, and its settlement, if there is one, goes with the next round. */
  ended(job: RunningJob, settlement: Settlement | undefined): void {
    this.occupied--
    if (settlement === undefined) this.options.leases.strike(job.claimed)
    else this.outbox.push(settlement)
    this.flushSoon()
    if (this.stopping) this.waiters.tell()
  }

  /** Claims nothing from now on; settles what there is. */
  stopClaiming(): void {
    this.stopping = true
    this.appetite.close()
    // one more round even if there is nothing to settle: it takes this consumer off the list of those to wake
    this.told = true
    this.dispatch()
  }

  /** Waits until no handler runs. For a runner that has stopped claiming. */
  readonly idle = this.waiters.until(() => this.occupied === 0)
  /** Waits until no handler runs and the broker has taken every settlement. For a runner that has stopped claiming. */
  readonly drained = this.waiters.until(() =>
    this.occupied === 0 && this.unsettled() === 0 && this.lanes.claiming() === 0 && !this.told
  )

  /** Jobs whose handler runs. */
  running(): number {
    return this.occupied
  }

  /** Settlements that the broker has not taken yet, sent or not. */
  unsettled(): number {
    return this.outbox.length + this.lanes.settling()
  }

  /** For how long (ms) no call has been sent although there was something to do each time when this was asked. */
  silence(): number {
    const now = this.host.nowMs()
    if (this.lanes.busy() === 0 && this.outbox.length === 0 && this.claimable() <= 0) this.contentAt = now
    return now - Math.max(this.contentAt, this.lastSentAt, this.lanes.lastSentAt())
  }

  /** For how long (ms) the oldest call under way has gone unanswered, repeats included; 0: there is none. */
  unanswered(): number {
    const now = this.host.nowMs()
    return now - (this.lanes.oldestAt() ?? now)
  }

  /** Ends the lanes and the timer, whatever they do. */
  close(): void {
    this.appetite.close()
    for (const lane of this.lanes.all) lane.close()
  }

  /** The lane's next call, if there is something to do now. */
  take(lane: Lane): Call | undefined {
    const { concurrency, leaseMs, lanes } = this.options.settings
    const grant = this.options.shared?.grant(this)
    const free = Math.min(this.free(), grant?.slots ?? concurrency)
    const round = RoundPlan.next({
      unsent: this.outbox.length,
      free,
      hungry: this.appetite.hungry,
      flowing: this.appetite.flowing,
      passOn: this.told && free <= 0,
      busy: this.lanes.busy(),
      lanes,
      concurrency
    })
    if (round === undefined) return undefined
    grant?.take(round.claim)
    // a round that settles reaches but the partitions of its settlements: it takes a stopping consumer off no other list
    if (!this.stopping || round.settle === 0) this.told = false
    this.lastSentAt = this.host.nowMs()
    const { consumer, queue } = this.options
    const settle = this.outbox.splice(0, round.settle)
    return {
      request: {
        queue,
        consumer,
        lane: lane.name,
        sequence: lane.nextSequence(),
        settle,
        claim: round.claim,
        leaseMs,
        wake: !this.stopping
      },
      news: this.appetite.news,
      firstSentAt: this.lastSentAt,
      lastSentAt: this.lastSentAt,
      tries: 0,
      failed: false
    }
  }

  /** Asks which leases of a late reply still hold. */
  confirm(call: Call, reply: ExchangeReply): Effect.Effect<LateReply.Held> | undefined {
    return LateReply.confirm(this.options, call.firstSentAt, reply)
  }

  /** Applies a reply: strikes what was settled, starts what was claimed, and goes on. */
  answered(lane: Lane, call: Call, reply: ExchangeReply, held?: LateReply.Held): void {
    const { health, leases, metrics } = this.options
    lane.call = undefined
    health.answered(`exchange ${lane.name}`)
    health.settled(reply.settled)
    metrics.answered(call.request.settle, reply)
    for (const settlement of call.request.settle) leases.strike(settlement)
    if (!this.stopping) this.appetite.fed(call, reply)
    this.applying = true
    if (this.stopping) this.release(reply.jobs)
    else this.begin(call, this.fitting(call, reply.jobs), held)
    this.applying = false
    this.dispatch()
    if (this.stopping) this.waiters.tell()
  }

  /** A try of a lane failed. Until the call is answered its slots are for other queues, which may be better off. */
  failed(call: Call, detail: string): void {
    call.failed = true
    this.options.health.failed(`exchange ${call.request.lane}`, detail)
    this.options.shared?.offer(this)
  }

  /** Slots with a job or a claim under way, as far as other queues may not have them. */
  held(): number {
    return this.occupied + this.lanes.claiming(true)
  }

  /** Whether there may be jobs to claim, as far as this consumer can. */
  isHungry(): boolean {
    return this.appetite.hungry && !this.stopping && !this.lanes.isFailing()
  }

  /** Other queues have left slots: takes them, unless this turn's end brings that about by itself. */
  serve(): void {
    if (!this.applying && !this.flushing) this.go()
  }

  /** What was claimed by a call that had failed, and has no slot now, goes back with no attempt used. */
  private fitting(call: Call, jobs: ExchangeReply["jobs"]): ExchangeReply["jobs"] {
    const { shared } = this.options
    if (shared === undefined || !call.failed) return jobs
    const room = Math.max(0, shared.free())
    this.release(jobs.slice(room))
    return jobs.slice(0, room)
  }

  private release(jobs: ExchangeReply["jobs"]): void {
    for (const { id, token } of jobs) this.outbox.push({ _tag: "release", id, token })
  }

  private begin(call: Call, jobs: ExchangeReply["jobs"], held: LateReply.Held | undefined): void {
    if (jobs.length === 0) return
    const { metrics, runner, settings } = this.options
    const now = this.host.wallMs()
    const startedMs = metrics.starting(jobs)
    const until = call.firstSentAt + settings.leaseMs
    // all at once: a handler that starts may wake a queue that shares these slots
    this.occupied += jobs.length
    for (const claimed of jobs) {
      const heldUntil = held === undefined ? until : held.get(claimed.id)
      if (heldUntil === undefined) this.occupied--
      else runner.start(claimed, heldUntil, now, startedMs)
    }
    metrics.started()
  }

  private free(): number {
    return this.stopping ? 0 : this.options.settings.concurrency - this.occupied - this.lanes.claiming()
  }

  /** Free slots, as far as the queues that share them let this one have them. */
  private claimable(): number {
    return Math.min(this.free(), this.options.shared?.grant(this).slots ?? Infinity)
  }

  /** What ends in the same turn goes together; with nothing left to wait for, it goes now. */
  private flushSoon(): void {
    if (this.applying || this.flushing) return
    if (this.occupied === 0) return this.dispatch()
    this.flushing = true
    this.host.soon(() => this.dispatch())
  }

  /** Goes on, and lets queues that share the slots have what is left. */
  private dispatch(): void {
    this.flushing = false
    this.go()
    this.options.shared?.offer(this)
  }

  /** Gives every waiting lane a call for which there is reason. */
  private go(): void {
    for (const lane of this.lanes.all) {
      if (!lane.isParked()) continue
      const call = this.take(lane)
      if (call === undefined) return
      lane.go(call)
    }
  }
}
