/**
 * Sees to it that a consumer that is alive also consumes: restarts the lanes or the heartbeat of a queue when they have
 * done nothing for several polls although there was something to do, or have died.
 *
 * A restart loses nothing: each lane repeats the call that it had under way. It owns the heartbeat's fiber. What it
 * can't mend it reports as stalled, so that health says so.
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { QueueSettings } from "./ConsumerOptions.ts"
import type { Heartbeat } from "./Heartbeat.ts"
import type { Host } from "./Host.ts"
import type { QueueHealth } from "./QueueHealth.ts"
import type { QueueRunner } from "./QueueRunner.ts"

/** What a watchdog needs. */
export interface Options {
  readonly host: Host
  readonly queue: string
  readonly settings: QueueSettings
  readonly loop: Pick<QueueRunner, "activity" | "restart">
  readonly heartbeat: Pick<Heartbeat, "lastBeatAt" | "run">
  readonly health: QueueHealth
}

/** See the module. */
export interface Watchdog {
  /** Starts the heartbeat and the watch over both. */
  readonly start: () => void
  /** Whether something has been overdue for twice as long as it takes to be restarted. */
  readonly stalled: () => boolean
  readonly close: () => void
}

const silentPolls = 4
const leastSilenceMs = 5000

/** Makes the watchdog of one queue; nothing happens until `start`. */
export const make = (options: Options): Watchdog => {
  const { health, heartbeat, host, loop, queue, settings } = options
  const silenceMs = Math.max(leastSilenceMs, silentPolls * settings.pollMs)
  const beatSilenceMs = Math.max(leastSilenceMs, settings.leaseMs)
  let beating: Fiber.Fiber<never> | undefined
  let watching: Fiber.Fiber<never> | undefined
  // silence counts from the last restart too: what was just restarted gets its time
  let loopRestartAt = 0
  let beatRestartAt = 0

  const loopSilence = (): number => {
    const { expected, lastSentAt } = loop.activity()
    return expected ? host.nowMs() - lastSentAt : 0
  }
  const beatSilence = (): number => host.nowMs() - heartbeat.lastBeatAt()

  const startBeating = (): void => {
    beating?.interruptUnsafe()
    beating = host.fork(heartbeat.run)
  }

  const said = (what: string, silence: number) => {
    health.restarted()
    host.fork(Effect.logError(`Queue "${queue}": ${what} did nothing for ${Math.round(silence)} ms; it was restarted`))
  }

  const look = (): void => {
    const now = host.nowMs()
    if (Math.min(loopSilence(), now - loopRestartAt) > silenceMs) {
      said("the claiming loop", loopSilence())
      loopRestartAt = now
      loop.restart()
    }
    if (Math.min(beatSilence(), now - beatRestartAt) > beatSilenceMs || beating?.pollUnsafe() !== undefined) {
      said("the heartbeat", beatSilence())
      beatRestartAt = now
      startBeating()
    }
  }

  const watch = Effect.gen(function*() {
    const every = silenceMs / silentPolls
    for (;;) {
      const before = host.nowMs()
      yield* Effect.sleep(every)
      // a process that was stopped or blocked has silent parts because of that: they get a round to catch up
      if (host.nowMs() - before < 2 * every) yield* Effect.ignoreCause(Effect.sync(look), { log: "Error" })
    }
  })

  return {
    start: () => {
      startBeating()
      watching = host.fork(watch)
    },
    stalled: () => loopSilence() > 2 * silenceMs || beatSilence() > 2 * beatSilenceMs,
    close: () => {
      beating?.interruptUnsafe()
      watching?.interruptUnsafe()
    }
  }
}
