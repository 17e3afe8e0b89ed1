import { JsonLog } from "@sluice/core/telemetry"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Layer, Logger, Redacted, References, Tracer } from "effect"

/** The lines that an effect logs, as texts and as what they hold. */
const logged = <A, E>(effect: Effect.Effect<A, E>) => {
  const texts: Array<string> = []
  const layer = Layer.merge(
    Logger.layer([Logger.map(JsonLog.formatted, (text) => void texts.push(text))]),
    Layer.succeed(References.MinimumLogLevel, "Trace")
  )
  return Effect.as(Effect.provide(Effect.exit(effect), layer), texts).pipe(Effect.map((all) => ({
    texts: all,
    lines: all.map((text): Record<string, unknown> => JSON.parse(text))
  })))
}

describe("a log line", () => {
  it.effect("is one line of JSON with the time, the level and the message", () =>
    Effect.gen(function*() {
      const { lines, texts } = yield* logged(
        Effect.andThen(Effect.logWarning("two\nlines", 3), Effect.logTrace("fine"))
      )
      assert.deepStrictEqual(lines, [
        { timestamp: "1970-01-01T00:00:00.000Z", level: "warn", message: "two\nlines 3" },
        { timestamp: "1970-01-01T00:00:00.000Z", level: "trace", message: "fine" }
      ])
      assert.isFalse(texts.some((text) => text.includes("\n")))
    }))

  it.effect("has its annotations and the members of objects beside its own, never over them", () =>
    Effect.gen(function*() {
      const { lines } = yield* logged(
        Effect.logInfo("request", { status: 200, level: "gold" }).pipe(
          Effect.annotateLogs({ job: "0:1", queue: "mails" })
        )
      )
      assert.deepInclude(lines[0], {
        message: "request",
        level: "info",
        _level: "gold",
        status: 200,
        job: "0:1",
        queue: "mails"
      })
    }))

  it.effect("names the span that it was written in", () =>
    Effect.gen(function*() {
      const traceId = "0af7651916cd43dd8448eb211c80319c"
      const { lines } = yield* logged(
        Effect.logInfo("here").pipe(
          Effect.provideService(Tracer.ParentSpan, Tracer.externalSpan({ traceId, spanId: "b7ad6b7169203331" })),
          Effect.withLogSpan("work")
        )
      )
      assert.deepInclude(lines[0], { trace_id: traceId, span_id: "b7ad6b7169203331", work_ms: 0 })
    }))

  it.effect("tells the cause, and keeps secrets", () =>
    Effect.gen(function*() {
      const { lines, texts } = yield* logged(
        Effect.logError("failed", Cause.fail(new TypeError("no such thing")), { key: Redacted.make("hunter2") })
      )
      assert.include(String(lines[0]?.["error"]), "no such thing")
      assert.strictEqual(lines[0]?.["message"], "failed")
      assert.notInclude(texts[0], "hunter2")
    }))

  it.effect("copes with what JSON can't hold", () =>
    Effect.gen(function*() {
      const round: Record<string, unknown> = { big: 10n }
      round["self"] = round
      const { lines } = yield* logged(Effect.logInfo("odd", round, undefined, new Map([["a", 1]])))
      assert.isTrue(String(lines[0]?.["message"]).startsWith("odd"))
    }))
})
