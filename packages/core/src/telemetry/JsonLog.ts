/**
 * Log lines as JSON: one object per line, flat, so that any tool can filter by any of its members.
 *
 * `timestamp`, `level` and `message` are always there; then whatever the line is annotated with (`requestId`, `job`,
 * `queue`, ...), the members of objects that were logged, `trace_id` and `span_id` of the current span by OpenTelemetry's
 * names for them, and `error` with the cause. Secrets stay redacted; line breaks are escaped.
 */
import * as Cause from "effect/Cause"
import * as Formatter from "effect/Formatter"
import * as Logger from "effect/Logger"
import * as References from "effect/References"

const own: ReadonlySet<string> = new Set(["timestamp", "level", "message", "trace_id", "span_id", "error"])

type Line = Record<string, unknown>

/** What a line says of itself is not to be mistaken for what its annotations say. */
const addAll = (line: Line, members: Readonly<Record<string, unknown>>): void => {
  for (const [name, value] of Object.entries(members)) line[own.has(name) ? `_${name}` : name] = value
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype

const messageOf = (part: unknown): string =>
  typeof part === "string" ? part : part instanceof Error ? String(part) : Formatter.format(part)

/** The object of one line. */
const lineOf = ({ cause, date, fiber, logLevel, message }: Logger.Options<unknown>): Line => {
  const parts = Array.isArray(message) ? message : [message]
  const line: Line = {
    timestamp: date.toISOString(),
    level: logLevel.toLowerCase(),
    message: parts.filter((part) => !isPlain(part)).map(messageOf).join(" ")
  }
  addAll(line, fiber.getRef(References.CurrentLogAnnotations))
  for (const part of parts) if (isPlain(part)) addAll(line, part)
  for (const [label, startedAt] of fiber.getRef(References.CurrentLogSpans)) {
    line[`${label}_ms`] = date.getTime() - startedAt
  }
  const { span } = fiber.cache
  if (span !== undefined) {
    line["trace_id"] = span.traceId
    line["span_id"] = span.spanId
  }
  if (cause.reasons.length > 0) line["error"] = Cause.pretty(cause)
  return line
}

/** The text of a line. */
export const formatted: Logger.Logger<unknown, string> = Logger.make((options) => Formatter.formatJson(lineOf(options)))

/** Writes lines to standard output. */
export const logger: Logger.Logger<unknown, void> = Logger.withConsoleLog(formatted)
