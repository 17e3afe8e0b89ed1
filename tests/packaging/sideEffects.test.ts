import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { publicPackages, root } from "./publicModules.ts"

const probe = join(import.meta.dirname, "sideEffectProbe.mjs")

const report = (...modules: ReadonlyArray<string>): Record<string, ReadonlyArray<string>> =>
  JSON.parse(
    execFileSync(process.execPath, ["--conditions=sluice-source", probe, ...modules], { cwd: root, encoding: "utf8" })
  )

describe("importing a public module", () => {
  const found = report(...publicPackages.flatMap(({ modules }) => modules))

  it.for(Object.entries(found))("%s connects to nothing, starts nothing, reads and prints nothing", ([, effects]) => {
    assert.deepStrictEqual(effects, [])
  })

  it("is watched by a probe that sees timers, sockets, output and reads of the environment", () => {
    const guilty = "./tests/packaging/fixtures/packages/guilty/src/guilty.mjs"
    assert.deepStrictEqual(report(join(root, guilty))[join(root, guilty)], [
      "process.env.GUILTY",
      "setTimeout",
      "socket",
      "left TCPSocketWrap",
      "left Timeout"
    ])
  })
})
