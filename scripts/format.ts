/**
 * Formats the whole tree, or the files given: `npm run format -- packages/core`.
 * A person calls it before committing; `npm run check` only compares.
 * It changes layout, never meaning; lint findings are for a person to fix.
 */
import { spawnSync } from "node:child_process"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const dprint = join(root, "node_modules/dprint/bin.cjs")
const { status } = spawnSync(process.execPath, [dprint, "fmt", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit"
})
process.exitCode = status ?? 1
