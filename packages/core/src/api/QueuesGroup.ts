/**
 * The endpoints of queues: counts, pause and resume, drain, redrive, and the numbers that autoscalers ask for.
 *
 * Definitions only. A queue needs no making: whoever names one that was never used gets zeros, and only a write begins it.
 */
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import { Access, needs, Validation } from "./Access.ts"
import { EventDocument } from "./EventDocument.ts"
import * as Problems from "./Problems.ts"
import {
  Drained,
  ManyScale,
  Paused,
  QueueDocument,
  QueuePage,
  QueueScale,
  RedriveBody,
  Redriven
} from "./QueueDocument.ts"
import { Name } from "./Values.ts"

/** The most queues of one page, and of one question for several queues' scale. */
export const queuesLimit = 100

/** The most jobs that one drain deletes. */
export const drainLimit = 10_000

const queue = { queue: Name }

const list = HttpApiEndpoint.get("list", "/queues", {
  query: {
    cursor: Schema.optionalKey(Schema.String),
    limit: Schema.optionalKey(
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: queuesLimit })).annotate({
        description: `Default ${queuesLimit}.`
      })
    )
  },
  success: QueuePage,
  error: Problems.broker
}).annotateMerge(
  needs(
    "read",
    "List the queues",
    "All that were ever used, by name, with their counts; `limit` is 1 to 100 (the default)."
  )
)

const get = HttpApiEndpoint.get("get", "/queues/:queue", {
  params: queue,
  success: QueueDocument,
  error: Problems.broker
}).annotateMerge(needs("read", "Count a queue's jobs", "By state and since its first use; zeros for one never used."))

const pause = HttpApiEndpoint.post("pause", "/queues/:queue/pause", {
  params: queue,
  success: Paused,
  error: Problems.broker
}).annotateMerge(
  needs("operate", "Pause a queue", "No job is claimed until it is resumed; running jobs go on, new ones are taken in.")
)

const resume = HttpApiEndpoint.post("resume", "/queues/:queue/resume", {
  params: queue,
  success: Paused,
  error: Problems.broker
}).annotateMerge(needs("operate", "Resume a queue", "Jobs are claimed again, at once."))

const drain = HttpApiEndpoint.post("drain", "/queues/:queue/drain", {
  params: queue,
  payload: [
    Schema.Struct({
      limit: Schema.optionalKey(
        Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: drainLimit })).annotate({
          description: `The most jobs to delete in this call. Default ${drainLimit}.`
        })
      )
    }),
    Schema.Null
  ],
  success: Drained,
  error: Problems.broker
}).annotateMerge(
  needs(
    "operate",
    "Delete waiting jobs",
    "Available ones first, then scheduled and retryable; running and ended ones stay."
  )
)

const redrive = HttpApiEndpoint.post("redrive", "/queues/:queue/redrive", {
  params: queue,
  payload: [RedriveBody, Schema.Null],
  success: Redriven,
  error: Problems.broker
}).annotateMerge(
  needs("operate", "Bring dead jobs back", "Makes the dead jobs that match available again, with all their attempts.")
)

const scale = HttpApiEndpoint.get("scale", "/scale/:queue", {
  params: queue,
  success: QueueScale,
  error: Problems.broker
}).annotateMerge(
  needs(
    "read",
    "Ask what a queue needs",
    "For autoscalers: zeros for a queue that does not exist yet, and asking does not make it."
  )
)

const scaleMany = HttpApiEndpoint.get("scaleMany", "/scale", {
  query: { queue: Schema.Array(Name).check(Schema.isMinLength(1), Schema.isMaxLength(queuesLimit)) },
  success: ManyScale,
  error: Problems.broker
}).annotateMerge(needs("read", "Ask what several queues need", "`?queue=a&queue=b`: their sums, and each of them."))

const events = HttpApiEndpoint.get("events", "/queues/:queue/events", {
  params: queue,
  headers: {
    "last-event-id": Schema.optionalKey(
      Schema.String.annotate({ description: "The `id` of the last event that was seen: go on behind it." })
    )
  },
  success: HttpApiSchema.StreamSse({ data: EventDocument }),
  error: Problems.broker
}).annotateMerge(needs(
  "read",
  "Follow what happens to a queue's jobs",
  "Server-sent events, from now on or behind `Last-Event-ID`; a comment line every 15 seconds. It ends when the producer " +
    "stops: connect again."
))

/** The endpoints of queues. */
export class QueuesGroup extends HttpApiGroup.make("queues")
  .add(list, get, pause, resume, drain, redrive, scale, scaleMany, events)
  .middleware(Access)
  .middleware(Validation)
  .prefix("/v1")
{}
