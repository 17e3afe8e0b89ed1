/**
 * What the endpoints of jobs do: each is a few steps on the broker or the inspector, and an answer.
 *
 * Answers that hold what tasks wrote are made as text, so no schema encodes them; the contract tests hold them to the
 * definitions all the same. Acting on jobs is in `act.ts`.
 */
import { Api, Caller } from "@sluice/core/api"
import { Inspector } from "@sluice/core/Inspector"
import * as JobId from "@sluice/core/JobId"
import type { JobState } from "@sluice/core/JobState"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Option from "effect/Option"
import { withProblem } from "../http/brokerProblem.ts"
import { jsonText } from "../http/json.ts"
import { ProducerOptions, queueOf } from "../ProducerOptions.ts"
import { act, actOnMany, type Named, notFound, type Verb } from "./act.ts"
import { enqueue } from "./enqueue.ts"
import { jobJson } from "./jobJson.ts"
import { result } from "./result.ts"

const get = Effect.fnUntraced(function*({ params }: Named) {
  const queue = queueOf(yield* ProducerOptions, params.queue)
  const id = JobId.parse(params.id)
  const job = id === undefined ? Option.none() : yield* withProblem((yield* Inspector).job(queue, id))
  return Option.isNone(job) ? yield* notFound(params) : jsonText(jobJson(job.value, true), 200)
})

const list = Effect.fnUntraced(function*({ params, query }: {
  readonly params: { readonly queue: string }
  readonly query: {
    readonly state: JobState
    readonly cursor?: string
    readonly limit?: number
    readonly payload?: boolean
  }
}) {
  const { cursor, limit, payload = false, state } = query
  const queue = queueOf(yield* ProducerOptions, params.queue)
  const page = yield* withProblem((yield* Inspector).list(queue, state, { cursor, limit }))
  const next = page.cursor === undefined ? "" : `,"cursor":${JSON.stringify(page.cursor)}`
  return jsonText(`{"jobs":[${page.jobs.map((job) => jobJson(job, payload)).join(",")}]${next}}`, 200)
})

const awaitResult = Effect.fnUntraced(function*(call: Named & { readonly query: { readonly wait?: number } }) {
  const id = JobId.parse(call.params.id)
  const found = id === undefined ? undefined : yield* result({ queue: call.params.queue, id }, call.query.wait ?? 0)
  return found === undefined ? yield* notFound(call.params) : jsonText(found.json, found.ended ? 200 : 202)
})

const cancel = (reason = "by an operator"): Verb => (broker, queue, ids) => broker.cancel(queue, ids, reason)
const retry: Verb = (broker, queue, ids) => broker.retry(queue, ids)
const promote: Verb = (broker, queue, ids) => broker.promoteJobs(queue, ids)
const remove: Verb = (broker, queue, ids) => broker.remove(queue, ids)

/** The handlers of the jobs' endpoints. */
export const layer = HttpApiBuilder.group(Api, "jobs", (handlers) =>
  handlers
    .handleRaw("enqueue", ({ params, request }) =>
      Caller.use((caller) => enqueue({ request, queue: params.queue, caller })))
    .handle("list", list)
    .handle("get", get)
    .handle("result", awaitResult)
    .handle("cancel", (call) =>
      act(call, cancel(call.payload?.reason)))
    .handle("retry", (call) => act(call, retry))
    .handle("promote", (call) => act(call, promote))
    .handle("remove", (call) => act(call, remove))
    .handle("cancelMany", (call) => actOnMany(call, cancel(call.payload.reason)))
    .handle("retryMany", (call) => actOnMany(call, retry))
    .handle("promoteMany", (call) => actOnMany(call, promote))
    .handle("removeMany", (call) => actOnMany(call, remove)))
