/**
 * `npm run check`: every rule that a machine can hold us to, one step each, all of them even when one fails.
 * A person calls it before committing, CI for every change. `npm run check -- types lint` runs only those steps.
 * It promises a non-zero exit when any step fails, and to change nothing.
 */
import { spawnSync } from "node:child_process"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")

/** What each step runs, by Node and from the root. */
const steps: Readonly<Record<string, readonly [script: string, ...args: ReadonlyArray<string>]>> = {
  lockfile: ["scripts/complete-lockfile.mjs", "--check"],
  generated: ["scripts/generate-lua.ts", "--check"],
  types: ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "tsconfig.json"],
  lint: ["node_modules/oxlint/bin/oxlint", "--deny-warnings"],
  format: ["node_modules/dprint/bin.cjs", "check"],
  imports: ["scripts/check/imports.ts"],
  exports: ["scripts/check/exports.ts"],
  sizes: ["scripts/check/sizes.ts"]
}

/** Runs one step and says how it went; what the step printed is shown only when it failed. */
const passes = (name: string): boolean => {
  const [script, ...args] = steps[name] ?? []
  if (script === undefined) {
    console.error(`There is no step "${name}". There are: ${Object.keys(steps).join(", ")}.`)
    return false
  }
  const start = performance.now()
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024
  })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  if (status !== 0) console.error(`${stdout}${stderr}`.trimEnd())
  console.log(`${status === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`)
  return status === 0
}

const chosen = process.argv.slice(2)
const failed = (chosen.length > 0 ? chosen : Object.keys(steps)).filter((name) => !passes(name))
console.log(failed.length === 0 ? "check passed" : `check failed: ${failed.join(", ")}`)
process.exitCode = failed.length === 0 ? 0 : 1
