/**
 * The program sluice-producer as a process of its own, as a supervisor would run it: started with an environment, asked
 * over HTTP, told to stop by signals. It ends with the test that started it.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"

const root = join(import.meta.dirname, "../../..")

/** How a process ended. */
export interface Ended {
  /** The exit code; 128 and the signal's number do not appear here: a program killed by a signal has `null`. */
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** A running producer. */
export interface ProducerProcess {
  readonly url: string
  readonly child: ChildProcess
  /** Everything on standard output so far. */
  readonly output: () => string
  readonly signal: (name: NodeJS.Signals) => void
  /** Resolves when the process is gone. */
  readonly ended: Promise<Ended>
}

interface Running extends Omit<ProducerProcess, "url"> {
  /** Resolves with the first output that matches, or rejects when the process ends without it. */
  readonly printed: (pattern: RegExp) => Promise<RegExpExecArray>
}

/** Starts the program with these variables and no others of Sluice's, in a folder without a .env unless told otherwise. */
export const run = (
  env: Readonly<Record<string, string>>,
  args: ReadonlyArray<string> = [],
  folder = import.meta.dirname
): Running => {
  const inherited = Object.entries(process.env).filter(([name]) =>
    !name.startsWith("SLUICE_") && name !== "NODE_OPTIONS"
  )
  const child = spawn(
    process.execPath,
    ["--conditions=sluice-source", join(root, "packages/producer/src/bin.ts"), ...args],
    { cwd: folder, env: { ...Object.fromEntries(inherited), ...env }, stdio: ["ignore", "pipe", "pipe"] }
  )
  let output = ""
  let errors = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => output += text)
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
  return { child, output: () => output, signal: (name) => child.kill(name), ended, printed }
}

/** Starts a producer on a free loopback port and waits until it listens. */
export const startProducer = async (
  env: Readonly<Record<string, string>>,
  folder?: string
): Promise<ProducerProcess> => {
  const running = run({ SLUICE_HTTP_PORT: "0", ...env }, [], folder)
  const [, url = ""] = await running.printed(/listening on (http:\/\/[\d.:]+)/)
  return { ...running, url }
}

/** Runs a test on a producer, which is gone afterwards. */
export const withProducer = async (
  env: Readonly<Record<string, string>>,
  test: (producer: ProducerProcess) => Promise<void>,
  folder?: string
): Promise<void> => {
  const producer = await startProducer(env, folder)
  try {
    await test(producer)
  } finally {
    producer.signal("SIGKILL")
    await producer.ended
  }
}

/** Asks until an answer is as wanted: only for what nothing tells of, within a deadline. */
export const eventually = async <A>(
  ask: () => Promise<A>,
  isWanted: (answer: A) => boolean,
  withinMs = 20_000
): Promise<A> => {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (isWanted(answer)) return answer
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(answer)} after ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
