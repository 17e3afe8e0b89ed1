/**
 * Makes what metrics are recorded with, and shows it in Effect's metric registry, so that every exporter finds it there.
 *
 * Brokers and consumers ask for a series once and keep it; two that ask for the same series of one registry share it, so
 * counts add up. Nothing is exported here: without an exporter a metric costs what its additions cost.
 */
import * as Context from "effect/Context"
import * as Metric from "effect/Metric"
import { Counter, Gauge, Histogram } from "./Instruments.ts"
import type { Definition } from "./MetricNames.ts"

export type { Counter, Histogram } from "./Instruments.ts"

/** Values of attributes; `undefined` leaves an attribute out. */
export type Attributes = Readonly<Record<string, string | undefined>>

interface Gauged {
  readonly gauge: Gauge
  readonly registration: Metric.Registration
}

/** The series of one registry. */
interface Series {
  readonly counters: Map<string, Counter>
  readonly histograms: Map<string, Histogram>
  readonly gauges: Map<string, Gauged>
}

const known = new WeakMap<Metric.MetricRegistry, Series>()

const seriesOf = (registry: Metric.MetricRegistry): Series => {
  let series = known.get(registry)
  if (series === undefined) {
    series = { counters: new Map(), histograms: new Map(), gauges: new Map() }
    known.set(registry, series)
  }
  return series
}

/** How many queues of one process have series of their own. A client could name any number of queues. */
const queuesLimit = 250

/** What stands for the names of further queues. */
export const otherQueues = "_other"

/** See the module. */
export class Meter {
  private readonly context: Context.Context<never>
  private readonly series: Series
  private readonly common: string
  private readonly queues = new Set<string>()

  /** Takes the registry and the common attributes of the context. */
  constructor(context: Context.Context<never>) {
    this.context = context
    this.series = seriesOf(Context.get(context, Metric.MetricRegistry))
    this.common = JSON.stringify(Context.get(context, Metric.CurrentMetricAttributes))
  }

  /** A counter. */
  counter(definition: Definition<"counter">, attributes: Attributes = {}): Counter {
    return this.find(this.series.counters, definition, attributes, (options) => {
      const counter = new Counter()
      const metric = Metric.counter(definition.name, { ...options, incremental: true })
      Metric.registerUnsafe(metric, this.context, { get: () => counter.read(), update: ignore, modify: ignore })
      return counter
    })
  }

  /** A histogram. */
  histogram(definition: Definition<"histogram">, attributes: Attributes = {}): Histogram {
    return this.find(this.series.histograms, definition, attributes, (options) => {
      const histogram = new Histogram(definition.boundaries)
      const metric = Metric.histogram(definition.name, { ...options, boundaries: definition.boundaries })
      Metric.registerUnsafe(metric, this.context, { get: () => histogram.read(), update: ignore, modify: ignore })
      return histogram
    })
  }

  /** One more part of a gauge, read when somebody looks. Answers what ends it. */
  gauge(definition: Definition<"gauge">, attributes: Attributes, read: () => number): () => void {
    const { gauges } = this.series
    const { gauge, registration } = this.find(gauges, definition, attributes, (options) => {
      const gauge = new Gauge()
      const metric = Metric.gauge(definition.name, options)
      const hooks = { get: () => gauge.read(), update: ignore, modify: ignore }
      return { gauge, registration: Metric.registerUnsafe(metric, this.context, hooks) }
    })
    const remove = gauge.add(read)
    return () => {
      if (!remove()) return
      registration.remove()
      gauges.delete(this.keyOf(definition, attributes))
    }
  }

  /** The name under which a queue is counted: its own, but for queues beyond the limit. */
  queue(name: string): string {
    if (this.queues.has(name)) return name
    if (this.queues.size >= queuesLimit) return otherQueues
    this.queues.add(name)
    return name
  }

  private keyOf(definition: Definition, attributes: Attributes): string {
    return `${definition.name} ${this.common} ${JSON.stringify(attributes)}`
  }

  private find<A>(
    series: Map<string, A>,
    definition: Definition,
    attributes: Attributes,
    make: (options: Options) => A
  ): A {
    const key = this.keyOf(definition, attributes)
    let found = series.get(key)
    if (found === undefined) series.set(key, found = make(optionsOf(definition, attributes)))
    return found
  }
}

interface Options {
  readonly description: string
  readonly attributes: Record<string, string>
}

/** What a metric is made of. The unit is an attribute by Effect's custom: exporters take it out again. */
export const optionsOf = ({ description, unit }: Definition, attributes: Attributes): Options => {
  const present: Record<string, string> = { unit }
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) present[name] = value
  return { description, attributes: present }
}

const ignore = (): void => {}
