/**
 * Lists the public modules of every package, as their package.json exports them.
 * The packaging tests call it, so that a new module is tested without being named anywhere else.
 */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** The repository's root folder. */
export const root = join(import.meta.dirname, "../..")

/** A package that is built, and the specifiers of its public modules. */
export interface PublicPackage {
  /** From the root: `packages/core`. */
  readonly folder: string
  readonly name: string
  /** `@sluice/core`, `@sluice/core/Task`, ...; the test kit is left out, as it loads only inside a test runner. */
  readonly modules: ReadonlyArray<string>
  /** Its programs by name, with the file that the package installs for each: `sluice-producer` -> `./dist/bin.js`. */
  readonly programs: Readonly<Record<string, string>>
}

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly bin?: Readonly<Record<string, string>>
}

/** The packages that have something to publish, by folder. */
export const publicPackages: ReadonlyArray<PublicPackage> = globSync("packages/*/tsconfig.build.json", { cwd: root })
  .toSorted().map((path) => {
    const folder = path.replaceAll("\\", "/").slice(0, -"/tsconfig.build.json".length)
    const { bin = {}, exports, name } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest
    const modules = Object.entries(exports).filter(([, target]) => typeof target !== "string")
      .map(([subpath]) => `${name}${subpath.slice(1)}`).filter((specifier) => !specifier.endsWith("/testing"))
    return { folder, name, modules, programs: bin }
  })
