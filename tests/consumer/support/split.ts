/**
 * A module of handlers one of whose queues names another number of partitions than Redis has for it.
 */
import { Handlers } from "@sluice/consumer"
import { JobQueue, Task } from "@sluice/core"
import { Effect, Layer } from "effect"
import { Sleep } from "./tasks.ts"

class Split extends Task.make("Split", { queue: JobQueue.make("split", { partitions: 2 }) }) {}

// eslint-disable-next-line import/no-default-export -- what the program expects of a module of handlers
export default Handlers.make({
  tasks: [Sleep, Split],
  layer: Layer.merge(Sleep.toLayer(() => Effect.succeed(0)), Split.toLayer(() => Effect.void))
})
