import { spawn, spawnSync } from "node:child_process"
import { text } from "node:stream/consumers"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "vitest"
import { type Example, folder, readPages, root, writeExamples } from "./fences.ts"

const pages = readPages()
const withExamples = pages.filter(({ examples }) => examples.length > 0)

const tsc = join(root, "node_modules/typescript/bin/tsc")
const vitest = join(root, "node_modules/vitest/vitest.mjs")

/** Runs an example as a reader would, and resolves with its exit code and what it printed. */
const run = async (
  { path }: Example
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> => {
  const args = path.endsWith(".test.ts")
    ? [vitest, "run", "--config", join(import.meta.dirname, "examples.vitest.config.ts"), path]
    : ["--conditions=sluice-source", path]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], timeout: 30_000 })
  const exit = new Promise<number | null>((resolve) => child.on("close", resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit])
  return { code, out, err }
}

let errors: ReadonlyArray<string> = []

beforeAll(() => {
  writeExamples(pages)
  const { stdout } = spawnSync(process.execPath, [tsc, "--noEmit", "--pretty", "false", "-p", "."], {
    cwd: folder,
    encoding: "utf8"
  })
  errors = stdout.split("\n").filter((line) => line !== "")
})

describe("the documentation", () => {
  it("gives every TypeScript example a file name or marks it as a fragment", () => {
    assert.deepStrictEqual(pages.flatMap(({ problems }) => problems), [])
  })

  it.for(withExamples)("compiles as shown: $page", ({ examples }) => {
    const paths = examples.map(({ path }) => `${path}(`)
    assert.deepStrictEqual(errors.filter((line) => paths.some((path) => line.startsWith(path))), [])
  })

  it.for(withExamples.flatMap(({ examples }) => examples.filter(({ runs }) => runs)))(
    "runs as shown: $page, $path",
    async (example) => {
      const { code, err, out } = await run(example)
      assert.strictEqual(code, 0, `${out}\n${err}`)
      if (example.output !== undefined) assert.strictEqual(out, example.output)
    }
  )
})
