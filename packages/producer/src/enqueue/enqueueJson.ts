/**
 * Enqueues a body of JSON: one job, answered by 201 or 200 or its problem; or an array of them, answered by 207 with an
 * answer for each.
 */
import { type BrokerProblem, Problems, type RefusalProblem, refusalProblemOf } from "@sluice/core/api"
import type { Broker } from "@sluice/core/Broker"
import * as EnqueueSpan from "@sluice/core/EnqueueSpan"
import type { Inspector } from "@sluice/core/Inspector"
import * as Effect from "effect/Effect"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import * as Result from "effect/Result"
import { withProblem } from "../http/brokerProblem.ts"
import { jsonText } from "../http/json.ts"
import { queueOf } from "../ProducerOptions.ts"
import { PublishedTasks } from "../registry/PublishedTasks.ts"
import { enqueueItems } from "./enqueueItems.ts"
import { newJob, type Origin } from "./newJob.ts"
import { parseItem, parseJson } from "./parseItem.ts"
import { isInDoubt, reuseOf } from "./repeat.ts"
import * as rawPayload from "./rawPayload.ts"
import { SharedEnqueue } from "./SharedEnqueue.ts"

/** What an enqueue needs. */
type Needed = Broker | Inspector | PublishedTasks | SharedEnqueue

const location = (queue: string, id: string): string =>
  `/v1/queues/${encodeURIComponent(queue)}/jobs/${encodeURIComponent(id)}`

/** Why one job was not enqueued. */
type OneProblem = Problems.InvalidRequest | Problems.IdempotencyKeyReused | RefusalProblem | BrokerProblem

const enqueueOne = Effect.fnUntraced(function*(
  origin: Origin,
  queue: string,
  parsed: unknown,
  text: string
): Effect.fn.Return<HttpServerResponse, OneProblem, Needed> {
  const parsedItem = yield* Effect.fromResult(parseItem(parsed, rawPayload.ofObject(text)))
  const item = yield* Effect.fromResult((yield* (yield* PublishedTasks).check)(parsedItem))
  const shared = yield* SharedEnqueue
  const enqueued = EnqueueSpan.around(
    queue,
    1,
    (trace) => shared.enqueue(queue, newJob(origin, item, origin.key, trace))
  )
  const one = yield* withProblem(enqueued)
  if (one.answer === "refused") return yield* refusalProblemOf(one.reason)
  if (isInDoubt(origin, item, one)) {
    const reuse = yield* withProblem(reuseOf(queueOf(origin.options, queue), one.id, item))
    if (reuse !== undefined) return yield* reuse
  }
  return jsonText(JSON.stringify({ queue, id: one.id, answer: one.answer }), one.answer === "created" ? 201 : 200, {
    location: location(queue, one.id)
  })
})

const tooMany = (limit: number, count: number) =>
  new Problems.TooManyJobs({
    limit,
    detail: `The array has ${count} jobs; this producer takes ${limit} at once. Nothing was enqueued. ` +
      "Send several arrays, or lines (application/x-ndjson)."
  })

const enqueueMany = Effect.fnUntraced(function*(
  origin: Origin,
  queue: string,
  parsed: ReadonlyArray<unknown>,
  text: string
): Effect.fn.Return<HttpServerResponse, Problems.TooManyJobs | BrokerProblem, Needed> {
  if (parsed.length > origin.options.maxBatch) return yield* tooMany(origin.options.maxBatch, parsed.length)
  const payloads = rawPayload.ofArray(text)
  const items = parsed.map((one, index) => parseItem(one, payloads[index]))
  const answers = yield* withProblem(enqueueItems(origin, queue, items, (index) => index))
  const results = answers.map((one, index) => ({ index, ...one }))
  return jsonText(JSON.stringify({ queue, results }), 207)
})

/** Why a whole body was not enqueued. */
export type EnqueueProblem = OneProblem | Problems.TooManyJobs

/** Enqueues the job or the jobs of a JSON text. */
export const enqueueJson = (
  origin: Origin,
  queue: string,
  text: string
): Effect.Effect<HttpServerResponse, EnqueueProblem, Needed> => {
  const parsed = parseJson(text)
  if (Result.isFailure(parsed)) return Effect.fail(parsed.failure)
  return Array.isArray(parsed.success)
    ? enqueueMany(origin, queue, parsed.success, text)
    : enqueueOne(origin, queue, parsed.success, text)
}
