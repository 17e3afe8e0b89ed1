/**
 * Every way in which the HTTP API says no: RFC 9457 problem documents (`application/problem+json`), one class per kind.
 *
 * The producer answers with them, clients get them back as instances, and the reference lists them. `type` is what a
 * program switches on; `detail` is for people and says what happened, what is unchanged and what to do next. A problem
 * never holds a stack trace, an address inside the network, or a secret. What becomes which problem: `problemOf.ts`.
 */
import * as HttpApiError from "effect/http-api/HttpApiError"
import * as Schema from "effect/Schema"
import { State } from "./Values.ts"

const kind = <const Name extends string, const Status extends number>(name: Name, status: Status, title: string) => ({
  type: `urn:sluice:problem:${name}` as const,
  status,
  title
})

/** One thing that is wrong with a request: where (`["payload", "delay"]`, `["query", "limit"]`), and why. */
export const Issue = Schema.Struct({
  path: Schema.Array(Schema.Union([Schema.String, Schema.Finite])),
  message: Schema.String
}).annotate({ identifier: "Issue" })
/** One thing that is wrong with a request. */
export type Issue = typeof Issue.Type

/** The request does not have the form that the API asks for; `errors` says where, all of it at once. */
export class InvalidRequest extends HttpApiError.Problem<InvalidRequest>()(
  "InvalidRequest",
  kind("invalid-request", 400, "The request is not valid"),
  { errors: Schema.Array(Issue) }
) {}

/** No bearer key, or one that is not configured. */
export class Unauthorized extends HttpApiError.Problem<Unauthorized>()(
  "Unauthorized",
  kind("unauthorized", 401, "A valid API key is needed")
) {}

/** The key is known, but has not the scope that this operation needs. */
export class Forbidden extends HttpApiError.Problem<Forbidden>()(
  "Forbidden",
  kind("forbidden", 403, "The API key may not do this"),
  { scope: Schema.String }
) {}

/** There is no such route. */
export class RouteNotFound extends HttpApiError.Problem<RouteNotFound>()(
  "RouteNotFound",
  kind("route-not-found", 404, "There is no such route")
) {}

/** There is no such job: it never was, it was removed, or its retention has passed. */
export class JobNotFound extends HttpApiError.Problem<JobNotFound>()(
  "JobNotFound",
  kind("job-not-found", 404, "There is no such job"),
  { queue: Schema.String, id: Schema.String }
) {}

/** Nobody has published a task of this name. */
export class TaskNotFound extends HttpApiError.Problem<TaskNotFound>()(
  "TaskNotFound",
  kind("task-not-found", 404, "There is no such task"),
  { task: Schema.String }
) {}

/** The route exists, for other methods: see the header `Allow`. */
export class MethodNotAllowed extends HttpApiError.Problem<MethodNotAllowed>()(
  "MethodNotAllowed",
  kind("method-not-allowed", 405, "The route does not take this method")
) {}

/** The client did not send its request in time. */
export class RequestTimeout extends HttpApiError.Problem<RequestTimeout>()(
  "RequestTimeout",
  kind("request-timeout", 408, "The request took too long to arrive")
) {}

/** The job is in a state that does not allow this. Nothing was changed. */
export class WrongState extends HttpApiError.Problem<WrongState>()(
  "WrongState",
  kind("wrong-state", 409, "The job's state does not allow this"),
  { queue: Schema.String, id: Schema.String, state: State }
) {}

/** The queue is stored with another partition count than this producer was told. Nothing was changed. */
export class PartitionMismatch extends HttpApiError.Problem<PartitionMismatch>()(
  "PartitionMismatch",
  kind("partition-mismatch", 409, "The queue has another number of partitions")
) {}

/** The body is longer than this producer takes. Nothing was enqueued, unless it is an answer to a line of a stream. */
export class BodyTooLarge extends HttpApiError.Problem<BodyTooLarge>()(
  "BodyTooLarge",
  kind("body-too-large", 413, "The body is too large"),
  { limit: Schema.Int }
) {}

/** More jobs in one body than this producer takes. Nothing was enqueued. */
export class TooManyJobs extends HttpApiError.Problem<TooManyJobs>()(
  "TooManyJobs",
  kind("too-many-jobs", 413, "There are too many jobs in one request"),
  { limit: Schema.Int }
) {}

/** The payload is longer than the queue takes. This job was not enqueued. */
export class PayloadTooLarge extends HttpApiError.Problem<PayloadTooLarge>()(
  "PayloadTooLarge",
  kind("payload-too-large", 413, "The payload is too large"),
  { queue: Schema.String, bytes: Schema.Int, limit: Schema.Int }
) {}

