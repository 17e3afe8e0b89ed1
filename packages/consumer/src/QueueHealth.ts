/**
 * What is known of how well one queue is being consumed: counted by its parts, read by `ConsumerHealth`.
 *
 * It also says in the log when the broker goes away and when it comes back, once each, whatever the number of calls.
 */
import type { ExchangeReply } from "@sluice/core/Broker"
import * as Effect from "effect/Effect"
import type { Host } from "./Host.ts"

/** The two calls that keep a consumer going. */
export type Call = "exchange" | "extend"

/** See the module. */
export interface QueueHealth {
  /** The broker answered a call. */
  readonly answered: (call: Call) => void
  /** A call failed; it will be repeated. */
  readonly failed: (call: Call, detail: string) => void
  /** Settlements were answered. */
  readonly settled: (answers: ExchangeReply["settled"]) => void
  /** The watchdog had to restart something. */
  readonly restarted: () => void
  readonly read: () => Reading
}

/** The counts. Times are epoch ms by this process's clock. */
export interface Reading {
  /** When the broker last answered a round of settling and claiming. */
  readonly lastExchangeAt: number | undefined
  /** Since when calls have been failing; `undefined`: the last ones did not. */
  readonly failingSince: number | undefined
  /** What the last failed call said, however long ago. */
  readonly lastError: string | undefined
  readonly watchdogRestarts: number
  /** Settlements that came after their lease had run out. */
  readonly lostSettlements: number
}

/** Makes the counts of one queue, all zero. */
export const make = (host: Host, queue: string): QueueHealth => {
  const failing = new Map<Call, number>()
  let lastExchangeAt: number | undefined
  let lastError: string | undefined
  let watchdogRestarts = 0
  let lostSettlements = 0
  return {
    answered: (call) => {
      if (call === "exchange") lastExchangeAt = host.wallMs()
      if (failing.delete(call) && failing.size === 0) {
        host.fork(Effect.logInfo(`Queue "${queue}": the broker answers again`))
      }
    },
    failed: (call, detail) => {
      lastError = detail
      if (failing.size === 0) {
        host.fork(
          Effect.logWarning(`Queue "${queue}": the broker fails; calls are repeated until it answers. ${detail}`)
        )
      }
      if (!failing.has(call)) failing.set(call, host.wallMs())
    },
    settled: (answers) => {
      const lost = answers.reduce((count, answer) => answer === "lost" ? count + 1 : count, 0)
      if (lost === 0) return
      lostSettlements += lost
      host.fork(Effect.logWarning(
        `Queue "${queue}": ${lost} settlement(s) came after their lease had run out; nothing was changed by them`
      ))
    },
    restarted: () => {
      watchdogRestarts++
    },
    read: () => ({
      lastExchangeAt,
      failingSince: failing.size === 0 ? undefined : Math.min(...failing.values()),
      lastError,
      watchdogRestarts,
      lostSettlements
    })
  }
}
