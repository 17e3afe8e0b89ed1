import { assert, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { promisify } from "node:util"

// a process of its own: in this one, another test may have loaded anything
const script = `
  import { registerHooks } from "node:module"
  const loaded = []
  registerHooks({ resolve: (name, context, next) => { loaded.push(name); return next(name, context) } })
  const exported = Object.keys(await import("@sluice/core"))
  console.log(JSON.stringify({ exported, redis: loaded.filter((name) => /redis|^node:net$/.test(name)) }))
`

it("loads no Redis client", { timeout: 20_000 }, async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=sluice-source", "--no-warnings", "--input-type=module", "--eval", script],
    { cwd: import.meta.dirname }
  )
  const { exported, redis } = JSON.parse(stdout) as {
    readonly exported: ReadonlyArray<string>
    readonly redis: unknown
  }
  assert.deepStrictEqual(redis, [])
  assert.includeMembers([...exported], ["Task", "RetryPolicy", "MemoryBroker", "Broker", "Outcome", "CurrentJob"])
})
