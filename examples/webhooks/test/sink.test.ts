/** The sink over real HTTP: what it answers, what it counts, and that a seed decides both. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Fault, faultFor } from "../src/faults.ts"
import { Sink, type SinkOptions } from "../src/sink.ts"
import { receiptOf } from "./receipt.ts"

const options: SinkOptions = { seed: 3, rate: 0.8, latency: [0, 0], retryAfterSeconds: 7 }

/** A delivery whose first call has the given fault. */
const deliveryWith = (fault: Fault): string => {
  const found = Array.from({ length: 5000 }, (_, index) => `d-${index}`).find((name) =>
    faultFor(options, name, 1) === fault
  )
  if (found === undefined) throw new Error(`no delivery draws ${fault}`)
  return found
}

const post = (url: string, delivery: string, body: string, signal: AbortSignal | null = null) =>
  Effect.promise(() =>
    fetch(url, { method: "POST", body, headers: { "x-github-delivery": delivery }, signal }).then(
      async (response) => ({
        status: response.status,
        text: await response.text(),
        retryAfter: response.headers.get("retry-after")
      }),
      (cause: unknown) => (cause instanceof Error ? cause.name : "?")
    )
  )

describe("Sink", () => {
  it.live("answers a receipt for the bytes that it received, and counts them", () =>
    Effect.gen(function*() {
      const { received, url } = yield* Sink
      const delivery = deliveryWith("none")
      const body = "{\"zen\":\"Größe ≠ Länge\"}"
      const receipt = receiptOf(body)
      const answer = yield* post(url, delivery, body)
      assert.deepStrictEqual(answer, { status: 200, text: JSON.stringify(receipt), retryAfter: null })
      assert.deepStrictEqual(received.get(delivery), { ...receipt, times: 1, isSame: true })
    }).pipe(Effect.provide(Sink.layer({ ...options, rate: 0 }))))

  it.live("notices when a delivery comes again with other bytes", () =>
    Effect.gen(function*() {
      const { received, url } = yield* Sink
      yield* post(url, "twice", "a")
      yield* post(url, "twice", "a")
      assert.include(received.get("twice"), { times: 2, isSame: true })
      yield* post(url, "twice", "b")
      assert.include(received.get("twice"), { times: 3, isSame: false })
    }).pipe(Effect.provide(Sink.layer({ ...options, rate: 0 }))))

  it.live("fails as drawn, and receives only what it refuses for good", () =>
    Effect.gen(function*() {
      const { received, url } = yield* Sink
      assert.include(yield* post(url, deliveryWith("error"), "x"), { status: 500 })
      assert.include(yield* post(url, deliveryWith("limit"), "x"), { status: 429, retryAfter: "7" })
      assert.include(yield* post(url, deliveryWith("gone"), "x"), { status: 410 })
      assert.strictEqual(yield* post(url, deliveryWith("reset"), "x"), "TypeError")
      assert.strictEqual(yield* post(url, deliveryWith("silence"), "x", AbortSignal.timeout(100)), "TimeoutError")
      assert.deepStrictEqual([...received.keys()], [deliveryWith("gone")])
    }).pipe(Effect.provide(Sink.layer(options))))

  it.live("treats the same calls alike in another life, in any order", () => {
    const names = Array.from({ length: 30 }, (_, index) => `d-${index}`)
      .filter((name) => ["none", "error", "limit", "gone"].includes(faultFor(options, name, 1)))
    const statuses = (order: ReadonlyArray<string>) =>
      Effect.gen(function*() {
        const { url } = yield* Sink
        const answers = yield* Effect.forEach(order, (name) =>
          Effect.map(post(url, name, name), (answer) =>
            [name, typeof answer === "string" ? answer : answer.status] as const))
        return new Map(answers.toSorted(([one], [other]) =>
          one < other ? -1 : 1
        ))
      }).pipe(Effect.provide(Sink.layer(options)))
    return Effect.gen(function*() {
      const forwards = yield* statuses(names)
      assert.isAbove(new Set(forwards.values()).size, 2)
      assert.deepStrictEqual(yield* statuses(names.toReversed()), forwards)
    })
  })
})
