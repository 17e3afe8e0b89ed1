/**
 * What holds of every broker after every command, whatever it was: checked on what the Inspector shows, before and after.
 */
import type { Job } from "../../job/Job.ts"
import { all as allStates, isFinal, type JobState, nextOf } from "../../job/JobState.ts"
import type { Command } from "./Command.ts"
import type { Snapshot } from "./World.ts"

/** Every promise that is broken, in words; none: all is well. */
export const broken = (before: Snapshot, after: Snapshot, command: Command): ReadonlyArray<string> => [
  ...countsAgree(after),
  ...after.jobs.flatMap((job) => shape(job)),
  ...moves(before, after, command)
]

/** Each job is in one state; the counts are those of the lists; what was enqueued is still here or was deleted. */
const countsAgree = ({ jobs, stats }: Snapshot): ReadonlyArray<string> => {
  const problems: Array<string> = []
  if (new Set(jobs.map((job) => job.id)).size !== jobs.length) problems.push("a job is in two states")
  for (const state of allStates) {
    const listed = jobs.filter((job) => job.state === state).length
    if (listed !== stats.states[state]) problems.push(`${stats.states[state]} are ${state}, ${listed} are listed`)
  }
  const { enqueued, pruned, removed } = stats.totals
  if (enqueued !== jobs.length + pruned + removed) {
    problems.push(`${enqueued} were enqueued; ${jobs.length} are here, ${pruned} pruned, ${removed} removed`)
  }
  return problems
}

/** A job shows exactly what belongs to its state. */
const shape = (job: Job): ReadonlyArray<string> => {
  const expected: ReadonlyArray<readonly [name: string, isThere: boolean, belongs: boolean]> = [
    ["lease", job.lease !== undefined, job.state === "running"],
    ["due time", job.dueAtMs !== undefined, job.state === "scheduled" || job.state === "retryable"],
    ["expiry", job.expiresAtMs !== undefined, isFinal(job.state)],
    ["verdict", job.verdict !== undefined, isFinal(job.state)]
  ]
  const problems = expected.flatMap(([name, isThere, belongs]) =>
    isThere === belongs ? [] : [`${job.id} is ${job.state} with${isThere ? "" : "out"} ${name}`]
  )
  if (job.cancelRequested !== undefined && job.state !== "running") problems.push(`${job.id} keeps a cancel request`)
  if (job.failures.length > 20) problems.push(`${job.id} keeps ${job.failures.length} failures`)
  if (job.state === "running" && job.attempt < 1) problems.push(`${job.id} runs its attempt ${job.attempt}`)
  if (job.verdict !== undefined && job.verdict._tag.toLowerCase() !== job.state) {
    problems.push(`${job.id} is ${job.state} with the verdict ${job.verdict._tag}`)
  }
  return problems
}

/** Final states are final but for a retry by hand; all else goes by the table of moves, several in one command. */
const moves = (before: Snapshot, after: Snapshot, command: Command): ReadonlyArray<string> => {
  const states = new Map(before.jobs.map((job) => [job.id, job.state]))
  return after.jobs.flatMap((job) => {
    const from = states.get(job.id)
    return from === undefined || from === job.state || isReachable(from, job.state, command._tag === "retry")
      ? []
      : [`${job.id} went from ${from} to ${job.state} by ${command._tag}`]
  })
}

const isReachable = (from: JobState, to: JobState, byHand: boolean): boolean => {
  const seen = new Set<JobState>([from])
  for (const state of seen) {
    if (isFinal(state) && !byHand) continue
    for (const next of nextOf(state)) seen.add(next)
  }
  return seen.has(to) && from !== to
}
