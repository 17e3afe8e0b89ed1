/**
 * What the processes of a fault test are started with: JSON in their first argument. `World` writes it, the programs
 * consumer.ts and producer.ts read it. It also ends a program whose test is gone.
 */
import type { Deed } from "./tasks.ts"

/** What all of them need. */
export interface Settings {
  /** The name in the journal, and the beginning of the consumer's name. */
  readonly name: string
  readonly redisUrl: string
  /** The journal's file. */
  readonly journal: string
  /** Jobs that wait, or block their process, go on when this file exists. */
  readonly gate: string
  /** How long one call to Redis may take. Default 5000. */
  readonly deadlineMs: number
}

/** How a consumer is to behave. */
export interface ConsumerSettings {
  /** Default 20. */
  readonly concurrency: number
  /** Default 30,000: then nothing may ever run twice. */
  readonly leaseMs: number
  /** How often it looks for work of which nobody told it. Default 5000. */
  readonly pollMs: number
  /** Default 1000. */
  readonly graceMs: number
  /** How long Redis may be away before the process calls itself not live. Default 60,000. */
  readonly unreachableMs: number
  /** What all jobs do here, or whether each does as its payload tells. Default quick. */
  readonly does: Deed | "as told"
}

/** How a producer is to behave. */
export interface ProducerSettings {
  /** How many jobs it enqueues at once. Default 10. */
  readonly callers: number
  /** How long each of them rests between two jobs. Default 20. */
  readonly pauseMs: number
  /** How long a job takes that it makes. Default 2. */
  readonly workMs: number
  /** `own`: it names its jobs and repeats until they are accepted; `made`: the broker does, and nothing is repeated. */
  readonly ids: "own" | "made"
  /** Whether it waits for the end of each job. Default false. */
  readonly isWaiting: boolean
}

/** The settings of a consumer where the test says nothing else. */
export const consumerDefaults: ConsumerSettings = {
  concurrency: 20,
  leaseMs: 30_000,
  pollMs: 5000,
  graceMs: 1000,
  unreachableMs: 60_000,
  does: "quick"
}

/** The settings of a producer where the test says nothing else. */
export const producerDefaults: ProducerSettings = { callers: 10, pauseMs: 20, workMs: 2, ids: "own", isWaiting: false }

const die = () => process.exit(1)

/** Reads what this program was started with, and has it end with its parent. */
const read = (): unknown => {
  process.once("disconnect", die)
  return JSON.parse(process.argv[2] ?? "{}")
}

// `World` is the only one who starts these programs: the casts say what it writes
/** The settings of this consumer. */
export const consumerSettings = () => read() as Settings & ConsumerSettings
/** The settings of this producer. */
export const producerSettings = () => read() as Settings & ProducerSettings

/** Lets go of the parent, so that a program that has nothing more to do ends by itself. */
export const leave = (): void => {
  process.off("disconnect", die)
  process.disconnect()
}
