/**
 * Lets callers in: finds the caller of the key, checks its scope and its rate, before anything of the request is read.
 */
import { Access, Caller, Problems, RequiredScope, type Scope } from "@sluice/core/api"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Keys } from "./Keys.ts"
import { RateLimiter } from "./RateLimiter.ts"

const unauthorized = () =>
  new Problems.Unauthorized({
    detail: "Send the header \"Authorization: Bearer <key>\" with a key that is configured."
  })

const forbidden = (caller: Caller["Service"], scope: Scope) =>
  new Problems.Forbidden({ scope, detail: `The key "${caller.name}" has not the scope "${scope}". Nothing was done.` })

const rateLimited = (retryAfterMs: number) =>
  new Problems.RateLimited({ retryAfterMs, detail: `Nothing was done. Try again in ${retryAfterMs} ms.` })

const retryAfter = (waitMs: number) =>
  HttpEffect.appendPreResponseHandler((_, response) =>
    Effect.succeed(HttpServerResponse.setHeader(response, "retry-after", String(Math.ceil(waitMs / 1000))))
  )

/** The middleware. */
export const layer: Layer.Layer<Access, never, Keys | RateLimiter> = Layer.effect(
  Access,
  Effect.gen(function*() {
    const keys = yield* Keys
    const limiter = yield* RateLimiter
    return Access.of({
      bearer: Effect.fnUntraced(function*(httpEffect, { credential, endpoint }) {
        const caller = yield* keys.callerOf(Redacted.value(credential))
        if (caller === undefined) return yield* unauthorized()
        const scope = Context.getOrUndefined(endpoint.annotations, RequiredScope)
        if (scope !== undefined && !caller.scopes.includes(scope)) return yield* forbidden(caller, scope)
        const waitMs = yield* limiter.take(caller.name)
        if (waitMs > 0) {
          yield* retryAfter(waitMs)
          return yield* rateLimited(waitMs)
        }
        return yield* Effect.provideService(httpEffect, Caller, caller)
      })
    })
  })
)
