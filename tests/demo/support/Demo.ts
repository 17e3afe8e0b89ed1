/**
 * The demo as somebody runs it: a process of its own, seen by what it prints, by how it ends and by what it leaves behind.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { onTestFinished } from "vitest"

const root = join(import.meta.dirname, "../../..")

/** A running demo in processes. */
export interface Demo {
  readonly signal: (name: NodeJS.Signals) => void
  /** Resolves with the first output that matches; rejects when it ends without it. */
  readonly printed: (pattern: RegExp) => Promise<RegExpExecArray>
  /** The processes of sluice-producer and sluice-consumer, once they are ready. */
  readonly programs: () => Promise<{ readonly producer: number; readonly consumer: number }>
  /** Resolves when it is gone. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>
}

/** Starts it with these arguments, and none of Sluice's variables but these. It ends with the test. */
export const startDemo = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Demo => {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(SLUICE_|NODE_OPTIONS$)/.test(name))
  const child = spawn(
    process.execPath,
    ["--conditions=sluice-source", join(root, "examples/webhooks/src/main.ts"), "--processes", ...args],
    { cwd: root, env: { ...Object.fromEntries(inherited), ...env }, stdio: ["ignore", "pipe", "pipe"] }
  )
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => output += text)
  }
  // its standard output may be open longer than it lives, in what it has left behind
  const ended = once(child, "exit").then(([code]) => ({ code: code as number | null, output }))
  onTestFinished(async () => {
    child.kill("SIGKILL")
    await ended
  })
  const printed = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(output)
        if (found !== null) resolve(found)
      }
      child.stdout.on("data", look)
      look()
      void ended.then(({ code }) => reject(new Error(`it ended with ${code}:\n${output}`)))
    })
  const processOf = async (name: string) => Number((await printed(new RegExp(`${name} +process (\\d+)`)))[1])
  return {
    signal: (name) => child.kill(name),
    printed,
    programs: async () => ({
      producer: await processOf("sluice-producer"),
      consumer: await processOf("sluice-consumer")
    }),
    ended
  }
}

/** Whether there is a process of this number. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
