import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import { decide } from "../src/http/gcra.ts"
import * as RateLimiter from "../src/http/RateLimiter.ts"
import type { ApiKey } from "../src/Producer.ts"
import { ProducerOptions, resolve } from "../src/ProducerOptions.ts"
import { call, sendLines, withProducer } from "./support/TestProducer.ts"

const key = (name: string, scopes: ApiKey["scopes"], secret: string): ApiKey => ({
  name,
  scopes,
  secret: { plain: Redacted.make(secret) }
})

const keys = [
  key("shop", ["enqueue"], "shop-secret-old-0001"),
  key("shop", ["enqueue"], "shop-secret-new-0002"),
  key("eyes", ["read"], "eyes-secret-000000"),
  key("ops", ["operate"], "ops-secret-0000000"),
  { name: "hashed", scopes: ["read"], secret: { sha256: createHash("sha256").update("hashed-secret").digest("hex") } }
] satisfies ReadonlyArray<ApiKey>

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
const job = { task: "Send", payload: 1 }

describe("keys", () => {
  it.each([
    ["no key", {}],
    ["an unknown key", bearer("nobody-0000000000000")],
    ["an empty key", { authorization: "Bearer " }],
    ["another scheme", { authorization: "Basic c2hvcDpzaG9wLXNlY3JldC1vbGQtMDAwMQ==" }],
    ["part of a key", bearer("shop-secret-old-000")],
    ["a key's name", bearer("shop")],
    ["a key and more", bearer("shop-secret-old-0001x")],
    ["a key in other letters", bearer("SHOP-SECRET-OLD-0001")],
    ["two keys", bearer("shop-secret-old-0001, shop-secret-new-0002")],
    ["a key without its scheme", { authorization: "shop-secret-old-0001" }],
    ["a key of eight thousand letters", bearer("x".repeat(8000))],
    ["a key of other bytes", bearer("shop-secret-old-0001\u00ff")],
    ["a key in another header", { "x-api-key": "shop-secret-old-0001" }]
  ])("refuse %s, before anything is read", (_, headers) =>
    withProducer({ producer: { keys } }, async (producer) => {
      const answer = await call(producer, "POST", "/v1/queues/a/jobs", "this is no JSON", headers)
      assert.strictEqual(answer.status, 401)
      assert.strictEqual(answer.headers.get("www-authenticate"), "Bearer")
      assert.strictEqual(answer.json.type, "urn:sluice:problem:unauthorized")
    })())

  it(
    "let in by any of several keys of one name, so that they can be rotated",
    withProducer({
      producer: { keys }
    }, async (producer) => {
      for (const secret of ["shop-secret-old-0001", "shop-secret-new-0002"]) {
        assert.strictEqual((await call(producer, "POST", "/v1/queues/a/jobs", job, bearer(secret))).status, 201)
      }
    })
  )

  it(
    "may be kept as their SHA-256, whose text lets nobody in",
    withProducer({ producer: { keys } }, async (producer) => {
      assert.strictEqual((await call(producer, "GET", "/v1/queues", undefined, bearer("hashed-secret"))).status, 200)
      const hash = createHash("sha256").update("hashed-secret").digest("hex")
      assert.strictEqual((await call(producer, "GET", "/v1/queues", undefined, bearer(hash))).status, 401)
    })
  )

  it.each([
    ["shop-secret-new-0002", "GET", "/v1/queues", "read"],
    ["shop-secret-new-0002", "POST", "/v1/queues/a/pause", "operate"],
    ["eyes-secret-000000", "POST", "/v1/queues/a/jobs", "enqueue"],
    ["eyes-secret-000000", "DELETE", "/v1/queues/a/jobs/0%3Ax", "operate"],
    ["ops-secret-0000000", "GET", "/v1/scale/a", "read"]
  ])(
    "of %s do not allow %s %s without the scope %4$s",
    (secret, method, path, scope) =>
      withProducer({ producer: { keys } }, async (producer) => {
        const body = method === "POST" ? job : undefined
        const { json, status } = await call(producer, method, path, body, bearer(secret))
        assert.strictEqual(status, 403)
        assert.deepInclude(json, { type: "urn:sluice:problem:forbidden", scope })
      })()
  )

  it(
    "are not needed for health, the OpenAPI document and its page",
    withProducer({
      producer: { keys }
    }, async (producer) => {
      for (const path of ["/livez", "/readyz", "/startupz", "/openapi.json", "/docs"]) {
        assert.strictEqual((await call(producer, "GET", path)).status, 200)
      }
    })
  )

  it(
    "are never logged",
    withProducer({ producer: { keys } }, async (producer) => {
      await call(producer, "GET", "/v1/queues", undefined, bearer("eyes-secret-000000"))
      await call(producer, "GET", "/v1/queues", undefined, bearer("wrong-secret-0000"))
      assert.notInclude(producer.logs.join("\n"), "secret")
    })
  )
})

