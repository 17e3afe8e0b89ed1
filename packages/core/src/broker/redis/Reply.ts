/**
 * What Redis answers, and how to read it. The scripts' contracts say what to expect; a reply of another shape is a bug
 * or somebody else's server, and throws: a defect.
 */

/** A reply, with all texts decoded as UTF-8. */
export type Reply = string | number | null | ReadonlyArray<Reply>

const unexpected = (wanted: string, reply: Reply | undefined): never => {
  throw new Error(`expected ${wanted} from Redis, got ${JSON.stringify(reply)?.slice(0, 200)}`)
}

/** A text. */
export const text = (reply: Reply | undefined): string =>
  typeof reply === "string" ? reply : unexpected("a text", reply)

/** A number, or a text that is one. */
export const number = (reply: Reply | undefined): number => {
  const found = typeof reply === "string" && reply !== "" ? Number(reply) : reply
  return typeof found === "number" && !Number.isNaN(found) ? found : unexpected("a number", reply)
}

/** A list. */
export const list = (reply: Reply | undefined): ReadonlyArray<Reply> =>
  typeof reply === "object" && reply !== null ? reply : unexpected("a list", reply)

/** A list of texts. */
export const texts = (reply: Reply | undefined): ReadonlyArray<string> => list(reply).map(text)
