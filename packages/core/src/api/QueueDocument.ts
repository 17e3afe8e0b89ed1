/**
 * A queue as the HTTP API shows it: its counts, what was swept from it, and the numbers that autoscalers ask for.
 *
 * A queue that was never used has a document too, all zero: an autoscaler must never meet "missing".
 */
import * as Schema from "effect/Schema"
import * as Verdict from "../job/Verdict.ts"
import { Id, Key, Name } from "./Values.ts"

const Count = Schema.Int

/** The counts of a queue. */
export const QueueDocument = Schema.Struct({
  queue: Name,
  partitions: Count,
  paused: Schema.Boolean,
  states: Schema.Struct({
    scheduled: Count,
    blocked: Count,
    available: Count,
    running: Count,
    retryable: Count,
    completed: Count,
    cancelled: Count,
    dead: Count
  }),
  totals: Schema.Struct({
    enqueued: Count,
    completed: Count,
    cancelled: Count,
    dead: Count,
    retried: Count,
    rescued: Count,
    pruned: Count,
    removed: Count
  }),
  oldestWaitMs: Schema.optionalKey(Count),
  nextDueMs: Schema.optionalKey(Count)
}).annotate({ identifier: "Queue" })
/** The counts of a queue. */
export type QueueDocument = typeof QueueDocument.Type

/** One page of queues. */
export const QueuePage = Schema.Struct({
  queues: Schema.Array(QueueDocument),
  cursor: Schema.optionalKey(
    Schema.String.annotate({ description: "Give it to the next call; absent on the last page." })
  )
}).annotate({ identifier: "QueuePage" })

/** Whether a queue is paused now. */
export const Paused = Schema.Struct({ queue: Name, paused: Schema.Boolean }).annotate({ identifier: "Paused" })

/** What a drain did. */
export const Drained = Schema.Struct({
  queue: Name,
  removed: Count,
  more: Schema.Boolean.annotate({ description: "Whether jobs still wait: call again." })
}).annotate({ identifier: "Drained" })

/** Which dead jobs to bring back. All conditions have to hold; without any, every dead job is meant. */
export const RedriveBody = Schema.Struct({
  task: Schema.optionalKey(Name),
  key: Schema.optionalKey(Key),
  reason: Schema.optionalKey(Verdict.DeadReason),
  kind: Schema.optionalKey(Schema.String.annotate({
    description: "The kind of its last failed attempt: the tag of a typed error, `Defect`, `Timeout` or `Crashed`."
  })),
  limit: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 })).annotate({
      description: "The most jobs to bring back in this call. Default 1000."
    })
  ),
  dryRun: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Only tell which jobs are meant. Default false." })
  ),
  cursor: Schema.optionalKey(Schema.String.annotate({ description: "Where the last call stopped looking." }))
}).annotate({ identifier: "RedriveBody" })
/** Which dead jobs to bring back. */
export type RedriveBody = typeof RedriveBody.Type

/** What a redrive did, or would do. */
export const Redriven = Schema.Struct({
  queue: Name,
  dryRun: Schema.Boolean,
  examined: Count.annotate({ description: "How many dead jobs were looked at; at most 10,000 in one call." }),
  matched: Count,
  redriven: Count.annotate({
    description: "How many are available again; fewer than matched when some moved meanwhile."
  }),
  ids: Schema.Array(Id).annotate({ description: "The jobs that matched." }),
  cursor: Schema.optionalKey(Schema.String.annotate({ description: "There may be more: give it to the next call." }))
}).annotate({ identifier: "Redriven" })
/** What a redrive did, or would do. */
export type Redriven = typeof Redriven.Type

const scale = {
  backlog: Count.annotate({
    description: "The work for consumers now: available + running, and 1 when a job is due within the horizon. " +
      "Of a paused queue: running only."
  }),
  available: Count,
  running: Count,
  dueSoon: Schema.Boolean.annotate({ description: "Whether a scheduled or retryable job is due within the horizon." }),
  oldestWaitMs: Count.annotate({ description: "How long the longest-waiting available job has waited; 0: none waits." })
}

/** What an autoscaler wants to know of one queue. */
export const QueueScale = Schema.Struct({ queue: Name, paused: Schema.Boolean, ...scale }).annotate({
  identifier: "QueueScale"
})
/** What an autoscaler wants to know of one queue. */
export type QueueScale = typeof QueueScale.Type

/** The same of several queues: sums, and the longest wait. */
export const ManyScale = Schema.Struct({ ...scale, queues: Schema.Array(QueueScale) }).annotate({
  identifier: "ManyScale"
})
/** What an autoscaler wants to know of several queues. */
export type ManyScale = typeof ManyScale.Type
