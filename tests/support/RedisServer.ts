/**
 * A real Redis (or Valkey) server of one's own, for tests, the benchmark and the demo: plain async code, no Effect.
 * It listens on a free loopback port, keeps its data in a temporary folder, and is ready when `startRedisServer` resolves.
 * It promises to end with the process that started it, even if that is killed, and never to keep that process alive.
 * It does not share a server between callers, and touches no server it did not start.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { endWithUs } from "./endWithUs.ts"
import { redisBinary } from "./RedisBinary.ts"

/** How to start a server. Without options: memory only, no snapshots, Redis' own defaults for the rest. */
export interface RedisServerOptions {
  /** Keep an append-only file, written before each reply, so that what was acknowledged survives SIGKILL. Default false. */
  readonly appendonly?: boolean
  /** More directives as in redis.conf, such as `{ "maxmemory-policy": "allkeys-lru" }`; they win over ours. */
  readonly config?: Readonly<Record<string, string>>
}

/** A running server. Its port and its folder stay the same over `kill` and `restart`. */
export interface RedisServer {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  readonly port: number
  /** The process id of the server that runs now, or of the last one that did. */
  readonly pid: number
  /** Sends a signal and waits until the server is gone; SIGSTOP and SIGCONT return at once. Default SIGKILL. */
  readonly kill: (signal?: NodeJS.Signals) => Promise<void>
  /** Starts it again on the same port and folder, ending it first (SIGKILL) if it runs. Data returns with `appendonly`. */
  readonly restart: () => Promise<void>
  /** Ends the server and deletes its folder. Further calls do nothing. */
  readonly stop: () => Promise<void>
}

/** Long enough for a slow machine to load an append-only file; a healthy server answers within 50 ms. */
const readyWithinMs = 20_000

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("the system gave no port")
  return address.port
}

/** One PING on a connection of its own: true only for +PONG, so a server that is still loading is not ready. */
const answersPing = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"))
    const done = (isReady: boolean) => {
      socket.destroy()
      resolve(isReady)
    }
    socket.once("data", (reply) => done(reply.toString().startsWith("+PONG")))
    socket.once("error", () => done(false)).once("close", () => done(false))
    socket.setTimeout(1000, () => done(false))
  })

const directives = (options: RedisServerOptions, port: number, folder: string): ReadonlyArray<string> =>
  Object.entries({
    port: String(port),
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    // "everysec" may hold an acknowledged write back for two seconds while a sync runs: SIGKILL would lose it.
    ...(options.appendonly === true ? { appendonly: "yes", appendfsync: "always" } : {}),
    ...options.config
  }).flatMap(([name, value]) => [`--${name}`, value])

const logOf = (folder: string): string => {
  try {
    return readFileSync(join(folder, "server.log"), "utf8").split("\n").slice(-8).join("\n")
  } catch {
    return "(it left no log)"
  }
}

const launch = async (
  binary: string,
  options: RedisServerOptions,
  port: number,
  folder: string
): Promise<ChildProcess> => {
  const log = openSync(join(folder, "server.log"), "a")
  const child = spawn(binary, directives(options, port, folder), { stdio: ["ignore", log, log], detached: true })
  closeSync(log)
  await once(child, "spawn")
  child.unref()
  endWithUs(child, folder)
  const deadline = performance.now() + readyWithinMs
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    if (await answersPing(port)) return child
    await pause(5)
  }
  child.kill("SIGKILL")
  throw new Error(`${binary} did not get ready on port ${port}. The end of its log:\n${logOf(folder)}`)
}

/** Another process may take a port between our look and the server's start: then the next one is tried, three times. */
const launchOnFreePort = async (binary: string, options: RedisServerOptions, folder: string) => {
  for (let attempt = 1;; attempt++) {
    const port = await freePort()
    try {
      return { port, child: await launch(binary, options, port, folder) }
    } catch (error) {
      if (attempt === 3 || !logOf(folder).includes("Address already in use")) throw error
    }
  }
}

const isGone = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

const send = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (isGone(child)) return
  const gone = once(child, "exit")
  child.ref()
  child.kill(signal)
  if (signal === "SIGSTOP" || signal === "SIGCONT") return child.unref()
  await gone
}

/**
 * Starts a server and resolves when it answers PING. Fails when no program is found (the error says what to install), or
 * when the server does not get ready within 20 s (the error holds the end of its log).
 */
export const startRedisServer = async (options: RedisServerOptions = {}): Promise<RedisServer> => {
  const binary = redisBinary()
  const folder = mkdtempSync(join(tmpdir(), "sluice-redis-"))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const started = await launchOnFreePort(binary, options, folder).catch((error: unknown) => {
    remove()
    throw error
  })
  let child = started.child
  let isStopped = false
  return {
    url: `redis://127.0.0.1:${started.port}`,
    port: started.port,
    get pid() {
      return child.pid ?? 0
    },
    kill: (signal = "SIGKILL") => send(child, signal),
    restart: async () => {
      if (isStopped) throw new Error("this server was stopped and its folder is gone; start a new one")
      await send(child, "SIGKILL")
      child = await launch(binary, options, started.port, folder)
    },
    stop: async () => {
      isStopped = true
      await send(child, "SIGKILL")
      remove()
    }
  }
}
