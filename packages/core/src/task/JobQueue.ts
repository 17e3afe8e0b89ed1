/**
 * What all processes must agree on about one queue: its name and its shared settings.
 *
 * A plain string stands wherever a queue stands; `make` is for queues that need settings of their own. A queue holds
 * nothing and connects to nothing.
 */

/** A queue by value: its name and what every process that uses it has to agree on. */
export interface JobQueue<out Name extends string = string> {
  readonly name: Name
  /**
   * How many partitions the queue is split into; `undefined`: whatever is stored, or 1 at first use. Stored at first
   * use; a process that names another number is refused (`PartitionMismatch`).
   */
  readonly partitions: number | undefined
  /** The most live jobs (all states but the final ones) per partition; `undefined`: no limit. Beyond it: `QueueFull`. */
  readonly maxJobs: number | undefined
  /** The longest encoded payload in bytes of UTF-8. Default 262,144 (256 KiB). Beyond it: `PayloadTooLarge`. */
  readonly maxPayloadBytes: number
  /** The most completed jobs kept per partition, whatever their retention. Default 10,000. */
  readonly keepCompleted: number
  /** When what happens to jobs is recorded for readers of `Events`: while somebody reads, or always. Default "asked". */
  readonly recordEvents: "asked" | "always"
  /** About how many of the last events are kept per partition for readers that are behind. Default 10,000. */
  readonly keepEvents: number
}

/** The settings of a queue, each optional. */
export interface Options {
  /** 1 to 1,000. Default: whatever is stored, or 1 at first use. */
  readonly partitions?: number | undefined
  /** At least 1. Default: no limit. */
  readonly maxJobs?: number | undefined
  /** Bytes; at least 1, at most 4 MiB. Default 262,144. */
  readonly maxPayloadBytes?: number | undefined
  /** 0 or more. Default 10,000. */
  readonly keepCompleted?: number | undefined
  /** Default "asked". "always" costs Redis half a microsecond a job and event, or 8 in a call of one. */
  readonly recordEvents?: "asked" | "always" | undefined
  /** At least 1. Default 10,000. */
  readonly keepEvents?: number | undefined
}

/** The default of `maxPayloadBytes`: 256 KiB. */
export const defaultMaxPayloadBytes = 262_144
/** The default of `keepCompleted`. */
export const defaultKeepCompleted = 10_000
/** The default of `keepEvents`. */
export const defaultKeepEvents = 10_000

/** Whether a text can name a queue or a task: 1 to 128 characters of `A-Z a-z 0-9 . _ - / :`. */
export const isName = (name: string): boolean => /^[A-Za-z0-9._/:-]{1,128}$/.test(name)

const whole = (what: string, value: number | undefined, minimum: number, maximum: number): void => {
  if (value !== undefined && (!Number.isInteger(value) || value < minimum || value > maximum)) {
    throw new RangeError(`JobQueue: ${what} is ${value}; it has to be a whole number from ${minimum} to ${maximum}`)
  }
}

/** Makes a queue. Throws a `RangeError` that names the setting when a value is out of range: that is a bug in code. */
export const make = <const Name extends string>(name: Name, options: Options = {}): JobQueue<Name> => {
  if (!isName(name)) {
    throw new RangeError(`JobQueue: "${name}" is no queue name; use 1 to 128 characters of A-Z a-z 0-9 . _ - / :`)
  }
  whole("partitions", options.partitions, 1, 1000)
  whole("maxJobs", options.maxJobs, 1, Number.MAX_SAFE_INTEGER)
  whole("maxPayloadBytes", options.maxPayloadBytes, 1, 4_194_304)
  whole("keepCompleted", options.keepCompleted, 0, Number.MAX_SAFE_INTEGER)
  whole("keepEvents", options.keepEvents, 1, Number.MAX_SAFE_INTEGER)
  return {
    name,
    partitions: options.partitions,
    maxJobs: options.maxJobs,
    maxPayloadBytes: options.maxPayloadBytes ?? defaultMaxPayloadBytes,
    keepCompleted: options.keepCompleted ?? defaultKeepCompleted,
    recordEvents: options.recordEvents ?? "asked",
    keepEvents: options.keepEvents ?? defaultKeepEvents
  }
}

/** The queue that a task names: a string becomes a queue with the default settings. */
export const from = <const Name extends string>(queue: Name | JobQueue<Name>): JobQueue<Name> =>
  typeof queue === "string" ? make(queue) : queue
