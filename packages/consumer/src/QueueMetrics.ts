/**
 * The metrics of one queue in this process, recorded once per round rather than once per job.
 *
 * They land in whatever registry and exporter the app has; without one they cost a few map operations per round.
 */
import type { ExchangeReply } from "@sluice/core/Broker"
import type { Settlement } from "@sluice/core/Lease"
import * as MetricNames from "@sluice/core/MetricNames"
import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"

const outcomes = ["complete", "retry", "die", "cancel", "snooze", "release", "handBack"] as const

/** See the module. */
export class QueueMetrics {
  private readonly context: Context.Context<never>
  private readonly claimed: Metric.Counter<number>
  private readonly lost: Metric.Counter<number>
  private readonly running: Metric.Gauge<number>
  private readonly settled: { readonly [Outcome in Settlement["_tag"]]: Metric.Counter<number> }

  constructor(context: Context.Context<never>, queue: string, slots: number) {
    const counter = (name: string, attributes: Record<string, string> = {}) =>
      Metric.withAttributes(Metric.counter(name, { incremental: true }), { queue, ...attributes })
    const gauge = (name: string) => Metric.withAttributes(Metric.gauge(name), { queue })
    const settled = (outcome: Settlement["_tag"]) => counter(MetricNames.jobsSettled, { outcome })
    this.context = context
    this.claimed = counter(MetricNames.jobsClaimed)
    this.lost = counter(MetricNames.settlementsLost)
    this.running = gauge(MetricNames.jobsRunning)
    this.settled = {
      complete: settled("complete"),
      retry: settled("retry"),
      die: settled("die"),
      cancel: settled("cancel"),
      snooze: settled("snooze"),
      release: settled("release"),
      handBack: settled("handBack")
    }
    gauge(MetricNames.slots).updateUnsafe(slots, context)
  }

  /** A round was answered; `running` jobs run now. */
  round(settlements: ReadonlyArray<Settlement>, reply: ExchangeReply, running: number): void {
    const counts = { complete: 0, retry: 0, die: 0, cancel: 0, snooze: 0, release: 0, handBack: 0 }
    let lost = 0
    for (let index = 0; index < settlements.length; index++) {
      const settlement = settlements[index]
      if (reply.settled[index] === "lost") lost++
      else if (settlement !== undefined) counts[settlement._tag]++
    }
    for (const outcome of outcomes) if (counts[outcome] > 0) this.add(this.settled[outcome], counts[outcome])
    if (lost > 0) this.add(this.lost, lost)
    if (reply.jobs.length > 0) this.add(this.claimed, reply.jobs.length)
    this.running.updateUnsafe(running, this.context)
  }

  private add(counter: Metric.Counter<number>, count: number): void {
    counter.updateUnsafe(count, this.context)
  }
}
