/**
 * Judges one import: its layer, whether its package is declared and exports it, and how it is written.
 * The import check calls it for every import of the repository.
 * It promises a reason for each offence; it does not see circles, which are no single import's fault.
 */
import { isBuiltin } from "node:module"
import { posix } from "node:path"
import { closed, type Layer, layers } from "./layers.ts"
import type { Import } from "./sourceFiles.ts"

/** What the check needs of a package.json. */
export interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** Every package.json by its folder; the root's is at `"."`. */
export type Workspaces = ReadonlyMap<string, Manifest>

/** An import and the file it stands in. */
export interface Found extends Import {
  readonly file: string
}

const isWithin = (file: string, path: string): boolean => file === path || file.startsWith(`${path}/`)

/** `@scope/name/sub` and `name/sub` without the subpath. */
const packageOf = (specifier: string): string =>
  specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")

/** The folder of the package.json that speaks for a file. */
const workspaceOf = (file: string): string => /^(packages|examples)\/[^/]+|^(tests|docs)(?=\/)/.exec(file)?.[0] ?? "."

const isPublished = (file: string): boolean => /^packages\/[^/]+\/src\//.test(file)

/** Names a file's package.json gives it; only published sources may not lean on the root's tools. */
const declaredFor = (file: string, workspaces: Workspaces): ReadonlySet<string> => {
  const own = workspaces.get(workspaceOf(file))
  return new Set([
    ...Object.keys({ ...own?.dependencies, ...own?.peerDependencies, ...own?.devDependencies }),
    ...(own === undefined ? [] : [own.name]),
    ...(isPublished(file) ? [] : Object.keys(workspaces.get(".")?.devDependencies ?? {})),
    ...(isPublished(file) ? [] : [...workspaces.values()].map(({ name }) => name))
  ])
}

const mayEnter = (file: string, target: string): boolean =>
  closed.every(({ except, path }) =>
    !isWithin(target, path) || isWithin(file, path) || except.some((entry) => isWithin(file, entry))
  )

/** Sources stay inside their package, and nothing reaches into another; tests may share tests/support. */
const leavesPackage = (file: string, target: string): boolean =>
  workspaceOf(target) !== workspaceOf(file) && (isPublished(file) || target.startsWith("packages/"))

const relativeProblems = (found: Found, layer: Layer | undefined): ReadonlyArray<string> => {
  const target = posix.join(posix.dirname(found.file), found.specifier)
  if (!/\.(ts|mjs|json)$/.test(target)) {
    return ["relative imports end in .ts, so that Node runs the sources as they are"]
  }
  if (leavesPackage(found.file, target)) return ["import another package by its name, never by a path"]
  if (layer === undefined) return []
  const allowed = isWithin(target, layer.path) || layer.folders.some((folder) => isWithin(target, folder))
  return allowed && mayEnter(found.file, target) ? [] : [layer.because]
}

const packageProblems = (found: Found, layer: Layer | undefined, workspaces: Workspaces): ReadonlyArray<string> => {
  const { file, specifier } = found
  if (isBuiltin(specifier) && !specifier.startsWith("node:")) return [`write node:${specifier}`]
  const name = packageOf(specifier)
  const exported = [...workspaces.values()].find((workspace) => workspace.name === name)?.exports
  return [
    ...(!specifier.startsWith("node:") && !declaredFor(file, workspaces).has(name)
      ? [`${name} is not declared in ${workspaceOf(file)}/package.json`]
      : []),
    ...(exported !== undefined && !(`.${specifier.slice(name.length)}` in exported)
      ? [`${specifier} is not in the exports of ${name}`]
      : []),
    ...(layer !== undefined && !layer.packages.includes(name) ? [layer.because] : [])
  ]
}

/** What is wrong with this import, a line each; none is the usual answer. */
export const problemsOf = (found: Found, workspaces: Workspaces): ReadonlyArray<string> => {
  const layer = layers.find(({ path }) => isWithin(found.file, path))
  const problems = found.specifier.startsWith(".")
    ? relativeProblems(found, layer)
    : packageProblems(found, layer, workspaces)
  return problems.map((problem) => `${found.file}:${found.line} imports "${found.specifier}": ${problem}`)
}
