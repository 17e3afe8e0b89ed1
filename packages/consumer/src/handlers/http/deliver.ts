/**
 * Delivers one job over HTTP, as webhooks are: signs, sends, follows redirects where that is allowed, and says what the
 * answer means.
 *
 * Accepted: the answer. Refused for good, or not allowed: the job is discarded. Everything else is a `DeliveryFailed`, which
 * the retry policy of the task takes from there, with the time that the receiver asked for.
 */
import * as ClientSpan from "@sluice/core/ClientSpan"
import { CurrentJob } from "@sluice/core/CurrentJob"
import { Outcome } from "@sluice/core/Outcome"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as AllowedTarget from "./AllowedTarget.ts"
import { DeliveryFailed } from "./DeliveryFailed.ts"
import { readRetryAfter } from "./retryAfter.ts"
import type { Answer, Sender } from "./Sender.ts"
import * as Signature from "./Signature.ts"
import { isWithin, type StatusRange } from "./statusRanges.ts"

/** What to send, where, and how to read the answer. Durations are milliseconds. */
export interface Delivery {
  readonly url: string
  readonly method: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Sent as it is. */
  readonly body: string | undefined
  readonly secrets: ReadonlyArray<Redacted.Redacted>
  readonly allowed: ReadonlyArray<AllowedTarget.AllowedTarget>
  readonly success: ReadonlyArray<StatusRange>
  readonly discard: ReadonlyArray<StatusRange>
  readonly timeoutMs: number
  readonly redirects: number
  readonly maxRetryAfterMs: number
}

/** The beginning of an answer that goes into the job's history. */
const shownLength = 300

const discard = (reason: string) => Effect.fail(Outcome.discard(reason))

const target = (text: string, { allowed }: Delivery): Effect.Effect<URL, Outcome> => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !["https:", "http:"].includes(url.protocol)) return discard("the target is no http(s) URL")
  if (url.username !== "" || url.password !== "") return discard("the target's URL holds a user or a password")
  return allowed.some((one) => AllowedTarget.allows(one, url))
    ? Effect.succeed(url)
    : discard(`${url.protocol}//${url.host} is not among the allowed targets`)
}

const signed = Effect.fnUntraced(function*({ body, headers, secrets }: Delivery) {
  const job = yield* CurrentJob
  const nowMs = yield* Clock.currentTimeMillis
  return {
    "content-type": "application/json",
    "user-agent": "sluice",
    ...headers,
    "sluice-task": job.task,
    "sluice-queue": job.queue,
    "sluice-attempt": String(job.attempt),
    // ids are unique within a queue
    ...Signature.headers(
      { id: `${job.queue}/${job.id}`, timestamp: Math.floor(nowMs / 1000), body: body ?? "" },
      secrets
    )
  }
})

/** Where an answer redirects to with the same request; 301 to 303 would turn a POST into a GET without its body. */
const redirectOf = ({ headers: { location }, status }: Answer, method: string, from: URL): string | undefined => {
  const keeps = status === 307 || status === 308 ||
    (["GET", "HEAD"].includes(method) && [301, 302, 303].includes(status))
  return keeps && location !== undefined && URL.canParse(location, from.href) ? new URL(location, from).href : undefined
}

/** Credentials are for the one who was named, not for whoever it redirects to. */
const withoutCredentials = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !["authorization", "cookie"].includes(name)))

const send = Effect.fnUntraced(function*(sender: Sender, delivery: Delivery) {
  const { body, method, redirects } = delivery
  let headers: Readonly<Record<string, string>> = yield* signed(delivery)
  let url = yield* target(delivery.url, delivery)
  for (let left = redirects;; left--) {
    const own = headers
    const request = { url, method, body }
    const sent = ClientSpan.around(
      request,
      (carried) => sender.send({ ...request, headers: { ...carried, ...own } }),
      ({ status }) => status
    )
    const answer = yield* sent.pipe(
      Effect.catchTags({
        NoAnswer: ({ detail }) => Effect.fail(new DeliveryFailed({ reason: "network", detail })),
        NotSendable: ({ detail }) => discard(detail)
      })
    )
    const next = left > 0 ? redirectOf(answer, method, url) : undefined
    if (next === undefined) return answer
    const to = yield* target(next, delivery)
    if (url.protocol === "https:" && to.protocol === "http:") {
      return yield* discard("a redirect leads from https to http")
    }
    if (to.origin !== url.origin) headers = withoutCredentials(headers)
    url = to
  }
})

const failed = Effect.fnUntraced(function*({ body, headers, status }: Answer, maxRetryAfterMs: number) {
  const asked = readRetryAfter(headers["retry-after"], yield* Clock.currentTimeMillis)
  const shown = body.slice(0, shownLength).trim()
  return yield* new DeliveryFailed({
    reason: "status",
    status,
    ...(asked === undefined ? {} : { retryAfterMs: Math.min(asked, maxRetryAfterMs) }),
    detail: `answered ${status}${shown === "" ? "" : `: ${shown}`}`
  })
})

/** Delivers the job that is being run. */
export const deliver = Effect.fnUntraced(function*(sender: Sender, delivery: Delivery) {
  const { timeoutMs } = delivery
  const answer = yield* send(sender, delivery).pipe(
    Effect.timeoutOrElse({
      duration: timeoutMs,
      orElse: () => Effect.fail(new DeliveryFailed({ reason: "timeout", detail: `no answer within ${timeoutMs} ms` }))
    })
  )
  const { body, status, truncated } = answer
  if (isWithin(status, delivery.success)) return { status, body, truncated }
  if (isWithin(status, delivery.discard)) return yield* discard(`answered ${status}: not to be tried again`)
  return yield* failed(answer, delivery.maxRetryAfterMs)
})
