/**
 * An HTTP server under test in a process of its own, which says on its standard output where it listens. Started and ended
 * by the round; ends with it in any case.
 */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

export interface ServerProcess {
  readonly port: number
  /** The CPU that the process has used so far, in microseconds. */
  readonly cpuMicros: () => Promise<number>
  /** Tells it to end, and fails when it does so by an error. */
  readonly stop: () => Promise<void>
}

const cpuReports = new URL("cpuReports.ts", import.meta.url).href

const portOf = async (child: ChildProcess): Promise<number> => {
  let output = ""
  const listens = new Promise<number>((resolve) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text
      const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
  })
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the server ended with ${String(code)} before it listened:\n${output}`)
  })
  return Promise.race([listens, ended])
}

const isUsage = (message: unknown): message is NodeJS.CpuUsage =>
  typeof message === "object" && message !== null && "user" in message && "system" in message

/** Starts a program with these variables beside our own, and resolves when it listens. */
export const startServer = async (script: URL, env: Readonly<Record<string, string>>): Promise<ServerProcess> => {
  const child = fork(fileURLToPath(script), [], {
    execArgv: ["--conditions=sluice-source", "--import", cpuReports],
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit", "ipc"]
  })
  const port = await portOf(child)
  return {
    port,
    cpuMicros: async () => {
      const answer = once(child, "message")
      child.send("how much CPU?")
      const [usage]: Array<unknown> = await answer
      if (!isUsage(usage)) throw new Error(`the server answered ${JSON.stringify(usage)}`)
      return usage.user + usage.system
    },
    stop: async () => {
      const exit = once(child, "exit")
      child.kill("SIGTERM")
      const [code]: Array<unknown> = await exit
      if (code !== 0) throw new Error(`the server ended with ${String(code)}`)
    }
  }
}