/** The body's content type is none that the route takes. */
export class UnsupportedMediaType extends HttpApiError.Problem<UnsupportedMediaType>()(
  "UnsupportedMediaType",
  kind("unsupported-media-type", 415, "The content type is not supported")
) {}

/** The payload does not fit the task; `errors` says where, up to 100 places. This job was not enqueued. */
export class InvalidPayload extends HttpApiError.Problem<InvalidPayload>()(
  "InvalidPayload",
  kind("invalid-payload", 422, "The payload does not fit the task"),
  { task: Schema.String, errors: Schema.Array(Issue) }
) {}

/** The `Idempotency-Key` was used for another job, which stays as it is. This job was not enqueued. */
export class IdempotencyKeyReused extends HttpApiError.Problem<IdempotencyKeyReused>()(
  "IdempotencyKeyReused",
  kind("idempotency-key-reused", 422, "The Idempotency-Key was used for another job"),
  { id: Schema.String }
) {}

/** An option of the job is out of range. This job was not enqueued. */
export class InvalidOption extends HttpApiError.Problem<InvalidOption>()(
  "InvalidOption",
  kind("invalid-option", 422, "An option is out of range"),
  { option: Schema.String }
) {}

/** The queue holds as many jobs as it may. This job was not enqueued. */
export class QueueFull extends HttpApiError.Problem<QueueFull>()(
  "QueueFull",
  kind("queue-full", 429, "The queue is full"),
  { queue: Schema.String, limit: Schema.Int }
) {}

/** The key has made more requests than it may; the header `Retry-After` says when to come back. Nothing was done. */
export class RateLimited extends HttpApiError.Problem<RateLimited>()(
  "RateLimited",
  kind("rate-limited", 429, "Too many requests with this API key"),
  { retryAfterMs: Schema.Int }
) {}

/** The client's headers are longer than this producer takes. */
export class HeadersTooLarge extends HttpApiError.Problem<HeadersTooLarge>()(
  "HeadersTooLarge",
  kind("headers-too-large", 431, "The headers are too large")
) {}

/** A bug of ours. The producer's log has more, under the request's id. */
export class InternalError extends HttpApiError.Problem<InternalError>()(
  "InternalError",
  kind("internal-error", 500, "Something went wrong in the producer")
) {}

/** Redis answered with an error of its own. Nothing was changed. */
export class BrokerRefused extends HttpApiError.Problem<BrokerRefused>()(
  "BrokerRefused",
  kind("broker-refused", 502, "The broker refused")
) {}

/** The broker did not answer in time. A write may or may not have been done; repeating it with the same id is safe. */
export class BrokerUnavailable extends HttpApiError.Problem<BrokerUnavailable>()(
  "BrokerUnavailable",
  kind("broker-unavailable", 503, "The broker can't be reached")
) {}

/** Redis has no memory left. Nothing was changed. */
export class BrokerFull extends HttpApiError.Problem<BrokerFull>()(
  "BrokerFull",
  kind("broker-full", 503, "The broker is out of memory")
) {}

/** The producer is not ready, or stops: the detail says which. */
export class NotReady extends HttpApiError.Problem<NotReady>()(
  "NotReady",
  kind("not-ready", 503, "The producer is not ready")
) {}

/** What the broker may be unable to do: an answer of every route that uses it. */
export const broker = [BrokerRefused, BrokerUnavailable, BrokerFull, PartitionMismatch] as const

/** Why one job was not enqueued although its neighbours may have been. */
export const refusals = [
  InvalidRequest,
  PayloadTooLarge,
  BodyTooLarge,
  InvalidPayload,
  IdempotencyKeyReused,
  InvalidOption,
  QueueFull
] as const

/** Every kind of problem, in the order of their status. */
export const all = [
  InvalidRequest,
  Unauthorized,
  Forbidden,
  RouteNotFound,
  JobNotFound,
  TaskNotFound,
  MethodNotAllowed,
  RequestTimeout,
  WrongState,
  PartitionMismatch,
  BodyTooLarge,
  TooManyJobs,
  PayloadTooLarge,
  UnsupportedMediaType,
  InvalidPayload,
  IdempotencyKeyReused,
  InvalidOption,
  QueueFull,
  RateLimited,
  HeadersTooLarge,
  InternalError,
  BrokerRefused,
  BrokerUnavailable,
  BrokerFull,
  NotReady
] as const

/** Any problem. */
export const Problem = Schema.Union(all)
/** Any problem. */
export type Problem = typeof Problem.Type
