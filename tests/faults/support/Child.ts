/**
 * A process of a fault test: started, told to stop, hurt and waited for. `World` starts all of them and ends what is left.
 * What it prints is kept, the end of it, for whoever has to find out why a test failed.
 */
import { fork } from "node:child_process"
import { once } from "node:events"

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** See the module. */
export interface Child {
  readonly name: string
  readonly pid: number
  /** How it ended; pending while it runs. */
  readonly ended: Promise<Ended>
  readonly isRunning: () => boolean
  /** Sends a signal. One that ends the process for sure (SIGKILL) is waited for. */
  readonly kill: (signal: NodeJS.Signals) => Promise<void>
  /** Asks a producer to stop. */
  readonly stop: () => Promise<Ended>
  /** The end of what it printed. */
  readonly output: () => string
}

const kept = 4000

/** Starts one of our programs with its settings, on TypeScript sources. */
export const start = (name: string, program: string, settings: unknown): Child => {
  const child = fork(new URL(program, import.meta.url), [JSON.stringify(settings)], {
    execArgv: ["--conditions=sluice-source"],
    stdio: ["ignore", "pipe", "pipe", "ipc"]
  })
  let output = ""
  const keep = (text: Buffer) => {
    output = `${output}${text.toString()}`.slice(-kept)
  }
  child.stdout?.on("data", keep)
  child.stderr?.on("data", keep)
  const ended = once(child, "exit").then(([code, signal]): Ended => ({ code, signal }))
  const isRunning = () => child.exitCode === null && child.signalCode === null
  return {
    name,
    pid: child.pid ?? 0,
    ended,
    isRunning,
    kill: async (signal) => {
      if (!isRunning()) return
      child.kill(signal)
      if (signal === "SIGKILL") await ended
    },
    stop: () => {
      if (isRunning()) child.send("stop")
      return ended
    },
    output: () => output
  }
}
