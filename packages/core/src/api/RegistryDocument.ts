/**
 * Who consumes, and which tasks there are, as the HTTP API shows them.
 *
 * Times are ISO 8601 in UTC: `seenAt` by the broker's clock, `startedAt` by the consumer's own. A list of tasks is without
 * their schemas, which may be long.
 */
import * as Schema from "effect/Schema"
import * as TaskInfo from "../task/TaskInfo.ts"
import { Timestamp } from "./Values.ts"

/** A consumer that was heard of within the last minute. */
export const ConsumerDocument = Schema.Struct({
  name: Schema.String.annotate({ description: "Unique to one process's life; a running job's lease shows it too." }),
  host: Schema.String,
  pid: Schema.Int,
  version: Schema.optionalKey(Schema.String.annotate({ description: "The application's, if it said one." })),
  state: Schema.Literals(["running", "stopping"]),
  queues: Schema.Array(Schema.Struct({
    queue: Schema.String,
    concurrency: Schema.Int.annotate({ description: "How many of the queue's jobs may run at once in this process." }),
    running: Schema.Int
  })),
  startedAt: Timestamp,
  seenAt: Timestamp
}).annotate({ identifier: "Consumer" })
/** A consumer that was heard of within the last minute. */
export type ConsumerDocument = typeof ConsumerDocument.Type

/** All live consumers, by name. */
export const ConsumerList = Schema.Struct({ consumers: Schema.Array(ConsumerDocument) }).annotate({
  identifier: "ConsumerList"
})

/** A task's row in the list. */
export const TaskRow = Schema.Struct({
  task: Schema.String,
  queue: Schema.String,
  version: Schema.Int.annotate({ description: "The newest version of the payload." }),
  versions: Schema.Array(Schema.Int).annotate({ description: "Every version with a schema, ascending." })
}).annotate({ identifier: "TaskRow" })

/** All tasks that were ever published, by name. */
export const TaskList = Schema.Struct({ tasks: Schema.Array(TaskRow) }).annotate({ identifier: "TaskList" })

/** A task as its consumers have published it, with the JSON Schema of each version of its payload. */
export const TaskDocument = TaskInfo.TaskInfo.annotate({
  identifier: "Task",
  description: "JSON Schemas are Draft 2020-12, each whole in itself, and describe what travels: the encoded JSON."
})
