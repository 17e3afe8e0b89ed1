/**
 * Checks who imports what: the layers, declared dependencies, closed exports, and that no imports run in a circle.
 * `npm run check` calls it.
 * It promises a line for each offence that names the file, the import, and the reason for the rule.
 * It does not look at what is imported: unused names and missing files are for the compiler.
 */
import { posix } from "node:path"
import { findCycles } from "./cycles.ts"
import { type Found, type Manifest, problemsOf } from "./importRules.ts"
import { filesOf, importsIn, read } from "./sourceFiles.ts"

const readWorkspaces = (): ReadonlyMap<string, Manifest> =>
  new Map(
    filesOf("package.json", "packages/*/package.json", "examples/*/package.json", "tests/package.json")
      .map((path) => [posix.dirname(path), JSON.parse(read(path)) as Manifest])
  )

const main = (): number => {
  const workspaces = readWorkspaces()
  const files = filesOf("{packages,examples,tests,docs,scripts}/**/*.{ts,mjs}", "*.ts")
  const imports = files.flatMap((file) => importsIn(read(file)).map((found): Found => ({ ...found, file })))
  const edges = new Map(files.map((file) => [
    file,
    imports.filter((found) => found.file === file && found.specifier.startsWith("."))
      .map(({ specifier }) => posix.join(posix.dirname(file), specifier))
  ]))
  const cycles = findCycles(edges).map((cycle) => `imports run in a circle: ${cycle.join(" -> ")}`)
  const problems = [...imports.flatMap((found) => problemsOf(found, workspaces)), ...cycles]
  problems.forEach((problem) => console.error(problem))
  return problems.length === 0 ? 0 : 1
}

process.exitCode = main()