describe("the rate", () => {
  it("lets a burst through, then one request per interval", () => {
    const rate = { intervalMs: 100, burst: 3 }
    let arrivalMs = -Infinity
    const ask = (nowMs: number) => {
      const decision = decide(rate, arrivalMs, nowMs)
      arrivalMs = decision.arrivalMs
      return decision.waitMs
    }
    assert.deepStrictEqual([1000, 1000, 1000].map(ask), [0, 0, 0])
    assert.strictEqual(ask(1000), 100)
    assert.strictEqual(ask(1099), 1)
    assert.strictEqual(ask(1100), 0)
    assert.strictEqual(ask(1100), 100)
    // after silence the whole burst is there again, and no more than that
    assert.deepStrictEqual([9000, 9000, 9000].map(ask), [0, 0, 0])
    assert.strictEqual(ask(9000), 100)
  })

  it.effect("does not mind a wall clock that is set back", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(3_600_000)
      const { take } = yield* RateLimiter.RateLimiter
      assert.strictEqual(yield* take("a"), 0)
      assert.strictEqual(yield* take("a"), 100)
      const clock = yield* Clock.Clock
      const monotonic = () => clock.monotonicTimeNanosUnsafe() + 100_000_000n
      const before: Clock.Clock = {
        currentTimeMillisUnsafe: () => 0,
        currentTimeMillis: Effect.succeed(0),
        currentTimeNanosUnsafe: () => 0n,
        currentTimeNanos: Effect.succeed(0n),
        monotonicTimeNanosUnsafe: monotonic,
        monotonicTimeNanos: Effect.sync(monotonic),
        sleep: (duration) => clock.sleep(duration)
      }
      assert.strictEqual(yield* Effect.provideService(take("a"), Clock.Clock, before), 0)
    }).pipe(
      Effect.provide(RateLimiter.layer.pipe(
        Layer.provide(Layer.succeed(ProducerOptions, resolve({ rateLimit: 10, rateBurst: 1 })))
      ))
    ))

  it(
    "is counted for each name, over all of its keys",
    withProducer({
      producer: { keys, rateLimit: 0.001, rateBurst: 2 }
    }, async (producer) => {
      const send = (secret: string) => call(producer, "POST", "/v1/queues/a/jobs", job, bearer(secret))
      assert.strictEqual((await send("shop-secret-old-0001")).status, 201)
      assert.strictEqual((await send("shop-secret-new-0002")).status, 201)
      const third = await send("shop-secret-new-0002")
      assert.strictEqual(third.status, 429)
      assert.strictEqual(third.json.type, "urn:sluice:problem:rate-limited")
      assert.isAbove(Number(third.headers.get("retry-after")), 900)
      assert.strictEqual(
        (await call(producer, "GET", "/v1/queues", undefined, bearer("eyes-secret-000000"))).status,
        200
      )
    })
  )

  it(
    "slows lines down instead of refusing them",
    withProducer({
      producer: { rateLimit: 100, rateBurst: 1 }
    }, async (producer) => {
      const text = Array.from({ length: 1500 }, () => JSON.stringify(job)).join("\n")
      const { lines } = await sendLines(producer, "a", text)
      assert.strictEqual(lines.filter((line) => line.status === 201).length, 1500)
    })
  )
})
