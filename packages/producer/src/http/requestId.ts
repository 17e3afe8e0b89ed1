/**
 * The id of a request: the caller's own, when it is one, else a new one. It stands on the answer and on each line of the
 * log, so that both can be brought together.
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** A header from outside goes into logs and back into a header, so only harmless characters are taken over. */
const sane = /^[A-Za-z0-9._:/+=-]{1,128}$/

/** Gives the id of one request. `given`: the caller's own, if any. */
export type NextId = (given: string | undefined) => string

/** Makes ids with a random beginning, which no other process has. */
export const requestIds: Effect.Effect<NextId> = Effect.map(Random.nextIntBetween(36 ** 7, 36 ** 8), (random) => {
  const prefix = random.toString(36)
  let count = 0
  return (given) => given !== undefined && sane.test(given) ? given : `${prefix}-${(++count).toString(36)}`
})
