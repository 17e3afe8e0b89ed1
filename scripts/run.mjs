/**
 * The one door to every command: `npm run demo|test|check|bench|build|try|generate|format [-- arguments]`.
 * It installs the dependencies when they are missing or stale, finds a Node >= 24, and hands over to it.
 * It promises to run on plain Node 20 with nothing installed, to pass arguments and the exit code through,
 * and to say what it does whenever it changes something on disk. What a command does is not decided here.
 */
import { spawn, spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { constants } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")

/** What each command runs, from the root; `patched` ones need the compiler that knows Effect. `try` runs its argument. */
const commands = {
  demo: { run: ["examples/webhooks/src/main.ts"] },
  test: { run: ["node_modules/vitest/vitest.mjs", "run"] },
  check: { run: ["scripts/check.ts"], patched: true },
  bench: { run: ["tests/bench/main.ts"] },
  build: { run: ["scripts/build.ts"], patched: true },
  try: { run: [] },
  generate: { run: ["scripts/generate-lua.ts"] },
  format: { run: ["scripts/format.ts"] }
}

/** @param {string} text */
const say = (text) => process.stderr.write(`sluice: ${text}\n`)

/** @param {string} path @returns {Record<string, any> | undefined} */
const packagesIn = (path) => {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8")).packages
  } catch {
    return undefined
  }
}

/** Compares what npm says it installed with the lockfile; packages for other platforms may be absent. */
const isInstalled = () => {
  const wanted = packagesIn("package-lock.json")
  const installed = packagesIn("node_modules/.package-lock.json")
  if (wanted === undefined || installed === undefined) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith("node_modules/")) return true
    const found = installed[path]
    if (found === undefined) return entry.optional === true
    return found.version === entry.version && found.integrity === entry.integrity && existsSync(join(root, path))
  })
}

/** npm as a child of this process: through its own script where npm started us, so that no shell is needed on Windows. */
const npm = (...args) => {
  const script = process.env.npm_execpath
  return script !== undefined && /npm-cli\.c?js$/.test(script)
    ? spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: ["ignore", 2, 2] })
    : spawnSync("npm", args, { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" })
}

const install = () => {
  say("installing the dependencies of package-lock.json (npm ci), once")
  // Some tools ask for a newer Node than the one that runs npm. They get it below, so the warning would only mislead.
  const { status } = npm("ci", "--loglevel=error", "--no-fund", "--no-audit", "--no-progress")
  if (status === 0) return
  say("npm ci failed, see above. Nothing was run. Fix the cause (network, registry, disk) and try again.")
  process.exit(1)
}

const majorOf = (node) => {
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" })
  return Number(/^v(\d+)\./.exec(stdout ?? "")?.[1] ?? 0)
}

/** The Node that came with the dependencies, else the one that runs this script, else the one on the PATH. */
const findNode = () => {
  const pinned = `node_modules/node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`
  const file = process.platform === "win32" ? "bin/node.exe" : "bin/node"
  const found = [join(root, pinned, file), process.execPath, "node"].find((node) => majorOf(node) >= 24)
  if (found !== undefined) return found
  say(
    `Node 24 or newer is needed, and none that runs on ${process.platform} ${process.arch} came with the dependencies.`
  )
  say("Install it from https://nodejs.org (or: nvm install 24) and run the same command again. Nothing was run.")
  return process.exit(1)
}

const main = () => {
  const [name = "", ...args] = process.argv.slice(2)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) {
    say(`there is no command "${name}". There are: ${Object.keys(commands).join(", ")}.`)
    return process.exit(1)
  }
  if (name === "try" && args.length === 0) {
    say("try runs a TypeScript file: npm run try -- path/to/file.ts")
    return process.exit(1)
  }
  const fresh = !isInstalled()
  if (fresh) install()
  const node = findNode()
  const path = [dirname(node), join(root, "node_modules/.bin"), process.env.PATH].join(delimiter)
  // most of a short process is compiling what it loads; the tests and the demo start many
  const cache = process.env.NODE_COMPILE_CACHE ?? join(root, "node_modules/.cache/node")
  const env = { ...process.env, PATH: path, NODE_COMPILE_CACHE: cache }
  if (fresh || command.patched) patch(node, env, command.patched === true)
  const child = spawn(node, ["--conditions=sluice-source", ...command.run, ...args], {
    cwd: root,
    env,
    stdio: "inherit"
  })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => forward(child, signal))
  child.on("exit", (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]))
}

/** Ctrl-C already reaches the whole terminal group; sent twice it would look like a second press. */
const forward = (child, signal) => {
  if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal)
}

/** Lets the compiler report what Effect's own checks find. Answers at once when it is done already. */
const patch = (node, env, isNeeded) => {
  const tool = join(root, "node_modules/@effect/tsgo/dist/effect-tsgo.cjs")
  const { status, stderr, stdout } = spawnSync(node, [tool, "patch"], { cwd: root, env, encoding: "utf8" })
  if (status === 0 || !isNeeded) return
  say(`the compiler could not be given Effect's checks (effect-tsgo patch), nothing was run:\n${stdout}${stderr}`)
  process.exit(1)
}

main()
