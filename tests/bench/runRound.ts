/**
 * Runs one round in a process of its own (round.ts) and waits for its figures. Called by main.
 * A round that fails, dies or takes longer than it may is a failure with its reason, never a figure.
 */
import { fork } from "node:child_process"
import { once } from "node:events"
import type { Figures } from "./Meter.ts"
import type { SystemName } from "./systems/System.ts"

/** What the process of a round sends to its parent. */
export type Answer = { readonly figures: ReadonlyArray<Figures> } | { readonly failure: string }

/** Which round to run, against which Redis. */
export interface RoundName {
  readonly scenario: string
  readonly system: SystemName
  readonly port: number
  readonly isQuick: boolean
}

/** Filling a queue with a million jobs is the longest of what a round does. */
const atMostMs = 240_000

const isAnswer = (message: unknown): message is Answer =>
  typeof message === "object" && message !== null && ("figures" in message || "failure" in message)

/** The figures of the round, one set for each time it measured. Fails with what the round said, or with how its process ended. */
export const runRound = async ({ isQuick, port, scenario, system }: RoundName): Promise<ReadonlyArray<Figures>> => {
  const script = new URL("round.ts", import.meta.url)
  const child = fork(script, [scenario, system, String(port), isQuick ? "quick" : "full"], {
    execArgv: ["--conditions=sluice-source"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    timeout: atMostMs,
    killSignal: "SIGKILL"
  })
  const answers: Array<Answer> = []
  child.on("message", (message: unknown) => {
    if (isAnswer(message)) answers.push(message)
  })
  const [code, signal] = await once(child, "exit")
  const answer = answers[0] ?? { failure: "its process ended without an answer" }
  if ("figures" in answer) return answer.figures
  const end = signal === null ? `exit code ${code}` : `ended by ${signal} (after ${atMostMs / 1000} s at most)`
  throw new Error(`${scenario} of ${system} failed (${end}): ${answer.failure}`)
}
