/**
 * Finds the program that runs Redis on this machine, and installs it where it may. Called by RedisServer, once a process.
 * Order: the variable SLUICE_REDIS_SERVER, then `redis-server`, then `valkey-server` on the PATH, then apt-get on a
 * Debian-like system as root (it says so on stderr). It promises a program that exists, or an error that says what to
 * install. It does not start a server, and never uses one that already runs.
 */
import { spawnSync } from "node:child_process"
import { accessSync, constants, existsSync } from "node:fs"
import { delimiter, join } from "node:path"

const onPath = (name: string): string | undefined =>
  (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)).find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })

const isDebianAsRoot = () =>
  existsSync("/etc/debian_version") && process.getuid?.() === 0 && onPath("apt-get") !== undefined

const apt = (...args: ReadonlyArray<string>) =>
  spawnSync("apt-get", ["-y", "-qq", "-o", "DPkg::Lock::Timeout=120", ...args], {
    encoding: "utf8",
    // RUNLEVEL keeps the package from starting a service of its own where no systemd decides that.
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" }
  })

/** Installs with the package lists that are there, and refreshes them only when that fails: offline mirrors stay usable. */
const installWithApt = (): string => {
  process.stderr.write("sluice: no redis-server on the PATH; installing it (apt-get install redis-server)\n")
  const install = () => apt("install", "--no-install-recommends", "redis-server")
  const first = install()
  if (first.status === 0) return ""
  apt("update")
  const second = install()
  return second.status === 0 ? "" : `\napt-get install redis-server failed:\n${second.stdout}${second.stderr}`
}

const missing = (detail: string) =>
  new Error(
    `The tests, the benchmark and the demo in processes need a redis-server (7.0 or newer) or a valkey-server, and there is
none on the PATH.
Nothing was started. Install one and run the same command again:
  Debian, Ubuntu   sudo apt-get install redis-server
  macOS            brew install redis
  Fedora           sudo dnf install valkey   (Fedora 40 and older: redis)
or name the program in SLUICE_REDIS_SERVER.${detail}`
  )

const find = () => onPath("redis-server") ?? onPath("valkey-server")

/**
 * The path of a redis-server or valkey-server, installed first if this machine allows it.
 * Fails with what to install when there is none, and when SLUICE_REDIS_SERVER names no file.
 */
export const redisBinary = (): string => {
  const named = process.env["SLUICE_REDIS_SERVER"]
  if (named !== undefined && named !== "") {
    if (existsSync(named)) return named
    throw new Error(
      `SLUICE_REDIS_SERVER names ${named}, which does not exist. Nothing was started. Name a redis-server program.`
    )
  }
  const found = find()
  if (found !== undefined) return found
  const detail = isDebianAsRoot() ? installWithApt() : ""
  const installed = find()
  if (installed !== undefined) return installed
  throw missing(detail)
}
