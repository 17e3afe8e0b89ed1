/**
 * Takes the jobs of one queue: counts its slots, fills them from the broker, and gives settlements back with the next
 * claim.
 *
 * `Consumer` makes one per queue; they share nothing but the host. It claims exactly the free slots and never hoards.
 * When the broker has less than was asked for, it waits for a wake-up, for the time at which the next job is due, or for
 * the slow poll, whichever comes first. It starts no handler itself (`JobRunner`) and keeps no lease (`Heartbeat`).
 */
import type { Broker, ExchangeReply } from "@sluice/core/Broker"
import type { JobQueue } from "@sluice/core/JobQueue"
import type { Settlement } from "@sluice/core/Lease"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Alarm from "./Alarm.ts"
import type { QueueSettings } from "./ConsumerOptions.ts"
import type { Host } from "./Host.ts"
import type { JobRunner } from "./JobRunner.ts"
import * as Lane from "./Lane.ts"
import type { LeaseBook } from "./LeaseBook.ts"
import type { QueueHealth } from "./QueueHealth.ts"
import * as RoundPlan from "./RoundPlan.ts"
import type { RunningJob } from "./RunningJob.ts"

/** What a queue runner needs. */
export interface Options {
  readonly host: Host
  readonly broker: Broker["Service"]
  readonly queue: JobQueue
  readonly consumer: string
  readonly settings: QueueSettings
  readonly leases: LeaseBook
  readonly runner: JobRunner
  readonly health: QueueHealth
}

/** See the module. */
export interface QueueRunner {
  /** Starts the lanes. */
  readonly start: () => void
  /** There may be work. */
  readonly wake: () => void
  /** A job has ended: its slot is free, and its settlement, if there is one, goes with the next round. */
  readonly onEnd: (job: RunningJob, settlement: Settlement | undefined) => void
  /** Claims nothing from now on; settles what there is. */
  readonly stopClaiming: () => void
  /** Waits until no handler runs. */
  readonly idle: Effect.Effect<void>
  /** Waits until no handler runs and the broker has taken every settlement. */
  readonly drained: Effect.Effect<void>
  /** Settlements that the broker has not taken yet, sent or not. */
  readonly unsettled: () => number
  /** Jobs whose handler runs. */
  readonly running: () => number
  /** Starts the lanes anew; each repeats the call that it had under way. */
  readonly restart: () => void
  /** When the last call was sent (monotonic ms), and whether one is due or under way. */
  readonly activity: () => { readonly lastSentAt: number; readonly expected: boolean }
  /** Ends the lanes and the timer, whatever they do. */
  readonly close: () => void
}

/** A reply with fewer jobs than asked, but with this much text, was cut by its size: there is more. */
const cutByTextLength = 1_000_000

