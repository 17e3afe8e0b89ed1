/**
 * Reads the header Retry-After: whole seconds, or a date of HTTP. Pure.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"

const httpDate = /^[A-Z][a-z]+,? .*\d{2}:\d{2}:\d{2}/

/**
 * Milliseconds to wait from now; 0 for a date that has passed, `undefined` for a header that is missing or says neither.
 * `nowMs` is epoch ms.
 */
export const readRetryAfter = (header: string | undefined, nowMs: number): number | undefined => {
  const text = header?.trim() ?? ""
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  // the oldest of HTTP's three forms of a date names no zone, and means GMT
  const date = httpDate.test(text)
    ? Option.getOrUndefined(DateTime.make(text.endsWith("GMT") ? text : `${text} GMT`))
    : undefined
  return date === undefined ? undefined : Math.max(0, DateTime.toEpochMillis(date) - nowMs)
}
