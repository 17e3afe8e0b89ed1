/**
 * Lets callers in: finds the key, checks its scope and its rate, before anything of the request is read.
 *
 * Keys are compared by their SHA-256, all of them each time and each in constant time, so that the time an answer takes
 * says nothing about a key. Without keys everyone is `anonymous` and may do everything.
 */
import { Access, Caller, Problems, RequiredScope, type Scope } from "@sluice/core/api"
import * as Context from "effect/Context"
import * as Digest from "effect/crypto/Digest"
import * as Mac from "effect/crypto/Mac"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type ApiKey, ProducerOptions } from "../ProducerOptions.ts"
import { RateLimiter } from "./RateLimiter.ts"

interface HashedKey extends Pick<ApiKey, "name" | "scopes"> {
  readonly hash: Uint8Array
}

const encoder = new TextEncoder()

const sha256 = (text: string) =>
  Effect.flatMap(Digest.Digest, ({ digest }) => digest(Digest.sha256, encoder.encode(text)))

const hashed = ({ name, scopes, secret }: ApiKey): Effect.Effect<HashedKey, never, Digest.Digest> =>
  Effect.map(
    "plain" in secret ? sha256(Redacted.value(secret.plain)) : Effect.succeed(hashOf(secret.sha256)),
    (hash) => ({ name, scopes, hash })
  )

/** No text has the hash of no bytes, so a text that is no hex lets nobody in. */
const hashOf = (hex: string): Uint8Array => Result.getOrElse(Hex.decode(hex), () => new Uint8Array())

/** The key of a credential. Looks at every key, whichever fits. */
const find = (keys: ReadonlyArray<HashedKey>, credential: Uint8Array): HashedKey | undefined => {
  let found: HashedKey | undefined
  for (const key of keys) if (Mac.timingSafeEqual(key.hash, credential)) found = key
  return found
}

const everything: ReadonlyArray<Scope> = ["enqueue", "read", "operate"]
const anonymous = { name: "anonymous", scopes: everything }

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

/** The middleware, with the keys of the options. */
export const layer: Layer.Layer<Access, never, ProducerOptions | RateLimiter | Digest.Digest> = Layer.effect(
  Access,
  Effect.gen(function*() {
    const options = yield* ProducerOptions
    const limiter = yield* RateLimiter
    const { digest } = yield* Digest.Digest
    const keys = yield* Effect.forEach(options.keys, hashed)

    const identify = (credential: Redacted.Redacted) =>
      keys.length === 0
        ? Effect.succeed(anonymous)
        : Effect.map(
          digest(Digest.sha256, encoder.encode(Redacted.value(credential))),
          (hash): Caller["Service"] | undefined => find(keys, hash)
        )

    return Access.of({
      bearer: Effect.fnUntraced(function*(httpEffect, { credential, endpoint }) {
        const caller = yield* identify(credential)
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
