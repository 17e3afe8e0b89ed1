import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { path, written } from "./telemetryPage.ts"

describe("the reference of telemetry", () => {
  it("lists every metric, span and setting as the code has them", () => {
    const page = readFileSync(path, "utf8")
    assert.strictEqual(page, written(page), "run: npm run try -- tests/docs/telemetryPage.ts")
  })
})
