/**
 * The handlers: for each task, how one attempt of a delivery is made. `DeliverLive` is all of them as a layer.
 *
 * A handler POSTs the body as it is and answers with the endpoint's receipt, or fails with one of the task's typed
 * errors. It never retries and never waits: what happens next is the retry policy's business (tasks.ts).
 */
import { CurrentJob } from "@sluice/core"
import { Cause, Clock, Context, Duration, Effect, type Exit, Layer, Option, Schema } from "effect"
import { Attempts, delivered } from "./attempts.ts"
import type { Delivery } from "./input.ts"
import * as Tasks from "./tasks.ts"

/** Where deliveries go, and how long the HTTP client waits for an answer. */
export class Endpoint extends Context.Service<Endpoint, {
  readonly url: string
  readonly timeoutMs: number
}>()("webhooks/Endpoint") {}

/** What came back of one call. */
interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly text: string
}

const send = async (url: string, { body, delivery, event }: Delivery, signal: AbortSignal): Promise<Answer> => {
  const headers = {
    "content-type": "application/json",
    "user-agent": "sluice-example-webhooks",
    "x-github-delivery": delivery,
    "x-github-event": event
  }
  const response = await fetch(url, { method: "POST", body, headers, signal, redirect: "manual" })
  return { status: response.status, retryAfter: response.headers.get("retry-after"), text: await response.text() }
}

/** `fetch` says only "fetch failed"; why is one level down. */
const disconnected = (cause: unknown): Tasks.Disconnected => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return new Tasks.Disconnected({ detail: inner instanceof Error ? inner.message : String(inner) })
}

/** The wait that a 429 asks for. It may also be a date or missing; then a second is a polite guess. */
export const retryAfterOf = (header: string | null): Duration.Duration =>
  Duration.seconds(header !== null && /^\d{1,6}$/.test(header) ? Number(header) : 1)

const readReceipt = Schema.decodeEffect(Schema.fromJsonString(Tasks.Receipt))

/** What an answer means: a receipt, or the typed error for its status. */
const judge = ({ retryAfter, status, text }: Answer) => {
  if (status === 429) return Effect.fail(new Tasks.RateLimited({ retryAfter: retryAfterOf(retryAfter) }))
  if (status === 410) return Effect.fail(new Tasks.Gone())
  if (status < 200 || status > 299) return Effect.fail(new Tasks.ServerError({ status }))
  return Effect.mapError(readReceipt(text), () => new Tasks.ServerError({ status }))
}

/** One call. When the time is over, or the job's lease is lost, the signal aborts the request. */
const call = Effect.fnUntraced(function*(delivery: Delivery) {
  const { timeoutMs, url } = yield* Endpoint
  const answer = yield* Effect.tryPromise({
    try: (signal) => send(url, delivery, signal),
    catch: disconnected
  }).pipe(Effect.timeoutOrElse({
    duration: timeoutMs,
    orElse: () => Effect.fail(new Tasks.TimedOut({ afterMs: timeoutMs }))
  }))
  return yield* judge(answer)
})

/** How an attempt ended, in a word. */
const resultOf = (exit: Exit.Exit<unknown, { readonly _tag: string }>): string =>
  exit._tag === "Success"
    ? delivered
    : Option.match(Cause.findErrorOption(exit.cause), { onNone: () => "interrupted", onSome: (error) => error._tag })

/** One attempt: the call, and a line in the record of attempts. */
const deliver = Effect.fnUntraced(function*(delivery: Delivery, subject: string) {
  const { attempt, enqueuedAt } = yield* CurrentJob
  const attempts = yield* Attempts
  const startedAt = yield* Clock.currentTimeMillis
  const record = Effect.fnUntraced(function*(exit: Exit.Exit<unknown, { readonly _tag: string }>) {
    yield* attempts.add({
      delivery: delivery.delivery,
      attempt,
      subject,
      result: resultOf(exit),
      sinceEnqueueMs: Math.max(0, startedAt - enqueuedAt),
      runMs: (yield* Clock.currentTimeMillis) - startedAt
    })
  })
  return yield* Effect.onExit(call(delivery), record)
})

/** A handler for every task. The payloads' facts are typed: each knows what it delivers. */
export const DeliverLive = Layer.mergeAll(
  Tasks.DeliverPush.toLayer(({ facts, ...delivery }) =>
    deliver(delivery, `push of ${facts.commits.length} commit(s) to ${facts.ref} of ${facts.repository.full_name}`)
  ),
  Tasks.DeliverIssues.toLayer(({ facts, ...delivery }) =>
    deliver(delivery, `issue #${facts.issue.number} ${facts.action} in ${facts.repository.full_name}`)
  ),
  Tasks.DeliverPullRequest.toLayer(({ facts, ...delivery }) =>
    deliver(delivery, `pull request #${facts.pull_request.number} ${facts.action} in ${facts.repository.full_name}`)
  ),
  Tasks.DeliverRelease.toLayer(({ facts, ...delivery }) =>
    deliver(delivery, `release ${facts.release.tag_name} ${facts.action} in ${facts.repository.full_name}`)
  ),
  Tasks.DeliverStar.toLayer(({ facts, ...delivery }) =>
    deliver(delivery, `star ${facts.action} by ${facts.sender.login} on ${facts.repository.full_name}`)
  ),
  Tasks.DeliverPing.toLayer(({ facts, ...delivery }) => deliver(delivery, `ping of hook ${facts.hook_id}`)),
  Tasks.DeliverOther.toLayer((delivery) => deliver(delivery, delivery.event))
)
