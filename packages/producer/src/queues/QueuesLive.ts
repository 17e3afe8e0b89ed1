/**
 * What the endpoints of queues do: each is a few steps on the broker or the inspector, and a document.
 *
 * Reading makes no queue; pausing one does, as its first use.
 */
import { Api, type QueueDocument } from "@sluice/core/api"
import { Broker } from "@sluice/core/Broker"
import { Inspector, type QueueStats } from "@sluice/core/Inspector"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { withProblem } from "../http/brokerProblem.ts"
import { ProducerOptions, queueOf } from "../ProducerOptions.ts"
import { events } from "./events.ts"
import { redrive } from "./redrive.ts"
import { scaleOf, together } from "./scale.ts"

/** Questions to the broker about several queues go out so many at once. */
const concurrency = 8

/** The most jobs of one step of a drain. */
const drainStep = 1000
const drainLimit = 10_000
const pageLimit = 100

const document = ({ nextDueMs, oldestWaitMs, ...counts }: QueueStats): QueueDocument.QueueDocument => ({
  ...counts,
  ...(oldestWaitMs === undefined ? {} : { oldestWaitMs }),
  ...(nextDueMs === undefined ? {} : { nextDueMs })
})

const stats = Effect.fnUntraced(function*(name: string) {
  const queue = queueOf(yield* ProducerOptions, name)
  return yield* withProblem((yield* Inspector).stats(queue))
})

const list = Effect.fnUntraced(function*({ cursor, limit = pageLimit }: {
  readonly cursor?: string
  readonly limit?: number
}) {
  const names = yield* withProblem((yield* Inspector).queues)
  const rest = cursor === undefined ? names : names.filter((name) => name > cursor)
  const page = rest.slice(0, limit)
  const queues = yield* Effect.forEach(page, (name) => Effect.map(stats(name), document), { concurrency })
  const last = page.at(-1)
  return { queues, ...(rest.length > page.length && last !== undefined ? { cursor: last } : {}) }
})

const setPaused = Effect.fnUntraced(function*(name: string, paused: boolean) {
  const queue = queueOf(yield* ProducerOptions, name)
  const broker = yield* Broker
  yield* withProblem(paused ? broker.pause(queue) : broker.resume(queue))
  return { queue: name, paused }
})

const drain = Effect.fnUntraced(function*(name: string, limit: number) {
  const queue = queueOf(yield* ProducerOptions, name)
  const broker = yield* Broker
  let removed = 0
  for (;;) {
    const { count, more } = yield* withProblem(broker.drain(queue, Math.min(drainStep, limit - removed)))
    removed += count
    // nothing removed, yet more: others are moving what waits, so it is for the caller to come again
    if (!more || count === 0 || removed >= limit) return { queue: name, removed, more }
  }
})

const scale = Effect.fnUntraced(function*(name: string) {
  const { scaleHorizonMs } = yield* ProducerOptions
  return scaleOf(yield* stats(name), scaleHorizonMs)
})

const redriveQueue = Effect.fnUntraced(function*(name: string, body: QueueDocument.RedriveBody) {
  return yield* withProblem(redrive(queueOf(yield* ProducerOptions, name), body))
})

/** The handlers of the queues' endpoints. */
export const layer = HttpApiBuilder.group(Api, "queues", (handlers) =>
  handlers
    .handle("list", ({ query }) => list(query))
    .handle("get", ({ params }) => Effect.map(stats(params.queue), document))
    .handle("pause", ({ params }) => setPaused(params.queue, true))
    .handle("resume", ({ params }) => setPaused(params.queue, false))
    .handle("drain", ({ params, payload }) => drain(params.queue, payload?.limit ?? drainLimit))
    .handle("redrive", ({ params, payload }) => redriveQueue(params.queue, payload ?? {}))
    .handle("events", ({ headers, params }) => events(params.queue, headers["last-event-id"]))
    .handle("scale", ({ params }) => scale(params.queue))
    .handle("scaleMany", ({ query }) =>
      // a queue that is named twice counts once
      Effect.map(Effect.forEach([...new Set(query.queue)], scale, { concurrency }), together)))
