/**
 * All that consumes one queue, put together: slots, handlers, leases, wake-ups, watchdog; and its graceful stop.
 *
 * `Consumer` makes one per queue. Its parts know each other only through what is passed here.
 */
import type { Broker } from "@sluice/core/Broker"
import type { HandlerService } from "@sluice/core/Handler"
import type { JobQueue } from "@sluice/core/JobQueue"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { QueueSettings, Settings } from "./ConsumerOptions.ts"
import * as Heartbeat from "./Heartbeat.ts"
import type { Host } from "./Host.ts"
import * as JobRunner from "./JobRunner.ts"
import * as LeaseBook from "./LeaseBook.ts"
import * as QueueHealth from "./QueueHealth.ts"
import * as QueueRunner from "./QueueRunner.ts"
import * as Watchdog from "./Watchdog.ts"

/** What the consumption of one queue needs. */
export interface Options {
  readonly host: Host
  readonly broker: Broker["Service"]
  readonly queue: JobQueue
  readonly consumer: string
  readonly settings: QueueSettings
  readonly process: Settings
  readonly handlers: ReadonlyArray<HandlerService>
}

/** See the module. */
export interface QueueEngine {
  readonly queue: JobQueue
  readonly start: () => void
  /** Stops claiming, waits for handlers, interrupts and releases the rest, ends. Bounded, whatever the broker does. */
  readonly stop: Effect.Effect<void>
  readonly report: () => Report
}

/** How one queue is doing in this process. */
export interface Report extends QueueHealth.Reading {
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
}

/** How long (ms) a stop may take beyond the grace, in two halves: for finalizers, and for the broker. */
export const stopBoundMs = 4000

const firstRetryMs = 200
const lastRetryMs = 5000

/** Subscribes to wake-ups, again and again until it works; a look at the queue follows, for what came before. */
const listen = (
  { broker, consumer, queue }: Options,
  onWake: (why: "work" | "cancel") => void
): Effect.Effect<never> => {
  const attempt = (delay: number): Effect.Effect<never> =>
    Effect.scoped(Effect.andThen(
      broker.wakeups(queue, consumer, onWake),
      Effect.andThen(Effect.sync(() => onWake("work")), Effect.never)
    )).pipe(Effect.catchCause((cause) =>
      Effect.logWarning(`Queue "${queue.name}": no wake-ups; it is polled until they can be had`, cause).pipe(
        Effect.andThen(Effect.sleep(delay)),
        Effect.andThen(Effect.suspend(() => attempt(Math.min(lastRetryMs, delay * 2))))
      )
    ))
  return attempt(firstRetryMs)
}

/** Puts the parts together; nothing happens until `start`. */
export const make = (options: Options): QueueEngine => {
  const { broker, consumer, handlers, host, process, queue, settings } = options
  const { concurrency, leaseMs } = settings
  const health = QueueHealth.make(host, queue.name)
  const leases = LeaseBook.make((job, stop) => runner.interrupt(job, stop))
  const runner: JobRunner.JobRunner = JobRunner.make({
    host,
    queue: queue.name,
    consumer,
    interruptGraceMs: process.interruptGraceMs,
    handlers,
    report: (lease, progress) => Effect.ignoreCause(broker.progress(queue, lease, progress)),
    onStart: leases.enter,
    onEnd: (job, settlement) => loop.onEnd(job, settlement)
  })
  const loop = QueueRunner.make({ host, broker, queue, consumer, settings, leases, runner, health })
  const heartbeat = Heartbeat.make({ host, extend: broker.extend, queue, leaseMs, leases, health })
  const watchdog = Watchdog.make({ host, queue: queue.name, settings, loop, heartbeat, health })
  const fibers: Array<Fiber.Fiber<unknown>> = []
  let stopping = false

  const within = (ms: number, wait: Effect.Effect<void>): Effect.Effect<boolean> =>
    Effect.map(Effect.timeoutOption(wait, ms), Option.isSome)

  const close = Effect.suspend(() => {
    fibers.splice(0).forEach((fiber) => fiber.interruptUnsafe())
    watchdog.close()
    loop.close()
    runner.close()
    const left = loop.unsettled()
    return left === 0 ? Effect.void : Effect.logWarning(
      `Queue "${queue.name}": stopped before the broker took ${left} settlement(s); those jobs run again when their leases have run out`
    )
  })

  const stop = Effect.gen(function*() {
    stopping = true
    loop.stopClaiming()
    if (!(yield* within(process.graceMs, loop.idle))) {
      leases.snapshot().forEach((job) => runner.interrupt(job, { _tag: "Shutdown" }))
      if (!(yield* within(stopBoundMs / 2, loop.idle))) runner.abandon(leases.snapshot())
    }
    yield* within(stopBoundMs / 2, loop.drained)
    yield* close
  })

  return {
    queue,
    start: () => {
      loop.start()
      watchdog.start()
      fibers.push(host.fork(listen(options, (why) => why === "work" ? loop.wake() : heartbeat.kick())))
    },
    stop,
    report: () => ({
      ...health.read(),
      running: loop.running(),
      concurrency,
      stuck: runner.stuck(),
      unsettled: loop.unsettled(),
      lostLeases: leases.lost(),
      stalled: watchdog.stalled(),
      stopping
    })
  }
}
