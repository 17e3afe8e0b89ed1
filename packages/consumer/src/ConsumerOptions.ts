/**
 * What a process may choose about how it consumes, and the same as plain numbers.
 *
 * `Consumer.layer` takes the options and resolves them once, with every default and every limit in this file. What all
 * processes have to agree on about a queue is not here: that is `JobQueue`.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** How this process consumes one queue. */
export interface QueueOptions {
  /** How many jobs of this queue run at once in this process: 1 to 10,000. */
  readonly concurrency: number
  /**
   * How large this queue's share of the slots is, beside that of others of its priority that have work, where the whole
   * consumer has a concurrency: 0.01 to 100. Default 1.
   */
  readonly weight?: number | undefined
  /**
   * Queues of a lower priority get slots only while those of a higher one have no job to claim, or no slot of their own
   * concurrency left, where the whole consumer has a concurrency: a whole number from -100 to 100. Default 0.
   */
  readonly priority?: number | undefined
  /**
   * How many rounds of settling and claiming may be under way at once: 1 to 16. More than one lets the broker and this
   * process work at the same time, and costs calls. Default: one per 50 slots, at least 1, at most 4.
   */
  readonly lanes?: number | undefined
  /** As the option of the whole consumer, for this queue. */
  readonly lease?: Duration.Input | undefined
  /** As the option of the whole consumer, for this queue. */
  readonly poll?: Duration.Input | undefined
}

/** How this process consumes, for all of its queues. */
export interface Options {
  /**
   * How many jobs run at once in this process, all queues together: 1 to 10,000. Queues share these slots by their
   * weights; one without work leaves its share to the others. Default: each queue has its own concurrency, and there is
   * no other limit.
   */
  readonly concurrency?: number | undefined
  /**
   * What inspect shows as the holder of a lease; a random suffix makes it unique to this process's life. Default: host
   * name and process id.
   */
  readonly name?: string | undefined
  /** The version of the application, shown where consumers are listed. Default: none. */
  readonly version?: string | undefined
  /**
   * How long handlers may go on once the consumer is asked to stop; what still runs then is interrupted and released,
   * with no attempt used. The stop takes at most this long and `Consumer.stopBoundMs` more. Default 25 seconds.
   */
  readonly grace?: Duration.Input | undefined
  /** Ends the grace once it completes: a second signal, say. Default: never. */
  readonly hurry?: Effect.Effect<void> | undefined
  /**
   * How long a lease lasts unless it is extended, which happens each third of it: 1 second to 1 day. Jobs of a process
   * that vanished are run again after this time, and handlers are interrupted when the broker could not be reached for
   * as long. Default 30 seconds.
   */
  readonly lease?: Duration.Input | undefined
  /** How often to look for work when nobody tells of any (a slow net under the wake-ups): at least 10 ms. Default 5 s. */
  readonly poll?: Duration.Input | undefined
  /**
   * How long an interrupted handler may take to end (finalizers, uninterruptible regions) before its slot is given to
   * the next job. Default 10 seconds.
   */
  readonly interruptGrace?: Duration.Input | undefined
  /** How long the broker may be unreachable before this process reports itself as not live. Default 1 minute. */
  readonly unreachable?: Duration.Input | undefined
  /** Whether this process also does the maintenance of its queues: promote, rescue, prune. Default true. */
  readonly maintenance?: boolean | undefined
}

/** The options of one queue with every default filled in; times in milliseconds. */
export interface QueueSettings {
  /** At most the whole consumer's. */
  readonly concurrency: number
  readonly weight: number
  readonly priority: number
  readonly lanes: number
  readonly leaseMs: number
  readonly pollMs: number
}

/** The options of the process with every default filled in; times in milliseconds. */
export interface Settings {
  /** `undefined`: no limit beside those of the queues. */
  readonly concurrency: number | undefined
  readonly graceMs: number
  readonly hurry: Effect.Effect<void>
  readonly interruptGraceMs: number
  readonly unreachableMs: number
  readonly maintenance: boolean
}

const whole = (what: string, value: number, minimum: number, maximum: number): number => {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value
  throw new RangeError(`Consumer: ${what} is ${value}; it has to be a whole number from ${minimum} to ${maximum}`)
}

const millis = (what: string, value: Duration.Input, minimum: number): number => {
  const ms = Duration.toMillis(Duration.fromInputUnsafe(value))
  if (ms >= minimum && ms <= 86_400_000) return Math.ceil(ms)
  throw new RangeError(`Consumer: ${what} is ${ms} ms; it has to be from ${minimum} ms to 1 day`)
}

// Measured on two cores, no-op jobs, microseconds of Redis and of Node per job: 100 slots over 1 lane 3.6 + 2.5, over 2
// lanes 4.0 + 3.3, over 4 lanes 5.0 + 3.5. Calls below some 50 jobs cost more than the overlap gains.
const defaultLanes = (concurrency: number): number => Math.min(4, Math.max(1, Math.floor(concurrency / 50)))

const weightOf = ({ weight = 1 }: QueueOptions): number => {
  if (Number.isFinite(weight) && weight >= 0.01 && weight <= 100) return weight
  throw new RangeError(`Consumer: weight is ${weight}; it has to be a number from 0.01 to 100`)
}

/** What shares out nothing was meant to: better refused than ignored. */
const refuseUnshared = (options: QueueOptions, { concurrency }: Options): void => {
  const name = options.weight !== undefined ? "weight" : options.priority !== undefined ? "priority" : undefined
  if (concurrency !== undefined || name === undefined) return
  throw new RangeError(
    `Consumer: a queue has a ${name}, but there are no slots to share: give the whole consumer a concurrency`
  )
}

/** Fills in the defaults of one queue. Throws a `RangeError` that names the option when a value is out of range. */
export const queueSettings = (options: QueueOptions, process: Options): QueueSettings => {
  const own = whole("concurrency", options.concurrency, 1, 10_000)
  const concurrency = Math.min(own, process.concurrency ?? own)
  refuseUnshared(options, process)
  return {
    concurrency,
    weight: weightOf(options),
    priority: whole("priority", options.priority ?? 0, -100, 100),
    lanes: Math.min(concurrency, whole("lanes", options.lanes ?? defaultLanes(concurrency), 1, 16)),
    leaseMs: millis("lease", options.lease ?? process.lease ?? "30 seconds", 1000),
    pollMs: millis("poll", options.poll ?? process.poll ?? "5 seconds", 10)
  }
}

/** Fills in the defaults of the process. Throws a `RangeError` that names the option when a value is out of range. */
export const settings = (options: Options): Settings => ({
  concurrency: options.concurrency === undefined
    ? undefined
    : whole("the consumer's concurrency", options.concurrency, 1, 10_000),
  graceMs: millis("grace", options.grace ?? "25 seconds", 0),
  hurry: options.hurry ?? Effect.never,
  interruptGraceMs: millis("interruptGrace", options.interruptGrace ?? "10 seconds", 0),
  unreachableMs: millis("unreachable", options.unreachable ?? "1 minute", 0),
  maintenance: options.maintenance ?? true
})
