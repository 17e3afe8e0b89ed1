/**
 * Runs a program once: no shell, the input on its standard input, in a process group of its own that never outlives the
 * call.
 *
 * Ended or interrupted, everything that the program started and left in its group is ended with it: asked with SIGTERM while
 * it runs, and killed after a while. What its output says of success is for the caller.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type ChildProcess, spawn } from "node:child_process"
import { Capture } from "./Capture.ts"

/** What to run. */
export interface Program {
  /** The file, by path or by name on the PATH of `environment`, and its arguments. */
  readonly argv: readonly [file: string, ...args: ReadonlyArray<string>]
  readonly directory: string | undefined
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly input: string
  /** How many bytes of each output are kept. */
  readonly maxOutputBytes: number
  /** How long (ms) it may take to end after SIGTERM. */
  readonly killAfterMs: number
}

/** How a program ended. */
export interface Ended {
  /** `undefined`: a signal ended it. */
  readonly code: number | undefined
  readonly signal: string | undefined
  /** The beginning of its standard output. */
  readonly output: string
  readonly truncated: boolean
  /** The end of its standard error. */
  readonly errors: string
}

/** The program could not be started. */
export class NotStarted extends Schema.TaggedError<NotStarted>()("NotStarted", { detail: Schema.String }) {}

interface Running {
  readonly child: ChildProcess
  readonly output: Capture
  readonly errors: Capture
  /** The leader of the group has ended. */
  readonly exited: Deferred.Deferred<Pick<Ended, "code" | "signal">, NotStarted>
  /** Everybody who could write to its outputs has ended. */
  readonly closed: Deferred.Deferred<void>
}

const start = (program: Program): Effect.Effect<Running> =>
  Effect.sync(() => {
    const [file, ...args] = program.argv
    const running: Running = {
      child: spawn(file, args, {
        cwd: program.directory,
        env: program.environment,
        // a session and a group of its own: a signal for us is not one for it, and the group can be ended as a whole
        detached: true,
        shell: false,
        stdio: ["pipe", "pipe", "pipe"]
      }),
      output: new Capture("beginning", program.maxOutputBytes),
      errors: new Capture("end", program.maxOutputBytes),
      exited: Deferred.makeUnsafe(),
      closed: Deferred.makeUnsafe()
    }
    watch(running)
    // a program that does not read its input is no failure
    running.child.stdin?.on("error", () => {}).end(program.input)
    return running
  })

const watch = ({ child, closed, errors, exited, output }: Running): void => {
  child.stdout?.on("data", (chunk: Buffer) => output.push(chunk))
  child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk))
  child.on("error", (error) => {
    Deferred.doneUnsafe(exited, Effect.fail(new NotStarted({ detail: error.message })))
    if (child.pid === undefined) Deferred.doneUnsafe(closed, Effect.void)
  })
  child.once("exit", (code, signal) => {
    Deferred.doneUnsafe(exited, Effect.succeed({ code: code ?? undefined, signal: signal ?? undefined }))
  })
  child.once("close", () => Deferred.doneUnsafe(closed, Effect.void))
}

/** Signals the whole group. It may be gone already. */
const signal = ({ child }: Running, name: NodeJS.Signals): void => {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // no such group (any more)
  }
}

/** How long (ms) the last words of a killed group may take to arrive. */
const lastWordsMs = 500

const end = Effect.fnUntraced(function*(running: Running, killAfterMs: number) {
  if (!(yield* Deferred.isDone(running.exited))) {
    signal(running, "SIGTERM")
    yield* Effect.timeoutOption(Effect.exit(Deferred.await(running.exited)), killAfterMs)
  }
  signal(running, "SIGKILL")
  yield* Effect.timeoutOption(Deferred.await(running.closed), lastWordsMs)
  // whoever left the group may still hold the pipes: they are not waited for
  running.child.stdout?.destroy()
  running.child.stderr?.destroy()
})

const endedOf = ({ errors, output }: Running, how: Pick<Ended, "code" | "signal">): Ended => ({
  ...how,
  output: output.text(),
  truncated: output.truncated(),
  errors: errors.text()
})

/** Runs a program to its end. Interruption ends it. */
export const runProgram = Effect.fnUntraced(function*(program: Program): Effect.fn.Return<Ended, NotStarted> {
  // the outputs are complete only when the group has been ended
  const { how, running } = yield* Effect.acquireUseRelease(
    start(program),
    (running) => Effect.map(Deferred.await(running.exited), (how) => ({ how, running })),
    (running) => end(running, program.killAfterMs)
  )
  return endedOf(running, how)
})
