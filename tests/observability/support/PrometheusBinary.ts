/**
 * Finds Prometheus and its promtool: on the PATH, else from Debian's package, which is unpacked into a folder of ours and
 * not installed, so that no service starts. Where neither works, it says why, and tests that need it are skipped.
 */
import { spawnSync } from "node:child_process"
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs"
import { delimiter, join } from "node:path"

/** The two programs. */
export interface PrometheusBinary {
  readonly prometheus: string
  readonly promtool: string
}

const cache = join(import.meta.dirname, "../../../node_modules/.cache/sluice-prometheus")

const inFolder = (folder: string): PrometheusBinary | undefined => {
  const found = { prometheus: join(folder, "prometheus"), promtool: join(folder, "promtool") }
  return existsSync(found.prometheus) && existsSync(found.promtool) ? found : undefined
}

const run = (program: string, args: ReadonlyArray<string>, cwd: string) =>
  spawnSync(program, args, { cwd, encoding: "utf8", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } })

/** Unpacks the package; answers what went wrong, or nothing. */
const unpack = (): string | undefined => {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, "fetch-"))
  try {
    const download = () => run("apt-get", ["-qq", "download", "prometheus"], folder)
    if (download().status !== 0) {
      run("apt-get", ["-qq", "update"], folder)
      const again = download()
      if (again.status !== 0) return `apt-get download prometheus failed: ${again.stderr.trim()}`
    }
    const [archive = ""] = globSync("prometheus_*.deb", { cwd: folder })
    const unpacked = run("dpkg", ["-x", archive, "unpacked"], folder)
    if (unpacked.status !== 0) return `dpkg -x failed: ${unpacked.stderr.trim()}`
    // another test file may have been faster
    if (!existsSync(join(cache, "usr"))) renameSync(join(folder, "unpacked/usr"), join(cache, "usr"))
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const isDebianAsRoot = (): boolean => existsSync("/etc/debian_version") && process.getuid?.() === 0

/** The programs, or why there are none. */
export const prometheusBinary = (): PrometheusBinary | string => {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), join(cache, "usr/bin")]
  const find = () => folders.map(inFolder).find((found) => found !== undefined)
  const found = find()
  if (found !== undefined) return found
  if (!isDebianAsRoot()) return "there is no prometheus on the PATH, and this is no Debian where root could unpack it"
  return unpack() ?? find() ?? "Debian's package has no prometheus in it"
}
