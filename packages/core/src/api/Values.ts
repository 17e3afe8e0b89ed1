/**
 * The small values that URLs and bodies of the HTTP API are made of: names, ids, states, durations and times.
 *
 * Endpoints and documents use them, so that a wrong value gives the same message everywhere. What a name or an id is, is
 * decided in core/task and core/job; here is only how it is written.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as JobId from "../job/JobId.ts"
import * as JobState from "../job/JobState.ts"

/** A queue or a task: 1 to 128 characters of `A-Z a-z 0-9 . _ - / :`. */
export const Name = Schema.String.annotate({
  description: "1 to 128 characters of `A-Z a-z 0-9 . _ - / :`; in a path, `/` is written `%2F`."
}).check(
  Schema.isPattern(/^[A-Za-z0-9._/:-]{1,128}$/u, {
    message: "Expected a name: 1 to 128 characters of A-Z a-z 0-9 . _ - / :"
  })
)

const ownIdMessage = "Expected an id: 1 to 256 characters without white space and control characters"

/** A caller's own id: the idempotency key of one job. */
export const OwnId = Schema.String.annotate({
  description: "1 to 256 characters without white space; enqueuing it again changes nothing. Default: a new one."
}).check(
  Schema.isPattern(/^[^\s\p{Cc}\p{Cs}]+$/u, { message: ownIdMessage }),
  Schema.isMaxLength(JobId.maxLocalLength, { message: ownIdMessage })
)

/** The id of a job, as an enqueue answered it: `<partition>:<local>`. */
export const Id = Schema.String.annotate({
  description: "A job's id, as an enqueue answered it, such as `0:welcome-ada`; percent-encoded in a path."
}).check(
  Schema.makeFilter((text) => JobId.parse(text) !== undefined ? undefined : "Expected a job id, such as 0:welcome-ada")
)

/** What routes a job, if anything: a tenant, an account. */
export const Key = Schema.String.annotate({
  description: "What the job is routed by, such as a tenant: 1 to 256 characters. Ids are unique within a key."
}).check(Schema.isMinLength(1), Schema.isMaxLength(JobId.maxLocalLength))

/** A state of a job. */
export const State = Schema.Literals(JobState.all)
/** A state in which a job has ended. */
export const FinalState = Schema.Literals(JobState.finals)

/** How many milliseconds each unit has, by its first letters. */
const units: ReadonlyArray<readonly [name: RegExp, millis: number]> = [
  [/^(ms|millis|milliseconds?)$/, 1],
  [/^(s|sec|secs|seconds?)$/, 1000],
  [/^(m|min|mins|minutes?)$/, 60_000],
  [/^(h|hours?)$/, 3_600_000],
  [/^(d|days?)$/, 86_400_000],
  [/^(w|weeks?)$/, 604_800_000]
]

/** A year of 365 days in ms: the longest duration that the API takes. */
export const year = 31_536_000_000

/**
 * Milliseconds of a text such as `30s`, `1.5 hours` or `250` (milliseconds), parts of one rounded up. `undefined`: it is
 * not a duration, or it is longer than a year.
 */
export const readDuration = (text: string): number | undefined => {
  const [, amount, unit = ""] = /^(\d{1,15}(?:\.\d{1,9})?) *([a-z]*)$/i.exec(text.trim()) ?? []
  const millis = unit === "" ? 1 : units.find(([name]) => name.test(unit.toLowerCase()))?.[1]
  if (amount === undefined || millis === undefined) return undefined
  const total = Math.ceil(Number(amount) * millis)
  return total <= year ? total : undefined
}

const durationMessage = "Expected a duration up to a year: milliseconds, or a text such as \"30s\" or \"5 minutes\""

const durationOf = (input: string | number): number | undefined =>
  typeof input === "string" ? readDuration(input) : input >= 0 && input <= year ? Math.ceil(input) : undefined

const isDuration = (input: string | number) => durationOf(input) !== undefined ? undefined : durationMessage

const durationForm = "Milliseconds, or a text with a unit such as `30s`, `5 minutes`, `1.5 hours`; at most a year."

/**
 * A duration in a body: a number of milliseconds or a text with a unit, from zero to a year. Read as whole milliseconds.
 * `what` is the first sentence of its description.
 */
export const duration = (what: string) =>
  Schema.Union([Schema.Finite, Schema.String]).annotate({
    description: `${what} ${durationForm}`
  }).check(Schema.makeFilter(isDuration)).pipe(Schema.decodeTo(
    Schema.Int,
    SchemaTransformation.transform({
      decode: (input: string | number) => durationOf(input) ?? 0,
      encode: (millis: number): string | number => millis
    })
  ))

/** The same in a URL, where everything is text. */
export const durationText = (what: string) =>
  Schema.String.annotate({
    description: `${what} ${durationForm}`
  }).check(Schema.makeFilter(isDuration)).pipe(Schema.decodeTo(
    Schema.Int,
    SchemaTransformation.transform({
      decode: (input) => durationOf(input) ?? 0,
      encode: (millis: number) => `${millis}`
    })
  ))

const timeMessage =
  "Expected a time: a date and time with its offset, such as 2030-01-31T09:00:00Z, or epoch milliseconds"

/** With its offset: a local time would mean another moment on another machine. */
const withOffset = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/i

/** Whether a date is one of the calendar: JavaScript reads February 31 as March 3. */
const isDay = (text: string): boolean => {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.getUTCDate() === Number(text.slice(8, 10))
}

const timeOf = (input: string | number): number | undefined => {
  if (typeof input === "string" && !(withOffset.test(input) && isDay(input))) return undefined
  const time = DateTime.make(input)
  return Option.isNone(time) ? undefined : DateTime.toEpochMillis(time.value)
}

/** A moment: ISO 8601 with an offset, or epoch milliseconds. Read as epoch milliseconds. */
export const moment = (what: string) =>
  Schema.Union([Schema.Finite, Schema.String]).annotate({
    description: `${what} A date and time with its offset, such as \`2030-01-31T09:00:00Z\`, or epoch milliseconds.`
  }).check(Schema.makeFilter((input) => timeOf(input) !== undefined ? undefined : timeMessage)).pipe(Schema.decodeTo(
    Schema.Finite,
    SchemaTransformation.transform({
      decode: (input: string | number) => timeOf(input) ?? 0,
      encode: (millis: number): string | number => millis
    })
  ))

/** A moment as the API tells it: ISO 8601 in UTC. */
export const Timestamp = Schema.String.annotate({ description: "ISO 8601, UTC.", format: "date-time" })

/** Epoch milliseconds as a `Timestamp`. */
export const timestamp = (epochMillis: number): string => DateTime.formatIso(DateTime.makeUnsafe(epochMillis))

/** Any JSON. The producer passes it on as it was written, byte for byte, and never reads it. */
export const AnyJson = Schema.Json
