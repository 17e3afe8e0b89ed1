/** What the demo in processes writes and reads over HTTP, without the programs. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { load } from "../src/input.ts"
import { AttemptBook } from "../src/processes/AttemptBook.ts"
import { endingOf } from "../src/processes/endings.ts"
import { isKnown, jobOf, lineOf, targetsOf } from "../src/processes/requests.ts"
import { receiptOf } from "./receipt.ts"

const fields = { queue: "deliveries", version: 1, priority: 0, attempts: 8, failures: [] }
const enqueuedAt = "2030-01-01T00:00:00.000Z"
const at = (ms: number) => new Date(Date.parse(enqueuedAt) + ms).toISOString()

describe("requests", () => {
  it.effect("hold every body as it is: in a line byte for byte, in a job as text", () =>
    Effect.gen(function*() {
      const deliveries = yield* load(1)
      for (const delivery of deliveries) {
        if (isKnown(delivery)) {
          const { payload } = JSON.parse(jobOf(delivery))
          assert.deepInclude(payload, delivery)
        } else {
          const line = lineOf(delivery)
          assert.isTrue(line.endsWith(`,"payload":${delivery.body}}\n`))
          assert.strictEqual(line.indexOf("\n"), line.length - 1)
          assert.strictEqual(JSON.parse(line).id, delivery.delivery)
        }
      }
      assert.strictEqual(targetsOf(deliveries).size, 52)
      assert.deepStrictEqual(targetsOf(deliveries).get("webhook/fork"), { "x-github-event": "fork" })
    }))
})

describe("AttemptBook", () => {
  it("makes attempts of what began and ended, and knows whose end is missing", () => {
    const book = new AttemptBook()
    const id = "0:star-1"
    book.add({ event: "listening", at: at(0) })
    book.add({ event: "claimed", at: at(50), id, task: "DeliverStar", attempt: 1 })
    book.add({ event: "retrying", at: at(60), id, attempt: 1 })
    assert.deepStrictEqual(book.missing(["star-1", "star-2"]), ["star-1", "star-2"])
    book.add({ event: "claimed", at: at(100), id, task: "DeliverStar", attempt: 2 })
    book.add({ event: "completed", at: at(125), id, attempt: 2 })
    assert.deepStrictEqual(book.missing(["star-1", "star-2"]), ["star-2"])
    const failures = [{ attempt: 1, kind: "Gone", message: "gone" }]
    const job = { ...fields, id, task: "DeliverStar", state: "completed", attempt: 2, enqueuedAt, failures } as const
    const same = { delivery: "star-1", subject: "DeliverStar" }
    assert.deepStrictEqual(book.attemptsOf([job]), [
      { ...same, attempt: 1, result: "Gone: gone", sinceEnqueueMs: 50, runMs: 10 },
      { ...same, attempt: 2, result: "delivered", sinceEnqueueMs: 100, runMs: 25 }
    ])
    assert.isFalse(book.hasGap)
    book.add({ event: "gap", at: at(200) })
    assert.isTrue(book.hasGap)
  })
})

describe("endingOf", () => {
  const receipt = receiptOf("x")
  const job = { ...fields, id: "0:star-1", task: "DeliverStar", state: "completed", attempt: 2, enqueuedAt } as const
  const completed = { ...job, outcome: { state: "completed" } } as const

  it("reads the receipt of either kind of handler", () => {
    const ending = { delivery: "star-1", attempts: 2, state: "completed", receipt } as const
    assert.deepStrictEqual(endingOf({ ...completed, result: receipt }), ending)
    const answered = { status: 200, body: JSON.stringify(receipt), truncated: false }
    assert.deepStrictEqual(endingOf({ ...completed, result: answered }), ending)
  })

  it("tells why a job is dead", () => {
    const outcome = { state: "dead", reason: "discarded", message: "answered 410" } as const
    assert.deepStrictEqual(endingOf({ ...job, state: "dead", outcome }), {
      delivery: "star-1",
      attempts: 2,
      state: "dead",
      reason: "discarded",
      message: "answered 410"
    })
  })
})
