/**
 * What is known of how well one queue is being consumed: counted by its parts, read by `ConsumerHealth`.
 *
 * It also says in the log when the broker goes away and when it comes back, once each, whatever the number of calls.
 */
import type { ExchangeReply } from "@sluice/core/Broker"
import * as Effect from "effect/Effect"
import type { Host } from "./Host.ts"

/** The calls that keep a consumer going; each lane's for itself, as one may fail for long while another is answered. */
export type Call = `exchange ${string}` | "extend"

/** The counts. Times are epoch ms by this process's clock, for people: how long something takes is measured apart. */
export interface Reading {
  /** When the broker last answered a round of settling and claiming. */
  readonly lastExchangeAt: number | undefined
  /** Since when calls have been failing; `undefined`: the last ones did not. */
  readonly failingSince: number | undefined
  /** For how long (ms), which does not depend on what time it is; 0 when they do not fail. */
  readonly failingForMs: number
  /** What the last failed call said, however long ago. */
  readonly lastError: string | undefined
  readonly watchdogRestarts: number
  /** Settlements that came after their lease had run out. */
  readonly lostSettlements: number
}

/** See the module. */
export class QueueHealth {
  private readonly host: Host
  private readonly queue: string
  private readonly failing = new Map<Call, { readonly wallMs: number; readonly nowMs: number }>()
  private lastExchangeAt: number | undefined
  private lastError: string | undefined
  private watchdogRestarts = 0
  private lostSettlements = 0

  constructor(host: Host, queue: string) {
    this.host = host
    this.queue = queue
  }

  /** The broker answered a call. */
  answered(call: Call): void {
    if (call !== "extend") this.lastExchangeAt = this.host.wallMs()
    if (this.failing.delete(call) && this.failing.size === 0) {
      this.host.fork(Effect.logInfo(`Queue "${this.queue}": the broker answers again`))
    }
  }

  /** There is nothing to make this call for any more: that it failed says nothing of now. */
  forget(call: Call): void {
    if (this.failing.delete(call) && this.failing.size === 0) {
      this.host.fork(Effect.logInfo(`Queue "${this.queue}": no call fails any more`))
    }
  }

  /** A call failed; it will be repeated. */
  failed(call: Call, detail: string): void {
    this.lastError = detail
    if (this.failing.size === 0) {
      this.host.fork(Effect.logWarning(
        `Queue "${this.queue}": the broker fails; calls are repeated until it answers. ${detail}`
      ))
    }
    if (this.failing.has(call)) return
    this.failing.set(call, { wallMs: this.host.wallMs(), nowMs: this.host.nowMs() })
  }

  /** Settlements were answered. */
  settled(answers: ExchangeReply["settled"]): void {
    const lost = answers.reduce((count, answer) => answer === "lost" ? count + 1 : count, 0)
    if (lost === 0) return
    this.lostSettlements += lost
    this.host.fork(Effect.logWarning(
      `Queue "${this.queue}": ${lost} settlement(s) came after their lease had run out; nothing was changed by them`
    ))
  }

  /** The watchdog had to restart something. */
  restarted(): void {
    this.watchdogRestarts++
  }

  /** The counts as they are now. */
  read(): Reading {
    const { failing, host, lastError, lastExchangeAt, lostSettlements, watchdogRestarts } = this
    let first: { readonly wallMs: number; readonly nowMs: number } | undefined
    for (const since of failing.values()) if (first === undefined || since.nowMs < first.nowMs) first = since
    return {
      lastExchangeAt,
      failingSince: first?.wallMs,
      failingForMs: first === undefined ? 0 : host.nowMs() - first.nowMs,
      lastError,
      watchdogRestarts,
      lostSettlements
    }
  }
}
