import { assert, describe, it } from "@effect/vitest"
import { Setting } from "@sluice/core/program"
import { Result } from "effect"
import { invocation } from "../../src/program/Invocation.ts"

const about = { usage: "usage", version: "1.2.3", table: { port: Setting.port.required("APP_PORT", "1", "The port.") } }

const asked = (...args: ReadonlyArray<string>) => Result.merge(invocation(args, about))

describe("the arguments of a program", () => {
  it("ask to run when there are none, and for the settings by name", () => {
    assert.deepStrictEqual(asked(), { asks: "run" })
    assert.deepStrictEqual(asked("--print-config"), { asks: "printConfig" })
  })

  it.each([["--help", /^usage$/], ["-h", /^usage$/], ["--version", /^1\.2\.3$/], ["--settings", /`APP_PORT`/]])(
    "ask for a text: %s",
    (arg, text) => {
      const answer = asked(arg)
      assert.match(typeof answer === "object" && answer.asks === "text" ? answer.text : "", text)
    }
  )

  it.each(["run", "--constructor", "toString", "--helpful", ""])("are refused when they are unknown: %j", (arg) => {
    assert.strictEqual(asked(arg), `unknown argument ${arg}; see --help`)
  })

  it("stand alone", () => {
    assert.strictEqual(asked("--help", "--version"), "unknown argument --version; --help stands alone")
    assert.strictEqual(asked("--print-config", "x"), "unknown argument x; --print-config stands alone")
  })
})
