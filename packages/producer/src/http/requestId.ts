/**
 * The id of a request: the caller's own, when it is one, else a new one. It stands on the answer and on each line of the
 * log, so that both can be brought together.
 */

/** A header from outside goes into logs and back into a header, so only harmless characters are taken over. */
const sane = /^[A-Za-z0-9._:/+=-]{1,128}$/

/** Makes ids that no other process makes: `prefix` is random, unique to this one. */
export const requestIds = (prefix: string): (given: string | undefined) => string => {
  let count = 0
  return (given) => given !== undefined && sane.test(given) ? given : `${prefix}-${(++count).toString(36)}`
}
