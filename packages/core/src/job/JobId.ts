/**
 * The name of one job. Everyone who looks a job up uses it; the broker makes it.
 *
 * A job id is `<partition>:<local>`: the number of the queue's partition that holds the job (base 36), a colon, and
 * either the caller's own id or one made by the broker. So a look-up by id is one hop, whatever the partition count.
 * Ids are unique within a queue, not across queues.
 */
import type * as Brand from "effect/Brand"

/** The name of one job within its queue: `<partition>:<local>`. */
export type JobId = string & Brand.Brand<"JobId">

/** The longest caller-given id, in UTF-16 code units. */
export const maxLocalLength = 256

/** Builds the id of a job in a partition (0-based). Does not check `local`: see `isLocal`. */
export const make = (partition: number, local: string): JobId => `${partition.toString(36)}:${local}` as JobId

/**
 * Whether a text can be a caller-given id: 1 to 256 characters with no white space, control characters or lone
 * surrogates. Colons are allowed: only the first colon of a job id is a separator.
 */
export const isLocal = (local: string): boolean =>
  local.length > 0 && local.length <= maxLocalLength && !/[\s\p{Cc}\p{Cs}]/u.test(local)

/**
 * The partition that an id names, or `undefined` when the text is not a job id. The answer may be higher than the
 * queue's partition count: then no such job exists.
 */
export const partitionOf = (id: string): number | undefined => {
  const colon = id.indexOf(":")
  if (colon < 1 || colon > 3 || colon === id.length - 1) return undefined
  const partition = Number.parseInt(id.slice(0, colon), 36)
  return Number.isInteger(partition) && partition >= 0 && partition.toString(36) === id.slice(0, colon)
    ? partition
    : undefined
}

/** The part after the partition: the caller's own id where one was given. */
export const localOf = (id: JobId): string => id.slice(id.indexOf(":") + 1)

/** Reads a text that came from outside (a URL, a command line) as a job id, or `undefined` when it is not one. */
export const parse = (text: string): JobId | undefined =>
  partitionOf(text) !== undefined && isLocal(text.slice(text.indexOf(":") + 1)) ? text as JobId : undefined
