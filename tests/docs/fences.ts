/**
 * Finds the code examples of the documentation and writes them to a folder where they can be compiled and run.
 * The documentation tests call it.
 *
 * A TypeScript fence starts with a line `// file: name.ts`; the fences of one page share a folder, so they may import
 * each other. `ts run` also runs the file; a fence `text output` after it is what it must print. A fence that cannot
 * stand alone is marked `ts fragment` and only shown.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** The repository's root folder. */
export const root = join(import.meta.dirname, "../..")

/** Where the examples are written; git ignores it. Inside the repository, so that packages resolve. */
export const folder = join(root, ".cache/docs")

/** One code example. */
export interface Example {
  /** The page it stands in, from the root. */
  readonly page: string
  /** The line of its fence in the page, from 1. */
  readonly line: number
  /** Where it is written, from {@link folder}. */
  readonly path: string
  readonly code: string
  /** Whether it is run: as a program, or by vitest where the name ends in `.test.ts`. */
  readonly runs: boolean
  /** What it must print, where the page says so. */
  readonly output: string | undefined
}

/** A page's examples, and a line for each fence that is none. */
export interface Page {
  readonly page: string
  readonly examples: ReadonlyArray<Example>
  readonly problems: ReadonlyArray<string>
}

const fence = /^```(\S+)([^\n]*)\n([\s\S]*?)^```$/gm
const fileLine = /^\/\/ file: ([\w./-]+)/

const slugOf = (page: string): string => page.replace(/\.md$/, "").replaceAll("/", "-").toLowerCase()

/** Reads one page. */
export const readPage = (page: string, text: string): Page => {
  const examples: Array<Example> = []
  const problems: Array<string> = []
  for (const { 1: language = "", 2: info = "", 3: code = "", index } of text.matchAll(fence)) {
    const line = text.slice(0, index).split("\n").length
    const last = examples.at(-1)
    if (language === "text" && info.trim() === "output" && last !== undefined) {
      examples[examples.length - 1] = { ...last, output: code }
    }
    if (!/^(ts|typescript)$/.test(language) || info.trim() === "fragment") continue
    const name = fileLine.exec(code)?.[1]
    if (name === undefined) problems.push(`${page}:${line}: a ts fence without a first line "// file: name.ts"`)
    else {examples.push({
        page,
        line,
        path: `${slugOf(page)}/${name}`,
        code,
        runs: info.trim() === "run",
        output: undefined
      })}
  }
  return { page, examples, problems }
}

/** Reads the README and all of docs. */
export const readPages = (): ReadonlyArray<Page> =>
  globSync(["*.md", "docs/**/*.md", "packages/*/README.md", "examples/*/README.md"], {
    cwd: root,
    exclude: ["**/node_modules/**"]
  }).map((page) => page.replaceAll("\\", "/")).toSorted().map((page) =>
    readPage(page, readFileSync(join(root, page), "utf8"))
  )

/** Writes the examples of all pages, and the settings to compile them with, to an empty {@link folder}. */
export const writeExamples = (pages: ReadonlyArray<Page>): void => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const settings = {
    extends: "../../tsconfig.json",
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ["**/*.ts"],
    exclude: []
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings))
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }))
  for (const { code, path } of pages.flatMap(({ examples }) => examples)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), code)
  }
}
