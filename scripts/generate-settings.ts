/**
 * Writes the tables of settings in the reference pages of the programs, from what each program says of itself.
 * `npm run try -- scripts/generate-settings.ts`, after a setting has changed. It replaces what stands between the markers
 * `<!-- settings -->` and `<!-- /settings -->`, and nothing else. That the pages are fresh is for the packages' own tests.
 */
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")

/** Each program's entry, and its page. */
const pages: Readonly<Record<string, string>> = {
  "packages/consumer/src/bin.ts": "docs/reference/consumer-program.md"
}

for (const [program, page] of Object.entries(pages)) {
  const table = execFileSync(process.execPath, ["--conditions=sluice-source", join(root, program), "--settings"], {
    encoding: "utf8"
  })
  const path = join(root, page)
  const text = readFileSync(path, "utf8")
  const marked = /<!-- settings -->[^]*<!-- \/settings -->/
  if (!marked.test(text)) throw new Error(`${page} has no markers for its settings`)
  writeFileSync(path, text.replace(marked, () => `<!-- settings -->\n\n${table.trim()}\n\n<!-- /settings -->`))
  console.log(`${page} is written`)
}
