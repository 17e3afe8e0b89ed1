/**
 * A program as a process of its own, as a supervisor runs it: started with an environment, read by its log, stopped by
 * SIGTERM. `programs.ts` starts the two of Sluice with it.
 *
 * It is in a process group of its own, so that Ctrl-C reaches only us and everything is stopped in order; and it ends with
 * us, however we end.
 */
import { Data, Effect, type Scope } from "effect"
import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { endWithUs } from "../../../../tests/support/endWithUs.ts"

/** What to start. */
export interface Start {
  readonly name: string
  /** The TypeScript file to run. */
  readonly file: string
  /** The working folder; deleted with the process when we are killed. */
  readonly folder: string
  /** Variables above those that we have ourselves; none of ours that begins with SLUICE_ is passed on. */
  readonly env: Readonly<Record<string, string>>
  /** What it says when it is ready. */
  readonly ready: RegExp
}

/** How a process ended. */
export interface Ended {
  readonly name: string
  /** The exit code; `null`: a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running program. */
export interface Program {
  readonly name: string
  readonly pid: number
  /** Waits until it is ready, and answers what it said then. */
  readonly ready: Effect.Effect<RegExpExecArray, ProgramEnded>
  /** Fails as soon as it ends by itself; it never succeeds. */
  readonly failure: Effect.Effect<never, ProgramEnded>
  /** Sends SIGTERM and waits for its end; after 10 seconds SIGKILL. */
  readonly stop: Effect.Effect<Ended>
}

/** How it ended, in words. */
export const inWords = ({ code, signal }: Ended): string => signal === null ? `exit code ${code}` : signal

/** It ended although nobody had told it to. */
export class ProgramEnded extends Data.TaggedError("ProgramEnded")<{
  readonly ended: Ended
  /** The end of its log. */
  readonly log: ReadonlyArray<string>
}> {
  override get message() {
    const said = this.log.length === 0 ? "It said nothing." : `The end of what it said:\n${this.log.join("\n")}`
    return `${this.ended.name} ended by itself (${inWords(this.ended)}); the demo was given up. ${said}`
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>

const start = ({ env, file, folder }: Start): Child => {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("SLUICE_"))
  const child = spawn(process.execPath, ["--conditions=sluice-source", file], {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true
  })
  endWithUs(child, folder)
  return child
}

/** The last lines that are kept for a message. */
const keptLines = 12

const watch = (child: Child, { name, ready }: Start) => {
  const log: Array<string> = []
  const isReady = new Promise<RegExpExecArray>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on("line", (line) => {
        log.push(line)
        if (log.length > keptLines) log.shift()
        const found = ready.exec(line)
        if (found !== null) resolve(found)
      })
    }
  })
  // "close" comes when its output has been read to the end as well
  const ended = once(child, "close").then(([code, signal]): Ended => ({ name, code, signal }))
  return { log, isReady, ended }
}

const stop = (child: Child, ended: Promise<Ended>): Effect.Effect<Ended> =>
  Effect.suspend(() => {
    child.kill("SIGTERM") // of a process that is gone, this does nothing
    return Effect.promise(() => ended).pipe(
      Effect.timeoutOrElse({
        duration: "10 seconds",
        orElse: () => {
          child.kill("SIGKILL")
          return Effect.promise(() => ended)
        }
      })
    )
  })

/** Starts a program, which is stopped when the scope closes. */
export const launch = (options: Start): Effect.Effect<Program, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync((): Program => {
      const child = start(options)
      const { ended, isReady, log } = watch(child, options)
      const failure = Effect.flatMap(
        Effect.promise(() => ended),
        (end) => Effect.fail(new ProgramEnded({ ended: end, log }))
      )
      return {
        name: options.name,
        pid: child.pid ?? 0,
        ready: Effect.raceFirst(Effect.promise(() => isReady), failure),
        failure,
        stop: stop(child, ended)
      }
    }),
    (program) => program.stop
  )
