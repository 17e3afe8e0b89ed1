/**
 * Holds the generated reference pages to the code. `npm test -- --project unit packages/producer/test/reference -u`
 * writes them anew.
 */
import { expect, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { configurationPage } from "./reference/configurationPage.ts"
import { httpApiPage } from "./reference/httpApiPage.ts"

const root = join(import.meta.dirname, "../../..")

/** As the formatter writes it, so that both agree on the width of a table's columns. */
const formatted = (name: string, text: string): string =>
  execFileSync(process.execPath, [join(root, "node_modules/dprint/bin.cjs"), "fmt", "--stdin", name], {
    cwd: root,
    input: text,
    encoding: "utf8"
  })

it.each([
  ["docs/reference/configuration.md", configurationPage],
  ["docs/reference/http-api.md", httpApiPage]
])("%s says what the code says", async (path, page) => {
  await expect(formatted("page.md", page())).toMatchFileSnapshot(join(root, path))
})
