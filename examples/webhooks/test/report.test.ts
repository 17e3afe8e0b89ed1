/** The report's figures and its table. */
import { assert, describe, it } from "@effect/vitest"
import type { Counts } from "../src/progress.ts"
import { count, type Facts, percentile, report, time } from "../src/report.ts"

const counts: Counts = {
  scheduled: 0,
  blocked: 0,
  available: 0,
  running: 0,
  retryable: 0,
  completed: 2,
  cancelled: 0,
  dead: 1
}
const receipt = { sha256: "", bytes: 10 }
const attempt = (delivery: string, number: number, result: string, runMs: number) => ({
  delivery,
  attempt: number,
  subject: `about ${delivery}`,
  result,
  sinceEnqueueMs: 100 * number,
  runMs
})
const facts: Facts = {
  counts,
  endings: [
    { delivery: "push-1", attempts: 1, state: "completed", receipt },
    { delivery: "push-2", attempts: 2, state: "completed", receipt },
    { delivery: "star-1", attempts: 1, state: "dead", reason: "exhausted", message: "the endpoint is gone" }
  ],
  attempts: [
    attempt("push-1", 1, "delivered", 10),
    attempt("push-2", 1, "ServerError", 20),
    attempt("push-2", 2, "delivered", 1500),
    attempt("star-1", 1, "Gone", 30)
  ],
  elapsedMs: 2000,
  deliveries: 3,
  bytes: 1_500_000,
  refused: 1,
  repeated: 0,
  problems: []
}

describe("report", () => {
  it("shows states, attempts, results, figures, dead jobs and the promise", () => {
    assert.strictEqual(
      report(facts),
      `
Jobs by state
  completed   2
  dead        1

Attempts a job took
  1   2   ████████████████████████████████████████
  2   1   ████████████████████

How attempts ended
  delivered     2
  Gone          1
  ServerError   1

Figures
  1.0 deliveries/s, 2.0 attempts/s, 2.00 s in all
                                         p50      p95      p99
  queue wait (to the first attempt)   100 ms   100 ms   100 ms
  run time (of an attempt)             20 ms   1.50 s   1.50 s

Dead jobs
  delivery   reason      attempts   last error             about
  star-1     exhausted          1   the endpoint is gone   about star-1

The promise
  3 payloads (1.5 MB) were sent: 3 arrived byte for byte, 1 of them refused for good (the dead jobs above), none missing.`
    )
  })

  it("says what broke the promise instead", () => {
    const text = report({ ...facts, problems: ["push-1 arrived with other bytes"] })
    assert.include(text, "BROKEN:\n  push-1 arrived with other bytes")
    assert.notInclude(text, "none missing")
  })

  it("says how many died before they arrived", () => {
    assert.include(
      report({ ...facts, refused: 0 }),
      "2 arrived byte for byte, 1 died before they arrived (listed above), none else missing."
    )
  })

  it("leaves out what there is nothing of", () => {
    const text = report({ ...facts, endings: [], attempts: [] })
    assert.notInclude(text, "Dead jobs")
    assert.match(text, /run time \(of an attempt\) +- +- +-/)
  })

  it("names twenty dead jobs and counts the others", () => {
    const endings = Array.from({ length: 23 }, (_, index) => ({
      delivery: `star-${index}`,
      attempts: 8,
      state: "dead" as const,
      reason: "exhausted",
      message: "500"
    }))
    const text = report({ ...facts, endings })
    assert.include(text, "star-19")
    assert.notInclude(text, "star-20")
    assert.include(text, "... and 3 more")
  })
})

describe("percentile", () => {
  it("is a value that the share does not exceed", () => {
    const values = [5, 1, 4, 2, 3]
    assert.strictEqual(percentile(values, 0.5), 3)
    assert.strictEqual(percentile(values, 0.99), 5)
    assert.strictEqual(percentile(values, 0), 1)
    assert.strictEqual(percentile([7], 0.5), 7)
    assert.strictEqual(percentile([], 0.5), undefined)
  })
})

describe("numbers", () => {
  it("are written for people", () => {
    assert.strictEqual(count(12_345), "12,345")
    assert.deepStrictEqual([undefined, 0, 12.4, 999, 1250].map(time), ["-", "0 ms", "12 ms", "999 ms", "1.25 s"])
  })
})
