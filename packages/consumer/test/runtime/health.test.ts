import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import type { Check, ConsumerHealth } from "../../src/ConsumerHealth.ts"
import * as HealthServer from "../../src/runtime/HealthServer.ts"
import { Probes } from "../../src/runtime/Probes.ts"

/** A consumer that is as it is told. */
const consumer = () => {
  let check: Check = { live: true, ready: false, reasons: ["it has not been asked yet"] }
  const health: ConsumerHealth["Service"] = {
    consumer: "test",
    queues: Effect.succeed({}),
    check: Effect.sync(() => check)
  }
  return { health, is: (now: Check) => void (check = now) }
}

const look = Effect.gen(function*() {
  const { live, ready, started } = yield* Probes
  return { live: yield* live, ready: yield* ready, started: yield* started }
})

const ok = { ok: true, reasons: [] }
const not = (...reasons: ReadonlyArray<string>) => ({ ok: false, reasons })

describe("the probes", () => {
  it.effect("live, and are neither ready nor started, before there is a consumer", () =>
    Effect.gen(function*() {
      const waits = not("the consumer has not started: it waits for Redis, or for its handlers")
      assert.deepStrictEqual(yield* look, { live: ok, ready: waits, started: waits })
    }).pipe(Effect.provide(Probes.layer)))

  it.effect("tell how the consumer is, and that it has started once it was ready", () =>
    Effect.gen(function*() {
      const { watch } = yield* Probes
      const { health, is } = consumer()
      watch(health)
      const unasked = not("it has not been asked yet")
      assert.deepStrictEqual(yield* look, { live: ok, ready: unasked, started: unasked })
      is({ live: true, ready: true, reasons: [] })
      assert.deepStrictEqual(yield* look, { live: ok, ready: ok, started: ok })
      is({ live: false, ready: false, reasons: ["Redis is away"] })
      assert.deepStrictEqual(yield* look, { live: not("Redis is away"), ready: not("Redis is away"), started: ok })
    }).pipe(Effect.provide(Probes.layer)))

  it.live("are served with 200 and 503, and their reasons", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const { watch } = yield* Probes
      const { health, is } = consumer()
      watch(health)
      yield* Effect.gen(function*() {
        const url = /http:\/\/127\.0\.0\.1:\d+/.exec(lines.join())?.[0] ?? ""
        const ask = Effect.fnUntraced(function*(path: string, method = "GET") {
          const response = yield* Effect.promise(() => fetch(`${url}${path}`, { method }))
          return [response.status, yield* Effect.promise(() => response.text())] as const
        })
        assert.deepStrictEqual(yield* ask("/livez"), [200, "{\"status\":\"ok\",\"reasons\":[]}"])
        assert.deepStrictEqual(yield* ask("/readyz"), [
          503,
          "{\"status\":\"failing\",\"reasons\":[\"it has not been asked yet\"]}"
        ])
        is({ live: true, ready: true, reasons: [] })
        assert.deepStrictEqual((yield* ask("/startupz"))[0], 200)
        assert.deepStrictEqual((yield* ask("/"))[0], 404)
        assert.deepStrictEqual((yield* ask("/livez", "POST"))[0], 404)
      }).pipe(Effect.provide(
        HealthServer.layer({ host: "127.0.0.1", port: 0 }).pipe(
          Layer.provide(Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))]))
        )
      ))
    }).pipe(Effect.provide(Probes.layer)))
})
