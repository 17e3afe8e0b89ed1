/**
 * The trace that a job is enqueued in, as it travels with the job: the request's own span where this producer traces, else
 * what the client sent.
 */
import * as Effect from "effect/Effect"

const form = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** W3C `traceparent`; a header that is none is left out, as the standard asks. */
export const traceparent = (header: string | undefined): Effect.Effect<string | undefined> =>
  Effect.withFiber(({ cache: { span } }) => {
    if (span !== undefined && span.sampled) return Effect.succeed(`00-${span.traceId}-${span.spanId}-01`)
    return Effect.succeed(header !== undefined && form.test(header) ? header : undefined)
  })
