import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { readScripts } from "./readScripts.ts"
import { stripComments } from "./stripComments.ts"

const header = "-- Adds one.\n-- Keys: 1 counter\n-- Args: none\n-- Replies: the new count\n-- Complexity: O(1)\n"

/** Reads a folder that holds these files, and removes it. */
const reading = (files: Readonly<Record<string, string>>) => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-lua-"))
  try {
    mkdirSync(join(folder, "lib"))
    Object.entries(files).forEach(([name, text]) => writeFileSync(join(folder, name), text))
    return readScripts(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("reading Lua scripts", () => {
  it("puts each fragment in once, where it is first asked for, also from another fragment", () => {
    const { problems, scripts } = reading({
      "add.lua": `${header}--@include clock.lua\n--@include base.lua\nreturn now()\n`,
      "lib/clock.lua": "-- The clock.\n--@include base.lua\nlocal function now() return base end\n",
      "lib/base.lua": "-- The base.\nlocal base = 1\n"
    })
    assert.deepStrictEqual(problems, [])
    assert.deepStrictEqual(scripts, [{
      name: "add",
      lua: "local base = 1\nlocal function now() return base end\nreturn now()\n"
    }])
  })

  it("asks for a contract in the header", () => {
    assert.deepStrictEqual(reading({ "add.lua": "-- Adds one.\n-- Keys: 1\nreturn 1\n" }).problems, [
      "add.lua: its header says nothing about Args, Replies, Complexity"
    ])
    assert.deepStrictEqual(reading({ "add.lua": "return 1\n" }).problems, [
      "add.lua: starts without a header comment that says what it does"
    ])
  })

  it("refuses a body over 80 lines, not counting the header and blank lines", () => {
    const lines = (count: number) => `${header}\n${"local a = 1\n\n".repeat(count)}`
    assert.deepStrictEqual(reading({ "add.lua": lines(80) }).problems, [])
    assert.deepStrictEqual(reading({ "add.lua": lines(81) }).problems, ["add.lua: 81 lines of body, at most 80"])
  })

  it("tells of fragments that are missing and of those that nobody uses", () => {
    const { problems } = reading({
      "add.lua": `${header}--@include gone.lua\nreturn 1\n`,
      "lib/idle.lua": "-- Idle.\n"
    })
    assert.deepStrictEqual(problems, [
      "add.lua: includes lib/gone.lua, which is not there",
      "lib/idle.lua: no script includes it"
    ])
  })
})

describe("stripping comments", () => {
  it("keeps what looks like a comment inside strings", () => {
    const source = `local a = "-- no" -- yes\nlocal b = '--[[ no ]]' --[[ yes\nyes ]]\nlocal c = "\\"-- no"\n`
    assert.strictEqual(stripComments(source), `local a = "-- no"\nlocal b = '--[[ no ]]'\nlocal c = "\\"-- no"\n`)
  })

  it("keeps the spaces and line breaks of long strings", () => {
    assert.strictEqual(
      stripComments("  local a = [==[ x\n   --y ]]\n ]==]  \n"),
      "local a = [==[ x\n   --y ]]\n ]==]\n"
    )
  })
})
