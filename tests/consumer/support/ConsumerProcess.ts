/**
 * The program sluice-consumer as a process of its own, as a supervisor would run it: started with an environment, asked
 * over HTTP, told to stop by signals. It ends with the test that started it.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { onTestFinished } from "vitest"

const root = join(import.meta.dirname, "../../..")

/** How a process ended. */
export interface Ended {
  /** The exit code; `null`: a signal ended it. */
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** The answer to a probe. */
export interface Probe {
  readonly status: number
  readonly reasons: ReadonlyArray<string>
}

/** A process of the program. */
export interface ConsumerProcess {
  readonly signal: (name: NodeJS.Signals) => void
  /** Resolves when the process is gone. */
  readonly ended: Promise<Ended>
  /** Resolves with the first output that matches; rejects when the process ends without it. */
  readonly printed: (pattern: RegExp) => Promise<RegExpExecArray>
  readonly output: () => string
  /** Asks a probe, such as `readyz`. Rejects when nobody answers. */
  readonly probe: (name: string) => Promise<Probe>
}

const spawnProgram = (env: Readonly<Record<string, string>>, args: ReadonlyArray<string>, folder: string) => {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(SLUICE_|NODE_OPTIONS$)/.test(name))
  return spawn(
    process.execPath,
    ["--conditions=sluice-source", join(root, "packages/consumer/src/bin.ts"), ...args],
    {
      cwd: folder,
      env: { ...Object.fromEntries(inherited), SLUICE_HEALTH_PORT: "0", ...env },
      stdio: ["ignore", "pipe", "pipe"]
    }
  )
}

/** What the process prints, and how it ends. */
const watch = (child: ReturnType<typeof spawnProgram>): Pick<ConsumerProcess, "ended" | "output" | "printed"> => {
  let output = ""
  let errors = ""
  child.stdout.setMaxListeners(0).setEncoding("utf8").on("data", (text: string) => output += text)
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors += text)
  const ended = once(child, "close").then(([code]): Ended => ({ code: code as number | null, output, errors }))
  const printed = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(output)
        if (found !== null) resolve(found)
      }
      child.stdout.on("data", look)
      look()
      void ended.then((end) => reject(new Error(`it ended with ${end.code}:\n${end.output}${end.errors}`)))
    })
  return { ended, output: () => output, printed }
}

/** Starts the program with these variables and no others of Sluice's, in a folder without a .env unless told otherwise. */
export const start = (
  env: Readonly<Record<string, string>>,
  args: ReadonlyArray<string> = [],
  folder = import.meta.dirname
): ConsumerProcess => {
  const child = spawnProgram(env, args, folder)
  const watched = watch(child)
  onTestFinished(async () => {
    child.kill("SIGKILL")
    await watched.ended
  })
  return {
    ...watched,
    signal: (name) => child.kill(name),
    probe: async (name) => {
      const [, url = ""] = await watched.printed(/health is served on (http:\/\/[\d.:]+)/)
      const response = await fetch(`${url}/${name}`)
      const { reasons } = await response.json() as { readonly reasons: ReadonlyArray<string> }
      return { status: response.status, reasons }
    }
  }
}

/** Repeats a look at another process until it shows what is awaited; after 20 s fails with what it showed last. */
export const eventually = async <A>(look: () => Promise<A>, isIt: (seen: A) => boolean): Promise<A> => {
  const deadline = performance.now() + 20_000
  for (;;) {
    const seen = await look()
    if (isIt(seen)) return seen
    if (performance.now() > deadline) throw new Error(`it never came; last seen: ${JSON.stringify(seen)}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 25)
    })
  }
}
