/**
 * How this process's consumer is doing, for probes, pages and people. `Consumer.layer` provides it.
 *
 * It tells what is, not what was configured: a consumer that can't reach its broker is not ready, and one that has not
 * done what it should for long is not live, so that whoever supervises it may restart it.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Settings } from "./ConsumerOptions.ts"
import type { QueueEngine, Report } from "./QueueEngine.ts"

/** The answer to a probe. */
export interface Check {
  /** Whether it is worth keeping this process: false means that only a restart may help. */
  readonly live: boolean
  /** Whether jobs are being consumed: the broker answers and the consumer is not stopping. */
  readonly ready: boolean
  /** Why it is not live or not ready, one sentence each; empty when all is well. */
  readonly reasons: ReadonlyArray<string>
}

/** See the module. */
export class ConsumerHealth extends Context.Service<ConsumerHealth, {
  /** What inspect shows as the holder of this process's leases. */
  readonly consumer: string
  /** Each queue by name. */
  readonly queues: Effect.Effect<Readonly<Record<string, Report>>>
  readonly check: Effect.Effect<Check>
}>()("@sluice/consumer/ConsumerHealth") {}

interface Finding {
  readonly dead: boolean
  readonly reason: string
}

const findings = (queue: string, report: Report, unreachableMs: number): ReadonlyArray<Finding> => {
  const found: Array<Finding> = []
  const add = (dead: boolean, reason: string) => found.push({ dead, reason: `queue "${queue}": ${reason}` })
  if (report.failingSince !== undefined) {
    const ms = Math.round(report.failingForMs)
    add(ms > unreachableMs, `the broker has been failing for ${ms} ms (${report.lastError})`)
  } else if (report.stalled) {
    add(true, "it does nothing, or gets no answer, although there is something to do")
  } else if (report.lastExchangeAt === undefined) {
    add(false, "the broker has not answered yet")
  }
  if (report.stuck >= report.concurrency) add(true, `${report.stuck} interrupted handlers do not end`)
  if (report.stopping) add(false, "it is stopping")
  return found
}

/** Makes the service for a set of queues. */
export const make = (
  consumer: string,
  engines: ReadonlyArray<QueueEngine>,
  settings: Settings
): ConsumerHealth["Service"] => ({
  consumer,
  queues: Effect.sync(() => Object.fromEntries(engines.map((engine) => [engine.queue.name, engine.report()]))),
  check: Effect.sync(() => {
    const found = engines.flatMap((engine) => findings(engine.queue.name, engine.report(), settings.unreachableMs))
    return {
      live: !found.some(({ dead }) => dead),
      ready: found.length === 0,
      reasons: found.map(({ reason }) => reason)
    }
  })
})
