import { JobFactory } from "@sluice/core/testing"
import { assert, describe, it } from "@effect/vitest"
import * as Envelope from "../../src/job/Envelope.ts"
import { earliestMs } from "../../src/job/Job.ts"

/** What is read back of a job that was written at 1000. */
const stored = (overrides: Partial<Envelope.Envelope>): Envelope.Stored =>
  Envelope.decode(`1000 ${Envelope.encode(JobFactory.job(overrides))}`)

const few = ["baggage", "delayedMs", "notBeforeMs", "tracestate"] as const

describe("a stored job", () => {
  it("keeps what travels beside its payload", () => {
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    const all = { key: "acme", trace, tracestate: "a=1", baggage: "b=\"2\"", delayedMs: 5, notBeforeMs: 7 }
    assert.deepInclude(stored({ ...all, payload: "a\nb" }), { ...all, payload: "a\nb", enqueuedAtMs: 1000 })
  })

  it("has no member for what it does not carry", () => {
    for (const overrides of [{}, { key: "acme" }]) {
      for (const name of few) assert.isFalse(name in stored(overrides), name)
    }
    assert.deepStrictEqual(few.filter((name) => name in stored({ baggage: "a=b" })), ["baggage"])
  })

  it("is read when it was written by a version that knows more, or less", () => {
    const text = "1000 3 0 1000 0 0\ntest 1 {\"k\":\"acme\",\"new\":[1]}\n{}"
    assert.deepInclude(Envelope.decode(text), { key: "acme", trace: undefined, task: "test", payload: "{}" })
  })

  it("knows from when it was to run", () => {
    assert.strictEqual(earliestMs(stored({})), 1000)
    assert.strictEqual(earliestMs(stored({ delayedMs: 500 })), 1500)
    assert.strictEqual(earliestMs(stored({ notBeforeMs: 9000 })), 9000)
    assert.strictEqual(earliestMs(stored({ notBeforeMs: 10 })), 1000)
  })
})
