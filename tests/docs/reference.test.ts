import * as JobState from "@sluice/core/JobState"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { root } from "./fences.ts"

const page = (name: string): string => readFileSync(join(root, "docs/reference", name), "utf8")

/** Every word in backticks within a text. */
const quoted = (text: string): ReadonlyArray<string> => [...text.matchAll(/`(\w+)`/g)].map(([, word = ""]) => word)

/** The rows of the tables of a page whose first cell is one word in backticks: that word, and the other cells. */
const rows = (text: string): ReadonlyArray<readonly [string, ReadonlyArray<string>]> =>
  text.split("\n").flatMap((line) => {
    const [first = "", ...cells] = line.split("|").slice(1, -1).map((cell) => cell.trim())
    const word = /^`(\w+)`$/.exec(first)?.[1]
    return word === undefined ? [] : [[word, cells] as const]
  })

describe("the reference", () => {
  it("lists every state with exactly the moves that the code allows", () => {
    const listed = rows(page("states.md")).map(([state, cells]) => [state, quoted(cells[1] ?? "")])
    assert.deepStrictEqual(listed, JobState.all.map((state) => [state, JobState.nextOf(state)]))
  })

  it("lists every reason of every error, and no other", () => {
    const declared = ["EnqueueError", "JobError", "BrokerError"].flatMap((name) => {
      const source = readFileSync(join(root, `packages/core/src/job/${name}.ts`), "utf8")
      return [...source.matchAll(/^export class (\w+) extends Schema.TaggedError/gm)].map(([, reason = ""]) => reason)
        .filter((reason) => reason !== name)
    })
    assert.deepStrictEqual(rows(page("errors.md")).map(([reason]) => reason).toSorted(), declared.toSorted())
  })
})
