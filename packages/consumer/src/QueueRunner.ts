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
import { type Call, Lane, type Owner } from "./Lane.ts"
import * as LateReply from "./LateReply.ts"
import type { LeaseBook } from "./LeaseBook.ts"
import type { QueueHealth } from "./QueueHealth.ts"
import type { QueueMetrics } from "./QueueMetrics.ts"
import * as RoundPlan from "./RoundPlan.ts"
import type { RunningJob } from "./RunningJob.ts"
import { Waiters } from "./Waiters.ts"

/** What a queue runner needs. */
export interface Options {
  readonly host: Host
  readonly broker: Broker["Service"]
  readonly queue: JobQueue
  readonly consumer: string
  readonly settings: QueueSettings
  readonly leases: LeaseBook
  readonly runner: Pick<JobRunner, "start">
  readonly health: QueueHealth
  readonly metrics: QueueMetrics
}

/** See the module. */
export class QueueRunner implements Owner {
  readonly host: Host
  readonly queueName: string
  readonly exchange: Broker["Service"]["exchange"]
  private readonly options: Options
  private readonly lanes: ReadonlyArray<Lane>
  private readonly appetite: Appetite
  private readonly waiters = new Waiters()
  private readonly outbox: Array<Settlement> = []
  private occupied = 0
  private passOn = false
  private stopping = false
  private applying = false
  private flushing = false
  private lastSentAt: number

  /** Nothing happens until `start`. */
  constructor(options: Options) {
    this.options = options
    this.host = options.host
    this.queueName = options.queue.name
    this.exchange = options.broker.exchange
    this.lanes = Array.from({ length: options.settings.lanes }, (_, n) => new Lane(String(n), this))
    this.appetite = new Appetite(options.host, options.settings.pollMs, () => this.flushSoon())
    this.lastSentAt = options.host.nowMs()
  }

  /** Starts the lanes; again: each repeats the call that it had under way. */
  start(): void {
    this.applying = false
    this.flushing = false
    this.appetite.woken()
    for (const lane of this.lanes) lane.start()
  }

  /** There may be work. Without room for it, as when it stops, the word is passed on. */
  wake(): void {
    this.appetite.woken()
    this.passOn = this.free() <= 0
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
    this.passOn = true
    this.dispatch()
  }

  /** Waits until no handler runs. For a runner that has stopped claiming. */
  readonly idle = this.waiters.until(() => this.occupied === 0)
  /** Waits until no handler runs and the broker has taken every settlement. For a runner that has stopped claiming. */
  readonly drained = this.waiters.until(() => this.occupied === 0 && this.unsettled() === 0 && this.claiming() === 0)

  /** Jobs whose handler runs. */
  running(): number {
    return this.occupied
  }

  /** Settlements that the broker has not taken yet, sent or not. */
  unsettled(): number {
    return this.lanes.reduce((sum, { call }) => sum + (call?.request.settle.length ?? 0), this.outbox.length)
  }

  /** For how long (ms) no call has been sent although there was something to do; 0: all is well. */
  silence(): number {
    if (this.busy() === 0 && this.outbox.length === 0 && this.free() <= 0) return 0
    const last = this.lanes.reduce((latest, { call }) => Math.max(latest, call?.lastSentAt ?? 0), this.lastSentAt)
    return this.host.nowMs() - last
  }

  /** For how long (ms) the oldest call under way has gone unanswered, repeats included; 0: there is none. */
  unanswered(): number {
    const now = this.host.nowMs()
    return this.lanes.reduce(
      (longest, { call }) => Math.max(longest, call === undefined ? 0 : now - call.firstSentAt),
      0
    )
  }

  /** Ends the lanes and the timer, whatever they do. */
  close(): void {
    this.appetite.close()
    for (const lane of this.lanes) lane.close()
  }

  /** The lane's next call, if there is something to do now. */
  take(lane: Lane): Call | undefined {
    const { concurrency, leaseMs, lanes } = this.options.settings
    const round = RoundPlan.next({
      unsent: this.outbox.length,
      free: this.free(),
      hungry: this.appetite.hungry,
      flowing: this.appetite.flowing,
      passOn: this.passOn,
      busy: this.busy(),
      lanes,
      concurrency
    })
    if (round === undefined) return undefined
    this.passOn = false
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
      tries: 0
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
    health.answered("exchange")
    health.settled(reply.settled)
    metrics.answered(call.request.settle, reply)
    for (const settlement of call.request.settle) leases.strike(settlement)
    if (!this.stopping) this.appetite.fed(call, reply)
    this.applying = true
    if (this.stopping) { for (const { id, token } of reply.jobs) this.outbox.push({ _tag: "release", id, token }) }
    else this.begin(call, reply.jobs, held)
    this.applying = false
    this.dispatch()
    if (this.stopping) this.waiters.tell()
  }

  /** A try of a lane failed. */
  failed(detail: string): void {
    this.options.health.failed("exchange", detail)
  }

  private begin(call: Call, jobs: ExchangeReply["jobs"], held: LateReply.Held | undefined): void {
    if (jobs.length === 0) return
    const { metrics, runner, settings } = this.options
    const now = this.host.wallMs()
    const startedMs = metrics.starting(jobs)
    const until = call.firstSentAt + settings.leaseMs
    for (const claimed of jobs) {
      const heldUntil = held === undefined ? until : held.get(claimed.id)
      if (heldUntil === undefined) continue
      this.occupied++
      runner.start(claimed, heldUntil, now, startedMs)
    }
    metrics.started()
  }

  private busy(): number {
    return this.lanes.reduce((count, { call }) => call === undefined ? count : count + 1, 0)
  }

  private claiming(): number {
    return this.lanes.reduce((sum, { call }) => sum + (call?.request.claim ?? 0), 0)
  }

  private free(): number {
    return this.stopping ? 0 : this.options.settings.concurrency - this.occupied - this.claiming()
  }

  /** What ends in the same turn goes together; with nothing left to wait for, it goes now. */
  private flushSoon(): void {
    if (this.applying || this.flushing) return
    if (this.occupied === 0) return this.dispatch()
    this.flushing = true
    this.host.soon(() => this.dispatch())
  }

  /** Gives every waiting lane a call for which there is reason. */
  private dispatch(): void {
    this.flushing = false
    for (const lane of this.lanes) {
      if (!lane.isParked()) continue
      const call = this.take(lane)
      if (call === undefined) return
      lane.go(call)
    }
  }
}
