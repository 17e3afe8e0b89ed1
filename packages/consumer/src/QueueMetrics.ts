/**
 * The metrics of one queue in this process: what was claimed, how it ended, how long it waited and ran.
 *
 * They stand in the app's metric registry. Most is recorded once per round; what has to be recorded per job costs a few
 * additions, and a reading of the clock where the handler did not end at once. Handlers that do, all in one go, share the
 * time that all of them took: reading the clock for each would cost as much as the rest of the metrics together.
 */
import * as Attributes from "@sluice/core/AttributeNames"
import type { ExchangeReply } from "@sluice/core/Broker"
import { earliestMs } from "@sluice/core/Job"
import type { ClaimedJob, Settlement } from "@sluice/core/Lease"
import { type Counter, type Histogram, Meter } from "@sluice/core/Meter"
import * as MetricNames from "@sluice/core/MetricNames"
import type { Host } from "./Host.ts"
import type { RunningJob } from "./RunningJob.ts"

type Outcome = Settlement["_tag"] | "lost"

/** What the gauges show, read when somebody looks. */
export interface Readings {
  readonly running: () => number
  readonly stuck: () => number
  readonly unsettled: () => number
}

/** One task's histograms. */
interface TaskMetrics {
  readonly wait: Histogram
  readonly ran: Map<Outcome, Histogram>
}

/** See the module. */
export class QueueMetrics {
  private readonly host: Host
  private readonly meter: Meter
  private readonly queue: string
  private readonly claimed: Counter
  private readonly claimSize: Histogram
  private readonly settleSize: Histogram
  private readonly lostAtSettling: Counter
  private readonly lostWhileRunning: Counter
  private readonly restarts: Counter
  private readonly settled = new Map<Outcome, Counter>()
  private readonly tasks: ReadonlyMap<string, TaskMetrics>
  /** Set while claimed jobs are started. */
  private startedMs: number | undefined
  /** The histograms of handlers that have ended meanwhile. */
  private readonly endedAtOnce: Array<Histogram> = []
  private endGauges: ReadonlyArray<() => void> = []

  /** `tasks`: the names of those that this consumer runs. Names of others never become attributes. */
  constructor(host: Host, queue: string, tasks: ReadonlyArray<string>) {
    const meter = new Meter(host.context)
    const lost = (foundBy: string) =>
      meter.counter(MetricNames.leasesLost, { [Attributes.queue]: queue, [Attributes.foundBy]: foundBy })
    const size = (operation: string) =>
      meter.histogram(MetricNames.batchSize, { [Attributes.operationName]: operation, [Attributes.queue]: queue })
    this.host = host
    this.meter = meter
    this.queue = queue
    this.claimed = meter.counter(MetricNames.consumedMessages, this.operation("claim", "receive"))
    this.claimSize = size("claim")
    this.settleSize = size("settle")
    this.lostAtSettling = lost("settle")
    this.lostWhileRunning = lost("heartbeat")
    this.restarts = meter.counter(MetricNames.watchdogRestarts, { [Attributes.queue]: queue })
    const wait = (task: string) =>
      meter.histogram(MetricNames.jobWait, { [Attributes.queue]: queue, [Attributes.task]: task })
    this.tasks = new Map(tasks.map((task) => [task, { wait: wait(task), ran: new Map() }]))
  }

  /** Shows the gauges until `close`. */
  open(slots: number, readings: Readings): void {
    const attributes = { [Attributes.queue]: this.queue }
    this.endGauges = [
      this.meter.gauge(MetricNames.slots, attributes, () => slots),
      this.meter.gauge(MetricNames.jobsRunning, attributes, readings.running),
      this.meter.gauge(MetricNames.handlersStuck, attributes, readings.stuck),
      this.meter.gauge(MetricNames.jobsUnsettled, attributes, readings.unsettled)
    ]
  }

  /** Takes the gauges away; what was counted stays. */
  close(): void {
    this.endGauges.forEach((end) => end())
    this.endGauges = []
  }

  /** A round was answered. */
  answered(settlements: ReadonlyArray<Settlement>, reply: ExchangeReply): void {
    if (reply.jobs.length > 0) {
      this.claimed.add(reply.jobs.length)
      this.claimSize.record(reply.jobs.length)
    }
    if (settlements.length > 0) this.settleSize.record(settlements.length)
    for (let index = 0, count = 0; index < settlements.length; index++) {
      const outcome = outcomeAt(settlements, reply, index)
      count++
      // those alike mostly stand together
      if (outcome === outcomeAt(settlements, reply, index + 1)) continue
      if (outcome === "lost") this.lostAtSettling.add(count)
      else if (outcome !== undefined) this.settledCounter(outcome).add(count)
      count = 0
    }
  }

  /** Claimed jobs are about to be started; answers the time of the start, in the host's ms. */
  starting(jobs: ReadonlyArray<ClaimedJob>): number {
    for (const { attempt, handedBack, job, startedAtMs } of jobs) {
      // later attempts have waited for their retry, too
      if (attempt === 1 && handedBack === 0) {
        this.tasks.get(job.task)?.wait.record(Math.max(0, startedAtMs - earliestMs(job)) / 1000)
      }
    }
    return this.startedMs = this.host.nowMs()
  }

  /** They are started. */
  started(): void {
    const { endedAtOnce, startedMs } = this
    this.startedMs = undefined
    if (startedMs === undefined || endedAtOnce.length === 0) return
    const seconds = Math.max(0, this.host.nowMs() - startedMs) / 1000 / endedAtOnce.length
    for (const histogram of endedAtOnce) histogram.record(seconds)
    endedAtOnce.length = 0
  }

  /** A job has ended. `undefined`: its lease was lost. */
  ended(job: RunningJob, settlement: Settlement | undefined): void {
    const { task } = job.claimed.job
    const ran = this.tasks.get(task)?.ran
    // one that was refused ran no handler
    if (ran === undefined || job.fiber === undefined) return
    const outcome = settlement === undefined ? "lost" : settlement._tag
    let histogram = ran.get(outcome)
    if (histogram === undefined) ran.set(outcome, histogram = this.ranHistogram(task, outcome))
    if (this.startedMs !== undefined) this.endedAtOnce.push(histogram)
    else histogram.record(Math.max(0, this.host.nowMs() - job.startedMs) / 1000)
  }

  /** Leases of running jobs were lost. */
  lost(count: number): void {
    this.lostWhileRunning.add(count)
  }

  /** The watchdog restarted something. */
  restarted(): void {
    this.restarts.add(1)
  }

  private operation(name: string, type: string): Record<string, string> {
    return {
      [Attributes.system]: "sluice",
      [Attributes.operationName]: name,
      [Attributes.operationType]: type,
      [Attributes.queue]: this.queue
    }
  }

  private settledCounter(outcome: Outcome): Counter {
    let counter = this.settled.get(outcome)
    if (counter === undefined) {
      const attributes = { [Attributes.queue]: this.queue, [Attributes.outcome]: outcome }
      this.settled.set(outcome, counter = this.meter.counter(MetricNames.jobsSettled, attributes))
    }
    return counter
  }

  private ranHistogram(task: string, outcome: Outcome): Histogram {
    return this.meter.histogram(MetricNames.processDuration, {
      ...this.operation("process", "process"),
      [Attributes.task]: task,
      [Attributes.outcome]: outcome
    })
  }
}

const outcomeAt = (settlements: ReadonlyArray<Settlement>, { settled }: ExchangeReply, index: number) =>
  index >= settlements.length ? undefined : settled[index] === "lost" ? "lost" : settlements[index]!._tag