/** Makes the runner of one queue; nothing happens until `start`. */
export const make = (options: Options): QueueRunner => {
  const { broker, consumer, health, host, leases, queue, runner, settings } = options
  const { concurrency, leaseMs, pollMs } = settings
  const lanes = Array.from({ length: settings.lanes }, (_, index) => Lane.make(`${consumer}/${index}`))
  const outbox: Array<Settlement> = []
  const waiters = new Set<{ readonly isTrue: () => boolean; readonly resume: () => void }>()
  const alarm = Alarm.make(host, () => wake())
  let occupied = 0
  let hungry = true
  let flowing = false
  let passOn = false
  let wakes = 0
  let stopping = false
  let applying = false
  let flushing = false
  let lastSentAt = host.nowMs()

  const busy = (): number => lanes.reduce((count, lane) => lane.call === undefined ? count : count + 1, 0)
  const claiming = (): number => lanes.reduce((count, lane) => count + (lane.call?.request.claim ?? 0), 0)
  const free = (): number => stopping ? 0 : concurrency - occupied - claiming()

  const take = (lane: Lane.Lane): Lane.Call | undefined => {
    const round = RoundPlan.next({
      unsent: outbox.length,
      free: free(),
      hungry,
      flowing,
      passOn,
      busy: busy(),
      lanes: lanes.length,
      concurrency
    })
    if (round === undefined) return undefined
    passOn = false
    lastSentAt = host.nowMs()
    const settle = outbox.splice(0, round.settle)
    const sequence = ++lane.sequence
    const request = { queue, consumer, lane: lane.name, sequence, settle, claim: round.claim, leaseMs, wake: !stopping }
    return { request, wakes, firstSentAt: lastSentAt, lastSentAt, tries: 0 }
  }

  /** Gives every waiting lane a call for which there is reason. */
  const dispatch = (): void => {
    flushing = false
    for (const lane of lanes) {
      if (lane.call !== undefined || lane.resume === undefined) continue
      lane.call = take(lane)
      if (lane.call === undefined) return
      lane.resume()
    }
  }

  /** What ends in the same turn goes together; with nothing left to wait for, it goes now. */
  const flushSoon = (): void => {
    if (applying || flushing) return
    if (occupied === 0) return dispatch()
    flushing = true
    host.soon(dispatch)
  }

  const wake = (): void => {
    if (stopping) return
    wakes++
    hungry = true
    passOn = free() <= 0
    flushSoon()
  }

  /** Nothing to claim for now: rest until the next job is due or the slow poll, unless somebody wakes us. */
  const rest = (nextDueMs: number | undefined): void => {
    hungry = false
    flowing = false
    const poll = pollMs * (0.8 + 0.4 * host.random())
    alarm.set(host.nowMs() + (nextDueMs === undefined ? poll : Math.min(poll, Math.max(1, nextDueMs))))
  }

  const learn = ({ request, wakes: before }: Lane.Call, { jobs, nextDueMs, paused }: ExchangeReply): void => {
    if (request.claim === 0 || stopping) return
    if (jobs.length === request.claim) flowing = true
    else if (before === wakes && !isCut(jobs)) rest(paused ? undefined : nextDueMs)
  }

  const begin = (call: Lane.Call, jobs: ExchangeReply["jobs"], held: ReadonlyMap<string, number> | undefined): void => {
    const now = host.wallMs()
    for (const claimed of jobs) {
      const heldUntil = held === undefined ? call.firstSentAt + leaseMs : held.get(claimed.id)
      if (heldUntil === undefined) continue
      occupied++
      runner.start(claimed, heldUntil, now)
    }
  }

  const answered = (
    lane: Lane.Lane,
    call: Lane.Call,
    reply: ExchangeReply,
    held?: ReadonlyMap<string, number>
  ): void => {
    lane.call = undefined
    health.answered("exchange")
    health.settled(reply.settled)
    call.request.settle.forEach(leases.strike)
    learn(call, reply)
    applying = true
    if (stopping) outbox.push(...reply.jobs.map(({ id, token }): Settlement => ({ _tag: "release", id, token })))
    else begin(call, reply.jobs, held)
    applying = false
    dispatch()
    tellWaiters()
  }

  /** Leases of a reply that came late (lost replies, a stopped process) may have run out: they are extended before any handler starts. */
  const confirm = (
    call: Lane.Call,
    { jobs }: ExchangeReply
  ): Effect.Effect<ReadonlyMap<string, number>> | undefined => {
    if (jobs.length === 0 || host.nowMs() - call.firstSentAt < leaseMs / 3) return undefined
    return Effect.suspend(() => {
      const heldUntil = host.nowMs() + leaseMs
      return Effect.map(
        broker.extend(queue, jobs, leaseMs),
        (answers) => new Map(jobs.flatMap(({ id }, index) => answers[index]?._tag === "Lost" ? [] : [[id, heldUntil]]))
      )
    }).pipe(Effect.catch(() => Effect.succeed(new Map<string, number>())))
  }

  const failed = (detail: string): void => health.failed("exchange", detail)
  const owner: Lane.Owner = { host, exchange: broker.exchange, take, confirm, answered, failed }

  const unsettled = (): number =>
    lanes.reduce((count, lane) => count + (lane.call?.request.settle.length ?? 0), outbox.length)

  const waitFor = (isTrue: () => boolean): Effect.Effect<void> =>
    Effect.callback((resume) => {
      const waiter = { isTrue, resume: () => resume(Effect.void) }
      waiters.add(waiter)
      tellWaiters()
      return Effect.sync(() => waiters.delete(waiter))
    })
  const tellWaiters = (): void => {
    for (const waiter of waiters) {
      if (!waiter.isTrue()) continue
      waiters.delete(waiter)
      waiter.resume()
    }
  }

  const begun = (lane: Lane.Lane): void => {
    lane.resume = undefined
    lane.fiber = host.fork(Lane.run(owner, lane))
    lane.fiber.addObserver((exit) => {
      if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) {
        host.fork(Effect.logError(`A lane of queue "${queue.name}" broke; the watchdog will restart it`, exit.cause))
      }
    })
  }

  return {
    start: () => lanes.forEach(begun),
    wake,
    onEnd: (job, settlement) => {
      occupied--
      if (settlement === undefined) leases.strike(job.claimed)
      else outbox.push(settlement)
      flushSoon()
      tellWaiters()
    },
    stopClaiming: () => {
      stopping = true
      alarm.clear()
      // one more round even if there is nothing to settle: it takes this consumer off the list of those to wake
      passOn = true
      dispatch()
    },
    idle: waitFor(() => occupied === 0),
    drained: waitFor(() => occupied === 0 && unsettled() === 0 && claiming() === 0),
    unsettled,
    running: () => occupied,
    restart: () => {
      for (const lane of lanes) lane.fiber?.interruptUnsafe()
      applying = false
      flushing = false
      hungry = true
      lanes.forEach(begun)
    },
    activity: () => ({
      lastSentAt: lanes.reduce((last, { call }) => Math.max(last, call?.lastSentAt ?? 0), lastSentAt),
      expected: busy() > 0 || outbox.length > 0 || free() > 0
    }),
    close: () => {
      alarm.clear()
      for (const lane of lanes) lane.fiber?.interruptUnsafe()
    }
  }
}

const isCut = (jobs: ExchangeReply["jobs"]): boolean =>
  jobs.reduce((length, { job }) => length + job.payload.length, 0) >= cutByTextLength
