/**
 * Keeps the leases of one queue: extends all of them in one call, each third of a lease.
 *
 * A lease that the broker says is lost, or that could not be extended in time, is not ours any more: its handler is
 * interrupted and nothing is settled for it, because somebody else will run the job. Requests to cancel come back with
 * the same call; a wake-up makes it happen at once. All times are monotonic, so that a process that was stopped for
 * longer than its leases finds them lost before it does anything else with them.
 */
import type { Broker } from "@sluice/core/Broker"
import type { JobQueue } from "@sluice/core/JobQueue"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type { Host } from "./Host.ts"
import type { LeaseBook } from "./LeaseBook.ts"
import type { QueueHealth } from "./QueueHealth.ts"
import type { RunningJob } from "./RunningJob.ts"

/** What a heartbeat needs. */
export interface Options {
  readonly host: Host
  readonly extend: Broker["Service"]["extend"]
  readonly queue: JobQueue
  readonly leaseMs: number
  readonly leases: LeaseBook
  readonly health: QueueHealth
}

/** The most leases that one call extends. */
const largest = 1000

/** See the module. */
export class Heartbeat {
  /** Beats for ever; fails never. */
  readonly run: Effect.Effect<never>
  private readonly options: Options
  private readonly interval: number
  private readonly kicked = Latch.makeUnsafe(false)
  private kicking = false
  private nextAt: number
  private looked: number

  constructor(options: Options) {
    this.options = options
    this.interval = options.leaseMs / 3
    this.looked = options.host.nowMs()
    this.nextAt = this.looked + this.interval
    this.run = Effect.forever(Effect.suspend(() => this.once()), { disableYield: true })
  }

  /** Beats at the end of this turn, once for all kicks of it: jobs that run here are to be cancelled. */
  kick(): void {
    if (this.kicking) return
    this.kicking = true
    this.options.host.soon(() => {
      this.kicking = false
      this.kicked.openUnsafe()
    })
  }

  /** For how long (ms) it has not had a look. */
  silence(): number {
    return this.options.host.nowMs() - this.looked
  }

  /** Waits for the next beat, the end of a lease or a kick, and does what is due. */
  private readonly once = Effect.fnUntraced({ self: this }, function*(this: Heartbeat) {
    const { host, leases } = this.options
    const until = Math.min(this.nextAt, leases.earliest() ?? this.nextAt)
    yield* Effect.timeoutOption(this.kicked.await, Math.max(0, Math.ceil(until - host.nowMs())))
    this.looked = host.nowMs()
    yield* this.giveUpOverdue()
    if (this.looked - until > this.interval) yield* this.warnOfStandstill(this.looked - until)
    if (this.looked < this.nextAt - 1 && !this.kicked.isOpen()) return
    yield* this.beat()
    yield* this.giveUpOverdue()
  })

  private readonly beat = Effect.fnUntraced(
    { self: this },
    function*(this: Heartbeat) {
      this.kicked.closeUnsafe()
      this.nextAt = this.options.host.nowMs() + this.interval
      const jobs = this.options.leases.snapshot()
      if (jobs.length === 0) this.options.health.forget("extend")
      for (let at = 0; at < jobs.length; at += largest) yield* this.extend(jobs.slice(at, at + largest))
    },
    Effect.catch((error) =>
      Effect.sync(() => {
        this.nextAt = this.options.host.nowMs() + Math.max(100, this.interval / 10)
        this.options.health.failed("extend", error.message)
      })
    )
  )

  private readonly extend = Effect.fnUntraced({ self: this }, function*(
    this: Heartbeat,
    jobs: ReadonlyArray<RunningJob>
  ) {
    const { extend, health, host, leaseMs, leases, queue } = this.options
    const sentAt = host.nowMs()
    // a broker that does not answer must not keep us from noticing that the leases run out
    const limit = Math.max(1, Math.min(this.interval, (leases.earliest() ?? Infinity) - sentAt))
    const answers = yield* Effect.timeout(extend(queue, jobs.map((job) => job.claimed), leaseMs), Math.ceil(limit))
    health.answered("extend")
    leases.extended(jobs, answers, sentAt + leaseMs)
  })

  private giveUpOverdue(): Effect.Effect<void> {
    const { host, leaseMs, leases, queue } = this.options
    const lost = leases.expire(host.nowMs())
    return lost === 0 ? Effect.void : Effect.logError(
      `Queue "${queue.name}": ${lost} lease(s) could not be extended for ${leaseMs} ms; their handlers were interrupted, ` +
        "and other consumers will run the jobs again"
    )
  }

  private warnOfStandstill(ms: number): Effect.Effect<void> {
    return Effect.logWarning(
      `Queue "${this.options.queue.name}": this process stood still for ${
        Math.round(ms)
      } ms (a blocked event loop, or it ` +
        `was stopped); its leases last ${this.options.leaseMs} ms`
    )
  }
}
