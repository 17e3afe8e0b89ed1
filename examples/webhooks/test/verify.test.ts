/** The check of the promise sees every way in which it can be broken. */
import { assert, describe, it } from "@effect/vitest"
import type { Ending } from "../src/endings.ts"
import { type Evidence, problems } from "../src/verify.ts"
import { receiptOf } from "./receipt.ts"

const sent = { delivery: "push-1", event: "push", body: "{\"zen\":\"ä\"}" }
const completed: Ending = { delivery: "push-1", attempts: 1, state: "completed", receipt: receiptOf(sent.body) }
const dead: Ending = { delivery: "push-1", attempts: 8, state: "dead", reason: "exhausted", message: "410" }
const arrived = { ...receiptOf(sent.body), times: 1, isSame: true }

const kept: Evidence = {
  deliveries: [sent],
  endings: [completed],
  received: new Map([["push-1", arrived]]),
  earlier: new Set()
}

describe("problems", () => {
  it("finds none when all witnesses agree, however often it arrived", () => {
    assert.deepStrictEqual(problems(kept), [])
    assert.deepStrictEqual(problems({ ...kept, received: new Map([["push-1", { ...arrived, times: 3 }]]) }), [])
  })

  it("lets a dead job's delivery be missing", () => {
    assert.deepStrictEqual(problems({ ...kept, endings: [dead], received: new Map() }), [])
  })

  it("lets an earlier run have delivered it", () => {
    assert.deepStrictEqual(problems({ ...kept, received: new Map(), earlier: new Set(["push-1"]) }), [])
  })

  it.each<[string, Partial<Evidence>]>([
    ["push-1 arrived with other bytes", { received: new Map([["push-1", { ...arrived, ...receiptOf("other") }]]) }],
    ["push-1 arrived with other bytes", { received: new Map([["push-1", { ...arrived, isSame: false }]]) }],
    ["push-1 has no ended job", { endings: [] }],
    ["push-1 was cancelled: why not", {
      endings: [{ delivery: "push-1", attempts: 0, state: "cancelled", reason: "operator", message: "why not" }]
    }],
    ["push-1 has a receipt for other bytes", { endings: [{ ...completed, receipt: receiptOf("other") }] }],
    ["push-1 has a receipt, but never arrived", { received: new Map() }],
    ["star-9 arrived, but was never sent", { received: new Map([["push-1", arrived], ["star-9", arrived]]) }]
  ])("finds that %s", (problem, broken) => {
    assert.deepStrictEqual(problems({ ...kept, ...broken }), [problem])
  })
})
