/**
 * Checks that each package publishes what its package.json says, and nothing by accident.
 * `npm run check` calls it.
 * It promises that every export and program has a source file, that an export's three targets name the same module, and that
 * versions agree.
 * That the built files are there and load is for `npm run build` and the packaging tests.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { filesOf, read, root } from "./sourceFiles.ts"

interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
}

const problemsOf = (path: string, versions: ReadonlyMap<string, string>): ReadonlyArray<string> => {
  const manifest = JSON.parse(read(path)) as Manifest
  const folder = path.slice(0, -"/package.json".length)
  const broken = Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    if (typeof target === "string") return []
    const source = target["sluice-source"] ?? ""
    const name = source.slice("./src/".length, -".ts".length)
    const agrees = target["types"] === `./dist/${name}.d.ts` && target["default"] === `./dist/${name}.js`
    return [
      ...(existsSync(join(root, folder, source)) ? [] : [`${path}: exports "${subpath}", but there is no ${source}`]),
      ...(agrees ? [] : [`${path}: the targets of "${subpath}" name different modules`])
    ]
  })
  const lost = Object.entries(manifest.bin ?? {})
    .filter(([, file]) => !existsSync(join(root, folder, file.replace(/^\.\/dist\/(.+)\.js$/, "src/$1.ts"))))
    .map(([program, file]) => `${path}: ${program} is ${file}, but there is no source for it`)
  const drifted = Object.entries(manifest.dependencies ?? {})
    .filter(([name, version]) => versions.has(name) && versions.get(name) !== version)
    .map(([name, version]) => `${path}: asks for ${name} ${version}, but that is at ${versions.get(name)}`)
  return [...broken, ...lost, ...drifted]
}

const manifests = filesOf("packages/*/package.json")
const versions = new Map(manifests.map((path) => {
  const { name, version } = JSON.parse(read(path)) as Manifest
  return [name, version]
}))
const problems = manifests.flatMap((path) => problemsOf(path, versions))
problems.forEach((problem) => console.error(problem))
process.exitCode = problems.length === 0 ? 0 : 1
