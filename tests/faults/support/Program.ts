/**
 * One of the two programs of Sluice as a process of a fault test, started as a supervisor would: by its environment. `World`
 * starts them and ends what is left; they end with us, however we end.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { endWithUs } from "../../support/endWithUs.ts"
import type { Child, Ended } from "./Child.ts"

const root = join(import.meta.dirname, "../../..")

/** See the module. */
export interface Program extends Omit<Child, "stop"> {
  /** Waits until it prints something that matches, or has done so; rejects when it ends without. */
  readonly said: (pattern: RegExp) => Promise<RegExpExecArray>
}

const spawnProgram = (which: "consumer" | "producer", env: Readonly<Record<string, string>>) => {
  const inherited = Object.entries(process.env).filter(([key]) => !/^(SLUICE_|OTEL_|NODE_OPTIONS$)/.test(key))
  const child = spawn(
    process.execPath,
    ["--conditions=sluice-source", join(root, "packages", which, "src/bin.ts")],
    { cwd: import.meta.dirname, env: { ...Object.fromEntries(inherited), ...env }, stdio: ["ignore", "pipe", "pipe"] }
  )
  endWithUs(child)
  return child
}

/** Starts a program with these variables and no others of Sluice's. */
export const startProgram = (name: string, ...[which, env]: Parameters<typeof spawnProgram>): Program => {
  const child = spawnProgram(which, env)
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setMaxListeners(0).setEncoding("utf8").on("data", (text: string) => output += text)
  }
  const ended = once(child, "close").then(([code, signal]): Ended => ({ code, signal }))
  const isRunning = () => child.exitCode === null && child.signalCode === null
  const said = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(output)
        if (found !== null) resolve(found)
      }
      child.stdout.on("data", look)
      look()
      void ended.then(() => reject(new Error(`${name} ended and did not say ${pattern}:\n${output.slice(-2000)}`)))
    })
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (isRunning()) child.kill(signal)
    if (signal === "SIGKILL") await ended
  }
  return { name, pid: child.pid ?? 0, ended, isRunning, said, kill, output: () => output.slice(-4000) }
}
