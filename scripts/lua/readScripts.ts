/**
 * Reads the Lua folder: every script with its includes put in place, and every broken house rule.
 * The Lua generator calls it, to write the generated module and to check it.
 * It promises a stable order (by file name), so that the same folder always gives the same result.
 * It does not write anything.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { stripComments } from "./stripComments.ts"

/** One script as it is sent to Redis. */
export interface Script {
  /** The file name without `.lua`. */
  readonly name: string
  /** The whole program: includes in place, comments gone. */
  readonly lua: string
}

/** What the folder holds: the scripts, and one line for each broken rule. */
export interface LuaFolder {
  readonly scripts: ReadonlyArray<Script>
  readonly problems: ReadonlyArray<string>
}

/** What a script's header must speak of, as `-- Keys: ...`; a lone `-- Keys` above a list counts too. */
const contractSections = ["Keys", "Args", "Replies", "Complexity"]

/** Longest body of one file, header and blank lines not counted. */
const maximumBodyLines = 80

const includeLine = /^[ \t]*--@include[ \t]+(\S+)[ \t]*$/

const luaFiles = (folder: string): ReadonlyArray<string> =>
  existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".lua")).toSorted() : []

/** Splits a file into its leading comment and the rest; an include line ends the header. */
const splitHeader = (
  source: string
): { readonly header: ReadonlyArray<string>; readonly body: ReadonlyArray<string> } => {
  const lines = source.split("\n")
  const end = lines.findIndex((line) => !line.startsWith("--") || includeLine.test(line))
  const at = end === -1 ? lines.length : end
  return { header: lines.slice(0, at), body: lines.slice(at).filter((line) => line.trim() !== "") }
}

const problemsOf = (file: string, source: string, isFragment: boolean): ReadonlyArray<string> => {
  const { header, body } = splitHeader(source)
  const missing = isFragment ? [] : contractSections.filter((section) => {
    return !header.some((line) => new RegExp(`^--\\s*${section}\\b`, "i").test(line))
  })
  return [
    ...(header.length === 0 ? [`${file}: starts without a header comment that says what it does`] : []),
    ...(header.length > 0 && missing.length > 0
      ? [`${file}: its header says nothing about ${missing.join(", ")}`]
      : []),
    ...(body.length > maximumBodyLines ? [`${file}: ${body.length} lines of body, at most ${maximumBodyLines}`] : []),
    ...(/^[^\S\n]*\t/m.test(source) ? [`${file}: is indented by tabs; use two spaces`] : [])
  ]
}

/** Puts each fragment in place of the first line that includes it; a second include of the same fragment is dropped. */
const include = (folder: string, source: string, seen: Set<string>, problems: Array<string>, from: string): string =>
  source.split("\n").map((line) => {
    const name = includeLine.exec(line)?.[1]
    if (name === undefined || seen.has(name)) return name === undefined ? line : ""
    seen.add(name)
    const path = join(folder, "lib", name)
    if (existsSync(path)) return include(folder, readFileSync(path, "utf8"), seen, problems, `lib/${name}`)
    problems.push(`${from}: includes lib/${name}, which is not there`)
    return ""
  }).join("\n")

/** Reads `folder/*.lua` as scripts and `folder/lib/*.lua` as fragments. A missing folder is an empty one. */
export const readScripts = (folder: string): LuaFolder => {
  const problems: Array<string> = []
  const used = new Set<string>()
  const scripts = luaFiles(folder).map((file): Script => {
    const source = readFileSync(join(folder, file), "utf8")
    problems.push(...problemsOf(file, source, false))
    const seen = new Set<string>()
    const lua = stripComments(include(folder, source, seen, problems, file))
    seen.forEach((name) => used.add(name))
    return { name: basename(file, ".lua"), lua }
  })
  for (const file of luaFiles(join(folder, "lib"))) {
    problems.push(...problemsOf(`lib/${file}`, readFileSync(join(folder, "lib", file), "utf8"), true))
    if (!used.has(file)) problems.push(`lib/${file}: no script includes it`)
  }
  return { scripts, problems }
}
