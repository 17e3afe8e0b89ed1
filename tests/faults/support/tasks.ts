/**
 * The work of the fault tests: one task for everything that can happen to a job, and one that kills whoever runs it.
 *
 * Producers and consumers in all processes share it. What a job does is told in its payload, but each consumer decides
 * whether it does as it is told: so a job that one can't end is ended by the next.
 */
import { JobQueue, RetryPolicy, Task } from "@sluice/core"
import * as Schema from "effect/Schema"

const name = "faults"

/** Keeps every completed job, so that the audit can look at each of them. The partitions are whatever is stored. */
export const queue = JobQueue.make(name, { keepCompleted: 1_000_000 })

/** The same queue with its partitions named, for whoever uses it first. */
export const partitioned = (partitions: number) => JobQueue.make(name, { keepCompleted: 1_000_000, partitions })

/**
 * What a job does, in a consumer that does as it is told: `quick` takes its time and completes; `hold` never ends; `wait` ends when
 * the test opens its gate; `block` does so too, and holds the whole process still until then.
 */
export const Deed = Schema.Literals(["quick", "hold", "wait", "block"])
/** What a job does. */
export type Deed = typeof Deed.Type

const payload = {
  n: Schema.Int,
  /** Made of `n` by `textOf`, so that whoever runs the job can tell whether it arrived whole. */
  text: Schema.String,
  does: Deed,
  /** How long a quick job takes. */
  ms: Schema.Int
}

/** Work that may be interrupted, repeated and lost sight of. Many attempts: the faults should not use them up. */
export class Work extends Task.make("Work", {
  queue,
  payload,
  success: Schema.Struct({ by: Schema.String, attempt: Schema.Int }),
  retry: RetryPolicy.fixed({ delay: "50 millis", attempts: 20, crashDelay: "50 millis" })
}) {}

/** Kills its process, each time, so it never ends by itself. */
export class Poison extends Task.make("Poison", {
  queue,
  payload,
  retry: RetryPolicy.fixed({ delay: "50 millis", attempts: 3, crashDelay: "50 millis" })
}) {}

/** A text that suffers from any decoding and encoding on its way. */
export const textOf = (n: number): string => `#${n} "é😀\\u0000\n{}[] 9007199254740993 ${"x".repeat(n % 200)}`
