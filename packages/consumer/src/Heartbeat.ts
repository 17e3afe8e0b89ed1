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

/** See the module. */
export interface Heartbeat {
  /** Beats for ever; fails never. */
  readonly run: Effect.Effect<never>
  /** Beats at once: a job that runs here is to be cancelled. */
  readonly kick: () => void
  /** When it last had a look (monotonic ms). */
  readonly lastBeatAt: () => number
}

/** The most leases that one call extends. */
const largest = 1000

/** Makes the heartbeat of one queue. */
export const make = (options: Options): Heartbeat => {
  const { extend, host, leaseMs, leases, queue } = options
  const interval = leaseMs / 3
  const kicked = Latch.makeUnsafe(false)
  let nextAt = host.nowMs() + interval
  let lastBeatAt = host.nowMs()

  /** Waits for the next beat, the end of a lease or a kick; answers how late it woke up. */
  const pause = Effect.suspend(() => {
    const until = Math.min(nextAt, leases.earliest() ?? nextAt)
    const wait = Math.max(0, Math.ceil(until - host.nowMs()))
    return Effect.timeoutOption(kicked.await, wait).pipe(Effect.map(() => host.nowMs() - until))
  })

  const extendSome = Effect.fnUntraced(function*(jobs: ReadonlyArray<RunningJob>) {
    const sentAt = host.nowMs()
    // a broker that does not answer must not keep us from noticing that the leases run out
    const limit = Math.max(1, Math.min(interval, (leases.earliest() ?? Infinity) - sentAt))
    const answers = yield* extend(queue, jobs.map((job) => job.claimed), leaseMs).pipe(Effect.timeout(Math.ceil(limit)))
    options.health.answered("extend")
    leases.extended(jobs, answers, sentAt + leaseMs)
  })

  const beat = Effect.fnUntraced(
    function*() {
      kicked.closeUnsafe()
      nextAt = host.nowMs() + interval
      const jobs = leases.snapshot()
      for (let at = 0; at < jobs.length; at += largest) yield* extendSome(jobs.slice(at, at + largest))
    },
    Effect.catch((error) =>
      Effect.sync(() => {
        nextAt = host.nowMs() + Math.max(100, interval / 10)
        options.health.failed("extend", error.message)
      })
    )
  )

  const giveUpOverdue = Effect.suspend(() => {
    const lost = leases.expire(host.nowMs())
    return lost === 0 ? Effect.void : Effect.logError(
      `Queue "${queue.name}": ${lost} lease(s) could not be extended for ${leaseMs} ms; their handlers were interrupted, ` +
        "and other consumers will run the jobs again"
    )
  })

  const watchLate = (late: number) =>
    late <= interval ? Effect.void : Effect.logWarning(
      `Queue "${queue.name}": this process did nothing for ${
        Math.round(late)
      } ms (a blocked event loop, or it was stopped); ` +
        `leases last ${leaseMs} ms`
    )

  const once = Effect.fnUntraced(function*() {
    const late = yield* pause
    lastBeatAt = host.nowMs()
    yield* giveUpOverdue
    yield* watchLate(late)
    if (lastBeatAt >= nextAt - 1 || kicked.isOpen()) yield* beat()
    yield* giveUpOverdue
  })

  return {
    run: Effect.forever(once(), { disableYield: true }),
    kick: () => {
      kicked.openUnsafe()
    },
    lastBeatAt: () => lastBeatAt
  }
}
