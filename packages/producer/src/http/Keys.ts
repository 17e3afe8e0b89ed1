/**
 * Finds the caller that an API key names. Access asks it for each request.
 *
 * Keys are compared by their SHA-256, all of them each time and each in constant time, so that the time an answer takes
 * says nothing about a key. Without keys everyone is `anonymous` and may do everything.
 */
import type { Caller, Scope } from "@sluice/core/api"
import * as Context from "effect/Context"
import * as Digest from "effect/crypto/Digest"
import * as Mac from "effect/crypto/Mac"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type ApiKey, ProducerOptions } from "../ProducerOptions.ts"

/** See the module. */
export class Keys extends Context.Service<Keys, {
  /** Whose key this is; `undefined`: nobody's. */
  readonly callerOf: (credential: string) => Effect.Effect<Caller["Service"] | undefined>
}>()("@sluice/producer/Keys") {}

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

/** The keys of the options. */
export const layer: Layer.Layer<Keys, never, ProducerOptions | Digest.Digest> = Layer.effect(
  Keys,
  Effect.gen(function*() {
    const options = yield* ProducerOptions
    const { digest } = yield* Digest.Digest
    const keys = yield* Effect.forEach(options.keys, hashed)
    if (keys.length === 0) return Keys.of({ callerOf: () => Effect.succeed(anonymous) })
    return Keys.of({
      callerOf: (credential) =>
        Effect.map(digest(Digest.sha256, encoder.encode(credential)), (hash) => find(keys, hash))
    })
  })
)
