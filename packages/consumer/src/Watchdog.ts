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
  readonly loop: Pick<QueueRunner, "silence" | "start" | "unanswered">
  readonly heartbeat: Pick<Heartbeat, "run" | "silence">
  readonly health: Pick<QueueHealth, "restarted">
}

const silentPolls = 4
const leastSilenceMs = 5000

/** See the module. */
export class Watchdog {
  private readonly options: Options
  /** How long each may be silent before it is restarted. */
  private readonly loopLimit: number
  private readonly beatLimit: number
  private beating: Fiber.Fiber<never> | undefined
  private watching: Fiber.Fiber<never> | undefined
  // what was just restarted gets its time
  private loopRestartAt: number
  private beatRestartAt: number

  /** Nothing happens until `start`. */
  constructor(options: Options) {
    this.options = options
    this.loopLimit = Math.max(leastSilenceMs, silentPolls * options.settings.pollMs)
    this.beatLimit = Math.max(leastSilenceMs, options.settings.leaseMs)
    this.loopRestartAt = options.host.nowMs()
    this.beatRestartAt = this.loopRestartAt
  }

  /** Starts the heartbeat, and the watch over both. */
  start(): void {
    this.startBeating()
    this.watching = this.options.host.fork(this.watch())
  }

  /** Whether something has come to nothing for twice as long as it takes to be restarted. */
  stalled(): boolean {
    const { heartbeat, loop } = this.options
    const loopSilence = Math.max(loop.silence(), loop.unanswered())
    return loopSilence > 2 * this.loopLimit || heartbeat.silence() > 2 * this.beatLimit
  }

  /** Ends the heartbeat and the watch. */
  close(): void {
    this.beating?.interruptUnsafe()
    this.watching?.interruptUnsafe()
  }

  private readonly watch = Effect.fnUntraced({ self: this }, function*(this: Watchdog) {
    const { host } = this.options
    const every = this.loopLimit / silentPolls
    for (;;) {
      const before = host.nowMs()
      yield* Effect.sleep(every)
      // a process that was stopped or blocked has silent parts because of that: they get a round to catch up
      if (host.nowMs() - before < 2 * every) yield* Effect.ignoreCause(Effect.sync(() => this.look()), { log: "Error" })
    }
  })

  private look(): void {
    const { heartbeat, host, loop } = this.options
    const now = host.nowMs()
    if (Math.min(loop.silence(), now - this.loopRestartAt) > this.loopLimit) {
      this.say("the claiming loop", loop.silence())
      this.loopRestartAt = now
      loop.start()
    }
    const died = this.beating?.pollUnsafe() !== undefined
    if (died || Math.min(heartbeat.silence(), now - this.beatRestartAt) > this.beatLimit) {
      this.say("the heartbeat", heartbeat.silence())
      this.beatRestartAt = now
      this.startBeating()
    }
  }

  private startBeating(): void {
    this.beating?.interruptUnsafe()
    this.beating = this.options.host.fork(this.options.heartbeat.run)
  }

  private say(what: string, silence: number): void {
    const { health, host, queue } = this.options
    health.restarted()
    host.fork(Effect.logError(`Queue "${queue}": ${what} did nothing for ${Math.round(silence)} ms; it was restarted`))
  }
}
