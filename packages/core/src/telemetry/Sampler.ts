/**
 * Which traces are recorded: OpenTelemetry's samplers, around any tracer. Pure but for what the tracer does.
 *
 * A ratio looks at the trace's id, as all others that use the same ratio do, so that they keep the same traces.
 */
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

/** The samplers, by OpenTelemetry's names. */
export const samplers = [
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
  "always_on",
  "always_off",
  "traceidratio"
] as const

/** A sampler's name. */
export type Sampler = (typeof samplers)[number]

/** Of the 56 bits of a trace's id that are random, as many as a number holds exactly: 13 digits. */
const randomOf = (traceId: string): number => Number.parseInt(traceId.slice(-14, -1), 16)

/** Whether a ratio keeps a trace: as W3C's and OpenTelemetry's rule for random ids says, the highest ones. */
export const isWithin = (ratio: number, traceId: string): boolean => randomOf(traceId) >= (1 - ratio) * 2 ** 52

type SpanOptions = Parameters<Tracer.Tracer["span"]>[0]

/** A span that is not recorded, and whose children are not, either. */
const unsampled = (options: SpanOptions): Tracer.Span => new Tracer.NativeSpan({ ...options, sampled: false })

/** The tracer, of whose spans only those are recorded that the sampler wants. */
export const sampling = (tracer: Tracer.Tracer, sampler: Sampler, ratio: number): Tracer.Tracer => {
  const isParentBased = sampler.startsWith("parentbased_")
  const rule = sampler.replace("parentbased_", "")
  const decide = (options: SpanOptions): Tracer.Span => {
    if (rule === "always_off") return unsampled(options)
    // an id is known once there is a span; sampled by the caller's wish is what Effect's own levels decide
    const span = tracer.span({ ...options, sampled: true })
    return rule === "always_on" || isWithin(ratio, span.traceId) ? span : unsampled(options)
  }
  return Tracer.make({
    span: (options) => {
      const isRoot = Option.isNone(options.parent)
      if (isRoot) return options.sampled ? decide(options) : unsampled(options)
      // the parent's word counts; a sampler that is not based on it asks its own rule for spans of other processes only
      return isParentBased || options.parent.value._tag === "Span" ? tracer.span(options) : decide(options)
    },
    ...(tracer.context === undefined ? {} : { context: tracer.context })
  })
}
