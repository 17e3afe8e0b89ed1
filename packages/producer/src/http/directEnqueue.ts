/**
 * The way of enqueues past the router: most requests by far are POST /v1/queues/<queue>/jobs, and finding the endpoint,
 * decoding its path and going through its middleware took longer than what the endpoint does.
 *
 * It does what the endpoint would do, by the same parts. A request that is in any way unusual before its body is read
 * (no key that may, too fast, an escaped or wrong name) goes on to the router, which says what is wrong.
 */
import * as Attributes from "@sluice/core/AttributeNames"
import type { Broker } from "@sluice/core/Broker"
import type { Inspector } from "@sluice/core/Inspector"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerRespondable from "effect/http/HttpServerRespondable"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import type { AnySpan } from "effect/Tracer"
import { enqueue } from "../jobs/enqueue.ts"
import type { SharedEnqueue } from "../enqueue/SharedEnqueue.ts"
import type { ProducerOptions } from "../ProducerOptions.ts"
import type { PublishedTasks } from "../registry/PublishedTasks.ts"
import { Keys } from "./Keys.ts"
import { RateLimiter } from "./RateLimiter.ts"
import type { Stopping } from "./Stopping.ts"

/** The queue is a name without characters that a path escapes. */
const path = /^\/v1\/queues\/([A-Za-z0-9._:-]{1,128})\/jobs$/

const bearer = /^Bearer ([^ ].*)$/

/** As the router does it. */
const nameRoute = (span: AnySpan | undefined): void => {
  if (span?._tag === "Span" && span.sampled) span.attribute(Attributes.httpRoute, "/v1/queues/:queue/jobs")
}

/** What the endpoint needs. */
type Needed =
  | HttpServerRequest
  | Broker
  | Inspector
  | ProducerOptions
  | PublishedTasks
  | RateLimiter
  | SharedEnqueue
  | Stopping

/** Makes the middleware: it stands between the edge and the router. */
export const directEnqueue = Effect.gen(function*() {
  const keys = yield* Keys
  const limiter = yield* RateLimiter

  const admit = (credential: string) =>
    Effect.flatMap(keys.callerOf(credential), (caller) =>
      caller === undefined || !caller.scopes.includes("enqueue")
        ? Effect.undefined
        : Effect.map(limiter.take(caller.name), (waitMs) => waitMs > 0 ? undefined : caller))

  return <E, R>(router: Effect.Effect<HttpServerResponse, E, R>): Effect.Effect<HttpServerResponse, E, R | Needed> =>
    Effect.withFiber((fiber) => {
      const request = Context.getUnsafe(fiber.context, HttpServerRequest)
      const queue = request.method === "POST" ? path.exec(request.url)?.[1] : undefined
      if (queue === undefined) return router
      const credential = bearer.exec(request.headers["authorization"] ?? "")?.[1] ?? ""
      return Effect.flatMap(admit(credential), (caller): Effect.Effect<HttpServerResponse, E, R | Needed> => {
        if (caller === undefined) return router
        nameRoute(fiber.cache.span)
        return Effect.interruptible(enqueue({ request, queue, caller })).pipe(
          Effect.catch(HttpServerRespondable.toResponse)
        )
      })
    })
})
