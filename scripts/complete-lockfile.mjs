/**
 * Adds to package-lock.json the optional packages of other platforms that npm left out, and drops registry addresses.
 * Run it after every `npm install` that changed the lockfile: `node scripts/complete-lockfile.mjs`; `npm run check` uses
 * `--check`. npm leaves an optional package out when the registry in use does not have it (mirrors often lack some
 * platforms), and then refuses its own lockfile in `npm ci`. It promises to add only exact versions that a package in the
 * lockfile asks for. The added entries carry no integrity, as nobody here has seen the package.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const file = join(dirname(fileURLToPath(import.meta.url)), "../package-lock.json")

const systems = ["aix", "android", "darwin", "freebsd", "linux", "openharmony", "win32"]
const processors = ["arm64", "arm", "ia32", "loong64", "ppc64", "riscv64", "s390x", "x64"]

/** `@scope/name-linux-arm64-musl` says what it runs on; a name that does not is nothing that can be added unseen. */
const platformOf = (name) => {
  const words = name.split(/[/-]/)
  const os = systems.find((system) => words.includes(system))
  const cpu = processors.find((processor) => words.includes(processor))
  if (os === undefined || cpu === undefined) {
    throw new Error(`package-lock.json lacks ${name}, and its platform is unknown`)
  }
  const libc = ["glibc", "gnu", "musl"].find((library) => words.some((word) => word.startsWith(library)))
  return { cpu: [cpu], os: [os], ...(libc === undefined ? {} : { libc: [libc === "musl" ? "musl" : "glibc"] }) }
}

/** Where Node would look for `name` from the package at `from`: the nearest node_modules first. */
const isThere = (packages, from, name) => {
  for (let folder = from; folder !== ""; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    if (`${folder}/node_modules/${name}` in packages) return true
  }
  return `node_modules/${name}` in packages
}

/** In npm's own order of keys, so that npm does not rewrite it. */
const entryOf = (name, version, dev) => {
  const { cpu, libc, os } = platformOf(name)
  return { version, cpu, ...(dev ? { dev } : {}), ...(libc === undefined ? {} : { libc }), optional: true, os }
}

/** @returns {Array<[path: string, entry: object]>} */
const missing = (packages) =>
  Object.entries(packages).flatMap(([from, { dev, optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !isThere(packages, from, name))
      .map(([name, version]) => [`node_modules/${name}`, entryOf(name, version, dev)])
  )

/** The workspaces whose package.json asks for something else than the lockfile says; `npm ci` would refuse it. */
const drifted = (packages) =>
  Object.entries(packages).filter(([path]) => !path.startsWith("node_modules/")).filter(([path, entry]) => {
    const manifest = JSON.parse(readFileSync(join(dirname(file), path, "package.json"), "utf8"))
    return ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"].some((kind) =>
      JSON.stringify(sorted(manifest[kind])) !== JSON.stringify(sorted(entry[kind]))
    )
  }).map(([path]) => path === "" ? "package.json" : `${path}/package.json`)

const sorted = (versions = {}) => Object.entries(versions).toSorted(([left], [right]) => left < right ? -1 : 1)

const lockfile = JSON.parse(readFileSync(file, "utf8"))
const added = missing(lockfile.packages)
const addressed = Object.values(lockfile.packages).filter(({ link, resolved }) => resolved !== undefined && !link)

if (process.argv.includes("--check")) {
  added.forEach(([entry]) => console.error(`package-lock.json lacks ${entry}`))
  if (addressed.length > 0) console.error(`package-lock.json holds ${addressed.length} registry addresses`)
  const stale = drifted(lockfile.packages)
  stale.forEach((path) => console.error(`package-lock.json does not say what ${path} asks for`))
  if (added.length + addressed.length + stale.length > 0) {
    console.error("Run: npm install && node scripts/complete-lockfile.mjs")
    process.exitCode = 1
  }
} else {
  addressed.forEach((entry) => delete entry.resolved)
  const all = Object.entries({ ...lockfile.packages, ...Object.fromEntries(added) })
  all.sort(([left], [right]) => left.localeCompare(right, "en"))
  writeFileSync(file, `${JSON.stringify({ ...lockfile, packages: Object.fromEntries(all) }, null, 2)}\n`)
  console.log(`package-lock.json: ${added.length} packages added, ${addressed.length} addresses dropped`)
}
