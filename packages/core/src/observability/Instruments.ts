/**
 * What metrics are recorded with: plain fields that are added to, and read only when somebody looks. Internal to `Meter`.
 *
 * Recording is a few instructions, with no look-up and no allocation, so that it may be done once per job.
 */
import type * as Metric from "effect/Metric"

/** Counts up. */
export class Counter {
  private count = 0

  /** Adds a number that is not negative. */
  add(count: number): void {
    this.count += count
  }

  /** The count so far. */
  read(): Metric.CounterState<number> {
    return { count: this.count, incremental: true }
  }
}

/** Sorts values into buckets. */
export class Histogram {
  private readonly boundaries: ReadonlyArray<number>
  private readonly counts: Array<number>
  private count = 0
  private sum = 0
  private min = Infinity
  private max = -Infinity

  /** The boundaries are upper ones, included, and ascend. */
  constructor(boundaries: ReadonlyArray<number>) {
    this.boundaries = boundaries
    this.counts = boundaries.map(() => 0)
  }

  /** Adds one value, or the same value several times. */
  record(value: number, times = 1): void {
    const { boundaries, counts } = this
    let at = 0
    while (at < counts.length && value > boundaries[at]!) at++
    if (at < counts.length) counts[at]! += times
    this.count += times
    this.sum += value * times
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
  }

  /** The buckets, cumulative. */
  read(): Metric.HistogramState {
    let sum = 0
    const isEmpty = this.count === 0
    return {
      buckets: this.boundaries.map((boundary, at) => [boundary, sum += this.counts[at]!]),
      count: this.count,
      min: isEmpty ? 0 : this.min,
      max: isEmpty ? 0 : this.max,
      sum: this.sum
    }
  }
}

/** The sum of what several parts of this process have now. */
export class Gauge {
  private readonly readers = new Set<() => number>()

  /** One more part; a part added twice counts twice. Answers what takes it away, and says whether it was the last. */
  add(reader: () => number): () => boolean {
    const own = () => reader()
    this.readers.add(own)
    return () => {
      this.readers.delete(own)
      return this.readers.size === 0
    }
  }

  /** The sum. */
  read(): Metric.GaugeState<number> {
    let value = 0
    for (const reader of this.readers) value += reader()
    return { value }
  }
}
