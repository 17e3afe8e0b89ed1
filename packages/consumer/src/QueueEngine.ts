/**
 * All that consumes one queue, put together: slots, handlers, leases, wake-ups, watchdog; and its graceful stop.
 *
 * `Consumer` makes one per queue. The parts know each other only through what is passed here.
 */
import type { Broker } from "@sluice/core/Broker"
import type { HandlerService } from "@sluice/core/Handler"
import type { JobQueue } from "@sluice/core/JobQueue"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { QueueSettings, Settings } from "./ConsumerOptions.ts"
import { Heartbeat } from "./Heartbeat.ts"
import type { Host } from "./Host.ts"
import { JobRunner } from "./JobRunner.ts"
import { LeaseBook } from "./LeaseBook.ts"
import * as Listening from "./Listening.ts"
import { QueueHealth, type Reading } from "./QueueHealth.ts"
import { QueueMetrics } from "./QueueMetrics.ts"
import { QueueRunner } from "./QueueRunner.ts"
import type { SharedSlots } from "./SharedSlots.ts"
import { Watchdog } from "./Watchdog.ts"

/** What the consumption of one queue needs. */
export interface Options {
  readonly host: Host
  readonly broker: Broker["Service"]
  readonly queue: JobQueue
  readonly consumer: string
  readonly settings: QueueSettings
  readonly process: Settings
  /** The slots of all queues together, where those are limited. */
  readonly shared: SharedSlots | undefined
  readonly handlers: ReadonlyArray<HandlerService>
}

/** How one queue is doing in this process. */
export interface Report extends Reading {
  /** Jobs whose handler runs, and how many may. */
  readonly running: number
  readonly concurrency: number
  /** Handlers that were interrupted, did not end, and lost their slot. */
  readonly stuck: number
  /** Ended jobs whose settlement the broker has not taken yet. */
  readonly unsettled: number
  /** Leases that were lost while their handler ran. */
  readonly lostLeases: number
  /** Whether the queue's loop or its heartbeat is overdue although there is something to do. */
  readonly stalled: boolean
  readonly stopping: boolean
  /** Handlers that were still running when the grace of the stop was over, and were interrupted. */
  readonly interruptedByStop: number
}

/** How long (ms) a stop may take beyond the grace: half of it for finalizers, half for the broker. */
export const stopBoundMs = 4000

const isWithin = (ms: number, wait: Effect.Effect<void>): Effect.Effect<boolean> =>
  Effect.map(Effect.timeoutOption(wait, ms), Option.isSome)

/** See the module. */
export class QueueEngine {
  readonly queue: JobQueue
  private readonly options: Options
  private readonly health: QueueHealth
  private readonly metrics: QueueMetrics
  private readonly leases: LeaseBook
  private readonly runner: JobRunner
  private readonly loop: QueueRunner
  private readonly heartbeat: Heartbeat
  private readonly watchdog: Watchdog
  private listening: Fiber.Fiber<never> | undefined
  private stopping = false
  private interruptedByStop = 0

  /** Puts the parts together; nothing happens until `start`. */
  constructor(options: Options) {
    const { broker, consumer, handlers, host, process, queue, settings, shared } = options
    this.options = options
    this.queue = queue
    this.health = new QueueHealth(host, queue.name)
    this.metrics = new QueueMetrics(host, queue.name, handlers.map(({ definition }) => definition.name))
    const { health, metrics } = this
    this.leases = new LeaseBook((job, stop) => {
      if (stop._tag === "Lost") metrics.lost(1)
      this.runner.interrupt(job, stop)
    })
    this.runner = new JobRunner({
      host,
      queue: queue.name,
      consumer,
      interruptGraceMs: process.interruptGraceMs,
      handlers,
      report: (lease, progress) => Effect.ignoreCause(broker.progress(queue, lease, progress)),
      onStart: (job) => this.leases.enter(job),
      onEnd: (job, settlement) => {
        metrics.ended(job, settlement)
        this.loop.ended(job, settlement)
      }
    })
    const { leases, runner } = this
    this.loop = new QueueRunner({ host, broker, queue, consumer, settings, shared, leases, runner, health, metrics })
    this.heartbeat = new Heartbeat({ host, extend: broker.extend, queue, leaseMs: settings.leaseMs, leases, health })
    const { heartbeat, loop } = this
    const restarted = () => {
      health.restarted()
      metrics.restarted()
    }
    this.watchdog = new Watchdog({ host, queue: queue.name, settings, loop, heartbeat, health: { restarted } })
  }

  /** Starts everything. */
  start(): void {
    const { broker, consumer, host, settings } = this.options
    this.metrics.open(settings.concurrency, {
      running: () => this.loop.running(),
      stuck: () => this.runner.stuck(),
      unsettled: () => this.loop.unsettled()
    })
    this.loop.start()
    this.watchdog.start()
    this.listening = host.fork(
      Listening.run(broker, this.queue, consumer, (why) => why === "work" ? this.loop.wake() : this.heartbeat.kick())
    )
  }

  /** Stops claiming, waits for handlers, interrupts and releases the rest, ends. Bounded, whatever the broker does. */
  readonly stop = Effect.fnUntraced({ self: this }, function*(this: QueueEngine) {
    const { leases, loop, options: { process }, runner } = this
    this.stopping = true
    loop.stopClaiming()
    const hurried = Effect.as(process.hurry, false)
    if (!(yield* Effect.raceFirst(isWithin(process.graceMs, loop.idle), hurried))) {
      const late = leases.snapshot().filter(({ ended }) => !ended)
      this.interruptedByStop = late.length
      late.forEach((job) => runner.interrupt(job, { _tag: "Shutdown" }))
      if (!(yield* isWithin(stopBoundMs / 2, loop.idle))) leases.snapshot().forEach((job) => runner.abandon(job))
    }
    yield* isWithin(stopBoundMs / 2, loop.drained)
    yield* this.close()
  })

  /** How it is doing. */
  report(): Report {
    return {
      ...this.health.read(),
      running: this.loop.running(),
      concurrency: this.options.settings.concurrency,
      stuck: this.runner.stuck(),
      unsettled: this.loop.unsettled(),
      lostLeases: this.leases.lost(),
      stalled: this.watchdog.stalled(),
      stopping: this.stopping,
      interruptedByStop: this.interruptedByStop
    }
  }

  private close(): Effect.Effect<void> {
    this.listening?.interruptUnsafe()
    this.watchdog.close()
    this.loop.close()
    this.runner.close()
    this.metrics.close()
    const left = this.loop.unsettled()
    return left === 0 ? Effect.void : Effect.logWarning(
      `Queue "${this.queue.name}": stopped before the broker took ${left} settlement(s); those jobs run again when their ` +
        "leases have run out"
    )
  }
}
