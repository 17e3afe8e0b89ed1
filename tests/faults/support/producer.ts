/**
 * A producer process of the fault tests: enqueues `Work` without end, and tells the journal of each answer. Started by
 * `World`; on the message "stop" it begins no further job, sees to those under way, and ends with exit code 0.
 */
import { NodeRuntime } from "@effect/platform-node"
import * as RedisBroker from "@sluice/core/RedisBroker"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { writer } from "./Journal.ts"
import { leave, producerSettings } from "./Settings.ts"
import { textOf, Work } from "./tasks.ts"

const own = producerSettings()
const tell = writer(own.journal, own.name)

const stop = new AbortController()
process.once("message", () => stop.abort())

/** One try; answers whether the job is known to be in. */
const attempt = Effect.fnUntraced(function*(n: number) {
  const payload = { n, text: textOf(n), does: "quick", ms: own.workMs } as const
  const startedAt = performance.now()
  const answer = yield* Effect.result(Work.enqueue(payload, own.ids === "own" ? { id: `${own.name}-${n}` } : undefined))
  if (answer._tag === "Success") {
    tell({ type: "accepted", id: answer.success.id, n })
    return answer.success.id
  }
  tell({ type: "refused", n, reason: answer.failure.reason._tag, tookMs: performance.now() - startedAt })
  return undefined
})

const one = Effect.fnUntraced(function*(n: number) {
  let id = yield* attempt(n)
  while (id === undefined && own.ids === "own") {
    yield* Effect.sleep(20)
    id = yield* attempt(n)
  }
  if (id === undefined || !own.isWaiting) return
  const { by } = yield* Effect.retry(Work.await(id), {
    while: ({ reason }) => reason._tag === "BrokerUnavailable",
    schedule: Schedule.spaced(20)
  })
  tell({ type: "awaited", n, by })
})

let next = 1

const caller = Effect.fnUntraced(function*() {
  while (!stop.signal.aborted) {
    yield* one(next++)
    yield* Effect.sleep(own.pauseMs)
  }
})

const program = Effect.gen(function*() {
  yield* Effect.sync(() => tell({ type: "up", pid: process.pid }))
  yield* Effect.forEach(Array.from({ length: own.callers }), caller, { concurrency: "unbounded", discard: true })
  yield* Effect.sync(() => tell({ type: "down" }))
})

program.pipe(
  Effect.provide(RedisBroker.layer({ url: own.redisUrl, deadline: own.deadlineMs })),
  Effect.ensuring(Effect.sync(leave)),
  NodeRuntime.runMain
)
