/**
 * Lists the repository's TypeScript files and what each one imports.
 * The checks of imports, exports and sizes call it.
 * It reads import statements that start a line, as the formatter writes them; code inside comments and strings does not.
 * It does not resolve packages: a specifier is returned as it is written.
 */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** The repository's root folder. */
export const root = join(import.meta.dirname, "../..")

/** One import, export-from, or dynamic import. */
export interface Import {
  /** As written: `effect/Effect`, `../job/JobId.ts`. */
  readonly specifier: string
  /** The line it starts on, from 1. */
  readonly line: number
}

const statement = /^(?:import|export)\s(?:[^"'`]*?\sfrom\s*)?["']([^"'\n]+)["']/gm
const dynamic = /^(?!\s*(?:\*|\/\/|["'`])).*?\bimport\(\s*["']([^"'\n]+)["']/gm

/** Paths from the root, with `/`, sorted. Patterns are globs from the root. */
export const filesOf = (...patterns: ReadonlyArray<string>): ReadonlyArray<string> =>
  globSync([...patterns], { cwd: root, exclude: ["**/node_modules/**", "**/dist/**"] })
    .map((path) => path.replaceAll("\\", "/")).toSorted()

/** Reads a file by its path from the root. */
export const read = (path: string): string => readFileSync(join(root, path), "utf8")

/** Every import of a source text, in no particular order. */
export const importsIn = (source: string): ReadonlyArray<Import> =>
  [...source.matchAll(statement), ...source.matchAll(dynamic)].flatMap(({ 1: specifier, index }) =>
    specifier === undefined ? [] : [{ specifier, line: source.slice(0, index).split("\n").length }]
  )
