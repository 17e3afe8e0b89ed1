/**
 * Whole milliseconds within bounds, from any duration that a person writes.
 *
 * Internal: the one place where `Duration.Input` becomes the numbers that are stored and sent. Options of definitions
 * use `inRange`, which throws, for a wrong one is a bug in code; options of calls use `read`, which answers.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/** A year of 365 days in ms: the longest delay of anything. */
export const year = 365 * 24 * 60 * 60 * 1000

/** The ms of a duration, parts of one rounded up; `undefined` when it is none, NaN, negative or infinite. */
export const read = (input: Duration.Input): number | undefined => {
  // as a number it is milliseconds already; a duration made of NaN would be zero
  const millis = typeof input === "number"
    ? input
    : Option.match(Duration.fromInput(input), { onNone: () => Number.NaN, onSome: Duration.toMillis })
  return millis >= 0 && millis < Number.POSITIVE_INFINITY ? Math.ceil(millis) : undefined
}

/** A duration as somebody wrote it, for messages. */
export const show = (input: Duration.Input | undefined): string =>
  typeof input === "object" ? JSON.stringify(input) : String(input)

/** Like `read`, and a `RangeError` that names the option when the result is not from `minimum` to `maximum`. */
export const inRange = (option: string, input: Duration.Input, minimum: number, maximum: number): number => {
  const millis = read(input)
  if (millis === undefined || millis < minimum || millis > maximum) {
    throw new RangeError(`${option} is ${show(input)}; it has to be from ${minimum} to ${maximum} milliseconds`)
  }
  return millis
}
