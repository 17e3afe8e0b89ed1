/**
 * `npm run build`: compiles each package to its dist folder and proves that what it would publish can be loaded.
 * The packaging tests and whoever publishes call it.
 * It promises a clean dist: nothing of an earlier build stays. It publishes nothing.
 */
import { spawnSync } from "node:child_process"
import { existsSync, globSync, readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"

const root = join(import.meta.dirname, "..")

/** What the build needs of a package.json. */
interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

const projects = globSync("packages/*/tsconfig.build.json", { cwd: root }).toSorted()

/** Runs Node from the root as any user of the packages would: without the condition that leads to the sources. */
const runNode = (...args: ReadonlyArray<string>): boolean => {
  const { NODE_OPTIONS: _, ...env } = process.env
  return spawnSync(process.execPath, [...args], { cwd: root, env, stdio: "inherit" }).status === 0
}

/** Loads every built export of a package; the test kit needs a test runner, so it must only be there. */
const loads = (folder: string): boolean => {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest
  const targets = Object.entries(manifest.exports).filter(([, target]) => typeof target !== "string")
  const absent = targets.flatMap(([, target]) => Object.values(target)).filter((file) =>
    !existsSync(join(root, folder, file))
  )
  absent.forEach((file) => console.error(`${manifest.name} exports ${file}, which the build did not write`))
  const modules = targets.map(([subpath]) => `${manifest.name}${subpath.slice(1)}`).filter((name) =>
    !name.endsWith("/testing")
  )
  const program = modules.map((name) => `await import(${JSON.stringify(name)});`).join("")
  return absent.length === 0 && runNode("--input-type=module", "--eval", program)
}

const main = (): number => {
  projects.forEach((project) => rmSync(join(root, dirname(project), "dist"), { recursive: true, force: true }))
  if (!runNode("node_modules/typescript/bin/tsc", "-b", "--force", ...projects)) return 1
  const broken = projects.map((project) => dirname(project)).filter((folder) => !loads(folder))
  broken.forEach((folder) => console.error(`${folder}: the built package does not load, see above`))
  if (broken.length === 0) projects.forEach((project) => console.log(`built ${dirname(project)}/dist`))
  return broken.length === 0 ? 0 : 1
}

process.exitCode = main()
