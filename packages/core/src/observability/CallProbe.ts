/**
 * Measures calls of one kind: how long each took, and with which error it failed; and tells of each in the log at level
 * Trace.
 *
 * Brokers put it around their calls, and the Redis connection around its round trips. It changes nothing of a call. The
 * text of a log line is made only where somebody reads that level.
 */
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { LogLevel } from "effect/LogLevel"
import * as Attributes from "./AttributeNames.ts"
import type { Attributes as Values, Histogram, Meter } from "./Meter.ts"
import type { Definition } from "./MetricNames.ts"

/** What a log line says of a call besides how long it took. */
export type Facts = Readonly<Record<string, string | number | undefined>>

/** See the module. */
export class CallProbe {
  private readonly meter: Meter
  private readonly definition: Definition<"histogram">
  private readonly attributes: Values
  private readonly message: string
  private readonly succeeded: Histogram
  private readonly failed = new Map<string, Histogram>()

  /** `message` is what the log says happened. */
  constructor(meter: Meter, definition: Definition<"histogram">, attributes: Values, message: string) {
    this.meter = meter
    this.definition = definition
    this.attributes = attributes
    this.message = message
    this.succeeded = meter.histogram(definition, attributes)
  }

  /** Runs a call. `facts` is asked only for a log line. */
  around<A, E extends { readonly _tag: string }, R>(
    call: Effect.Effect<A, E, R>,
    facts: (exit: Exit.Exit<A, E>) => Facts
  ): Effect.Effect<A, E, R> {
    return Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const from = clock.monotonicTimeNanosUnsafe()
      return Effect.onExitPrimitive(call, (exit) => {
        const seconds = Number(clock.monotonicTimeNanosUnsafe() - from) / 1e9
        const error = Exit.isSuccess(exit) ? undefined : errorType(exit.cause)
        this.took(seconds, error)
        return isTraceLevel(fiber.cache.minimumLogLevel) ? this.tell(seconds, error, facts(exit)) : undefined
      })
    })
  }

  /** A call took so long. What was interrupted is not measured: it says nothing about who was called. */
  took(seconds: number, error: string | undefined): void {
    if (error !== interrupted) this.histogramOf(error).record(seconds)
  }

  /** A log line about a call. */
  tell(seconds: number, error: string | undefined, facts: Facts): Effect.Effect<void> {
    const annotations = { ...facts, ms: Math.round(seconds * 1e6) / 1000, ...(error === undefined ? {} : { error }) }
    return Effect.annotateLogs(Effect.logTrace(this.message), annotations)
  }

  private histogramOf(error: string | undefined): Histogram {
    if (error === undefined) return this.succeeded
    let histogram = this.failed.get(error)
    if (histogram === undefined) {
      histogram = this.meter.histogram(this.definition, { ...this.attributes, [Attributes.errorType]: error })
      this.failed.set(error, histogram)
    }
    return histogram
  }
}

const interrupted = "interrupted"

/** The tag of the reason, the tag of the error, or that it was a defect. */
export const errorType = <E extends { readonly _tag: string }>({ reasons }: Cause.Cause<E>): string => {
  let type = interrupted
  for (const reason of reasons) {
    if (reason._tag === "Fail") return tagOf(reason.error)
    if (reason._tag === "Die") type = "defect"
  }
  return type
}

const tagOf = (error: { readonly _tag: string; readonly reason?: unknown }): string => {
  const { reason } = error
  return typeof reason === "object" && reason !== null && "_tag" in reason && typeof reason._tag === "string"
    ? reason._tag
    : error._tag
}

/** Whether log lines of level Trace are written from this level on. */
export const isTraceLevel = (minimum: LogLevel): boolean => minimum === "Trace" || minimum === "All"
