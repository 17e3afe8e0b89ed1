/**
 * The enqueue endpoint: looks at the headers, reads the body as its content type says, and hands it on.
 *
 * The headers give the ids of all jobs of the request. What a body is, is decided in `enqueue/`.
 */
import { type Caller, EnqueueBody, Problems } from "@sluice/core/api"
import type { Broker } from "@sluice/core/Broker"
import type { Inspector } from "@sluice/core/Inspector"
import * as JobId from "@sluice/core/JobId"
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"
import { enqueueJson } from "../enqueue/enqueueJson.ts"
import { enqueueLines } from "../enqueue/enqueueLines.ts"
import type { Origin } from "../enqueue/newJob.ts"
import { readBody } from "../http/readBody.ts"
import type { RateLimiter } from "../http/RateLimiter.ts"
import type { Stopping } from "../http/Stopping.ts"
import { ProducerOptions } from "../ProducerOptions.ts"
import type { PublishedTasks } from "../registry/PublishedTasks.ts"

/** The request, the queue that its path names, and who may send it. */
export interface EnqueueRequest {
  readonly request: HttpServerRequest
  readonly queue: string
  readonly caller: Caller["Service"]
}

/** Room for `/<place>` behind the key of many. */
const maxKeyLength = JobId.maxLocalLength - 12

/** The key of the header, which the draft standard writes as a quoted string. */
const keyOf = (header: string | undefined): Effect.Effect<string | undefined, Problems.InvalidRequest> => {
  if (header === undefined) return Effect.undefined
  const key = /^".*"$/.test(header) ? header.slice(1, -1) : header
  return JobId.isLocal(key) && key.length <= maxKeyLength
    ? Effect.succeed(key)
    : Effect.fail(
      new Problems.InvalidRequest({
        detail: "Nothing was enqueued.",
        errors: [{
          path: ["headers", "idempotency-key"],
          message: `Expected 1 to ${maxKeyLength} characters without white space`
        }]
      })
    )
}

const unsupported = (type: string) =>
  new Problems.UnsupportedMediaType({
    detail: `The body is said to be "${type}". Nothing was enqueued. Send application/json, ` +
      `or one JSON text per line as ${EnqueueBody.lineTypes[0]}.`
  })

const mediaType = (header: string | undefined): string =>
  (header ?? "application/json").split(";", 1)[0]!.trim().toLowerCase()

const isLines = (type: string): boolean => EnqueueBody.lineTypes.some((one) => one === type)

const answerLines = Effect.fnUntraced(function*(origin: Origin, { caller, queue, request }: EnqueueRequest) {
  // the answers are pulled after this handler is done, so they carry its services with them
  const services = yield* Effect.context<Broker | Inspector | PublishedTasks | RateLimiter | Stopping>()
  const answers = enqueueLines({ ...origin, queue, caller, body: request.stream })
  return HttpServerResponse.stream(Stream.provideContext(answers, services), {
    status: 207,
    contentType: EnqueueBody.lineTypes[0]
  })
})

/** Enqueues what the request brings. */
export const enqueue = Effect.fnUntraced(function*(call: EnqueueRequest) {
  const options = yield* ProducerOptions
  const type = mediaType(call.request.headers["content-type"])
  const isJson = type === "application/json"
  if (!isJson && !isLines(type)) return yield* unsupported(type)
  const origin: Origin = {
    options,
    key: yield* keyOf(call.request.headers["idempotency-key"])
  }
  if (!isJson) return yield* answerLines(origin, call)
  return yield* enqueueJson(origin, call.queue, yield* readBody(call.request, options.maxBodyBytes))
})
