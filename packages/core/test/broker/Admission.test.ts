import { assert, describe, it } from "@effect/vitest"
import { refusalOf, utf8Length } from "../../src/broker/Admission.ts"
import * as JobQueue from "../../src/task/JobQueue.ts"
import { job } from "../../src/testing/JobFactory.ts"

describe("Admission", () => {
  it("counts bytes of UTF-8 as the encoder does", () => {
    const texts = [
      "",
      "a",
      "\u007f\u0080",
      "\u07ff\u0800",
      "\uffff",
      "\u{10000}\u{10ffff}",
      "\ud800",
      "\udc00a",
      "\ud800\ud800\udc00",
      "a\ud800"
    ]
    for (const text of texts) assert.strictEqual(utf8Length(text), Buffer.byteLength(text), JSON.stringify(text))
  })

  it("finds nothing wrong with a good job", () => {
    assert.strictEqual(
      refusalOf(JobQueue.make("q"), job({ id: "a", priority: -100, delayMs: 31_536_000_000 })),
      undefined
    )
  })

  it("says what is wrong in words", () => {
    const queue = JobQueue.make("q", { maxPayloadBytes: 3 })
    const messages = [
      { id: " " },
      { priority: 1.5 },
      { delayMs: -1 },
      { runAtMs: NaN },
      { payload: "\u20ac\u20ac" }
    ].map((one) => refusalOf(queue, job(one))?.message)
    assert.deepStrictEqual(messages, [
      "Option \"id\": an id has 1 to 256 characters, without white space, control characters or lone surrogates. Nothing was enqueued.",
      "Option \"priority\": 1.5 is not a whole number from -100 to 100. Nothing was enqueued.",
      "Option \"delay\": -1 ms is not within 0 and 365 days. Nothing was enqueued.",
      "Option \"at\": NaN is not a time. Nothing was enqueued.",
      "The payload has 6 bytes; queue \"q\" takes at most 3. Nothing was enqueued. Store the data elsewhere and enqueue where it is, or raise maxPayloadBytes."
    ])
  })
})
