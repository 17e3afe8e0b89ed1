/**
 * The endpoints of jobs: put them in, look at them, await them, act on one or on many by their ids.
 *
 * Definitions only. What they do, and in which order checks are made, is in the producer; what the answers mean is in the
 * broker's port. A path holds a queue and a job id percent-encoded: both may have slashes.
 */
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import { Access, needs, Validation } from "./Access.ts"
import { EnqueueBody, Enqueued, EnqueueItem, LineAnswer, lineTypes, ManyEnqueued } from "./EnqueueBody.ts"
import {
  Acted,
  CancelBody,
  CancelManyBody,
  JobDocument,
  JobPage,
  ManyActed,
  ManyBody,
  ResultDocument
} from "./JobDocument.ts"
import * as Problems from "./Problems.ts"
import { durationText, Id, Name, State } from "./Values.ts"

/** The most jobs of one page. */
export const pageLimit = 1000

const queue = { queue: Name }
const job = { queue: Name, id: Id }

const enqueue = HttpApiEndpoint.post("enqueue", "/queues/:queue/jobs", {
  params: queue,
  headers: {
    "idempotency-key": Schema.optionalKey(Schema.String.annotate({
      description:
        "The id of a single job that names none; of many, `<key>/<index>`, counted from 0. Another job under a " +
        "used key is refused."
    })),
    traceparent: Schema.optionalKey(Schema.String.annotate({ description: "W3C trace context; travels with the job." }))
  },
  payload: [EnqueueBody, HttpApiSchema.StreamNdjson({ schema: EnqueueItem, contentType: lineTypes })],
  success: [
    Enqueued.pipe(HttpApiSchema.status(201)),
    Enqueued.pipe(HttpApiSchema.status(200)),
    ManyEnqueued.pipe(HttpApiSchema.status(207)),
    HttpApiSchema.StreamNdjson({ schema: LineAnswer }).pipe(HttpApiSchema.status(207))
  ],
  error: [
    ...Problems.broker,
    Problems.PayloadTooLarge,
    Problems.BodyTooLarge,
    Problems.TooManyJobs,
    Problems.UnsupportedMediaType,
    Problems.InvalidPayload,
    Problems.IdempotencyKeyReused,
    Problems.InvalidOption,
    Problems.QueueFull
  ]
}).annotateMerge(needs(
  "enqueue",
  "Put jobs in",
  "One job: 201 when it was taken in, 200 when one of the same id was there already. An array, or one JSON text per line " +
    "(`application/x-ndjson`): 207, with an answer per job in their order; a refused job does not stop the others."
))

const list = HttpApiEndpoint.get("list", "/queues/:queue/jobs", {
  params: queue,
  query: {
    state: State,
    cursor: Schema.optionalKey(Schema.String),
    limit: Schema.optionalKey(
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: pageLimit })).annotate({
        description: "Default 100."
      })
    ),
    payload: Schema.optionalKey(Schema.Boolean.annotate({ description: "Whether to show payloads. Default false." }))
  },
  success: JobPage,
  error: Problems.broker
}).annotateMerge(needs(
  "read",
  "List the jobs in one state",
  "In the state's own order; `limit` is 1 to 1000 (default 100), `cursor` is the last page's, `payload=true` shows " +
    "payloads. Jobs that move meanwhile may be missed or come twice; those that stay come exactly once."
))

const get = HttpApiEndpoint.get("get", "/queues/:queue/jobs/:id", {
  params: job,
  success: JobDocument,
  error: [Problems.JobNotFound, ...Problems.broker]
}).annotateMerge(needs("read", "Look at one job", "The whole record, with its attempts, its lease and its outcome."))

const result = HttpApiEndpoint.get("result", "/queues/:queue/jobs/:id/result", {
  params: job,
  query: {
    wait: Schema.optionalKey(
      durationText("How long to wait for the job's end, cut to the producer's limit; default 0.")
    )
  },
  success: [ResultDocument, ResultDocument.pipe(HttpApiSchema.status(202))],
  error: [Problems.JobNotFound, ...Problems.broker]
}).annotateMerge(needs(
  "read",
  "Await how a job ends",
  "200 when it has ended; 202 when it has not within the wait: ask again."
))

const acts = [Problems.JobNotFound, Problems.WrongState, ...Problems.broker] as const

const cancel = HttpApiEndpoint.post("cancel", "/queues/:queue/jobs/:id/cancel", {
  params: job,
  payload: [CancelBody, Schema.Null],
  success: [Acted, Acted.pipe(HttpApiSchema.status(202))],
  error: acts
}).annotateMerge(needs(
  "operate",
  "Cancel a job",
  "A waiting job is cancelled at once (200). The consumer of a running one is told to interrupt it (202); if the job " +
    "completes first, that counts."
))

const retry = HttpApiEndpoint.post("retry", "/queues/:queue/jobs/:id/retry", {
  params: job,
  success: Acted,
  error: acts
}).annotateMerge(needs("operate", "Retry a dead or cancelled job", "Available again, with all its attempts."))

const promote = HttpApiEndpoint.post("promote", "/queues/:queue/jobs/:id/promote", {
  params: job,
  success: Acted,
  error: acts
}).annotateMerge(needs("operate", "Run a scheduled or retryable job now", "It becomes available."))

const remove = HttpApiEndpoint.delete("remove", "/queues/:queue/jobs/:id", {
  params: job,
  success: Acted,
  error: acts
}).annotateMerge(needs("operate", "Delete a job", "In any state but running, with all that is known of it."))

/** The same verb for many jobs of a queue. */
const many = <const Name extends string, Body extends typeof ManyBody | typeof CancelManyBody>(
  name: Name,
  path: "cancel" | "retry" | "promote" | "remove",
  payload: Body
) =>
  HttpApiEndpoint.post(name, `/queues/:queue/jobs/${path}`, {
    params: queue,
    payload,
    success: ManyActed.pipe(HttpApiSchema.status(207)),
    error: Problems.broker
  }).annotateMerge(needs(
    "operate",
    `${path[0]!.toUpperCase()}${path.slice(1)} many jobs`,
    "As for one, for up to 1000 ids: 207, with an answer for each in its place; one that is refused does not stop the others."
  ))

const cancelMany = many("cancelMany", "cancel", CancelManyBody)
const retryMany = many("retryMany", "retry", ManyBody)
const promoteMany = many("promoteMany", "promote", ManyBody)
const removeMany = many("removeMany", "remove", ManyBody)

/** The endpoints of jobs. */
export class JobsGroup extends HttpApiGroup.make("jobs")
  .add(enqueue, list, get, result, cancel, retry, promote, remove, cancelMany, retryMany, promoteMany, removeMany)
  .middleware(Access)
  .middleware(Validation)
  .prefix("/v1")
{}
