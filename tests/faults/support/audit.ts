/**
 * The books of a fault test, closed: what Redis says at the end, compared with the journal that was kept outside of it.
 *
 * `audit` holds what is promised whatever happens: every accepted job is there and in one state, the totals add up,
 * whatever ran ran with the payload that was enqueued, attempts were counted, and each verdict is that of a run that
 * really happened. What a particular fault allows beyond that (duplicates, crashes) is for the test to say.
 */
import type { Job } from "@sluice/core/Job"
import type { QueueStats } from "@sluice/core/Inspector"
import { assert } from "vitest"
import { type Entry, only } from "./Journal.ts"
import { textOf } from "./tasks.ts"
import type { World } from "./World.ts"

/** One run of a handler. */
export interface Run {
  readonly id: string
  readonly by: string
  readonly attempt: number
  readonly startedAt: number
  /** How it ended; `undefined`: its process died first. */
  readonly end: "finish" | "interrupted" | undefined
  readonly endedAt: number | undefined
}

/** What the books say. */
export interface Account {
  readonly jobs: ReadonlyMap<string, Job>
  readonly stats: QueueStats
  /** The runs of each job, in the order of their starts. */
  readonly runs: ReadonlyMap<string, ReadonlyArray<Run>>
  /** The ids of jobs whose handler was started more than once. */
  readonly repeated: ReadonlyArray<string>
}

/** The runs that the journal tells of, by job. A process runs one attempt of a job at most once at a time. */
export const runsOf = (entries: ReadonlyArray<Entry>): ReadonlyMap<string, ReadonlyArray<Run>> => {
  const runs = new Map<string, Array<Run>>()
  for (const entry of entries) {
    if (entry.type !== "start" && entry.type !== "finish" && entry.type !== "interrupted") continue
    const { at, attempt, id, type, who: by } = entry
    const own = runs.get(id) ?? []
    runs.set(id, own)
    if (type === "start") own.push({ id, by, attempt, startedAt: at, end: undefined, endedAt: undefined })
    else {
      const open = own.findLastIndex((run) => run.by === by && run.attempt === attempt && run.end === undefined)
      assert.isAtLeast(open, 0, `job ${id} ended in ${by} without a start`)
      own[open] = { ...own[open]!, end: type, endedAt: at }
    }
  }
  return runs
}

/** Nothing that was accepted is missing, and nothing is there that nobody enqueued. */
const holdAccepted = (entries: ReadonlyArray<Entry>, jobs: ReadonlyMap<string, Job>): void => {
  const accepted = new Map(only(entries, "accepted").map(({ id, n }) => [id, n]))
  const missing = [...accepted.keys()].filter((id) => !jobs.has(id))
  assert.deepStrictEqual(missing, [], "accepted jobs are missing")
  const extra = [...jobs.keys()].filter((id) => !accepted.has(id))
  // a producer that was told "unknown" may have been heard
  assert.isAtMost(extra.length, only(entries, "refused").length, "there are jobs that nobody enqueued")
  for (const { id, n, text } of only(entries, "start")) {
    assert.strictEqual(text, textOf(n), `job ${id} ran with another payload`)
    if (accepted.has(id)) assert.strictEqual(n, accepted.get(id), `job ${id} ran with the payload of another`)
  }
}

/** Invariant 8 of the protocol, and that no job was completed twice. */
const holdTotals = (jobs: ReadonlyMap<string, Job>, { states, totals }: QueueStats): void => {
  const inStates = Object.values(states).reduce((sum, count) => sum + count, 0)
  assert.strictEqual(inStates, jobs.size, "the states hold other jobs than the lists")
  assert.strictEqual(totals.enqueued, inStates + totals.pruned + totals.removed, "the totals do not add up")
  assert.strictEqual(totals.pruned + totals.removed, 0)
  assert.strictEqual(totals.completed, states.completed, "jobs were completed twice")
  assert.strictEqual(totals.dead, states.dead, "jobs died twice")
  assert.strictEqual(totals.cancelled, states.cancelled)
}

interface Success {
  readonly by: string
  readonly attempt: number
}

/** The job ended as one of its runs did, and every attempt that began was counted unless it was given back. */
const holdRuns = (job: Job, runs: ReadonlyArray<Run>): void => {
  const about = `job ${job.id}: ${JSON.stringify({ attempt: job.attempt, failures: job.failures, runs })}`
  const attempts = runs.filter(({ end }) => end !== "interrupted").map(({ attempt }) => attempt)
  assert.strictEqual(new Set(attempts).size, attempts.length, `an attempt ran twice: ${about}`)
  assert.isTrue(runs.every(({ attempt }) => attempt <= job.attempt), `an attempt was not counted: ${about}`)
  const { verdict } = job
  if (verdict?._tag !== "Completed") return
  // the success of `Work`, as its schema encodes it
  const success = JSON.parse(verdict.success ?? "null") as Success
  assert.strictEqual(success.attempt, job.attempt, `another attempt than the last one was taken: ${about}`)
  assert.isTrue(
    runs.some(({ attempt, by, end }) => by === success.by && attempt === success.attempt && end === "finish"),
    `the run that was taken did not finish: ${about}`
  )
}

/** Holds the books to what is always promised, and answers them. Every job must have ended. */
export const audit = async (world: World): Promise<Account> => {
  const [entries, jobs, stats] = [world.entries(), await world.inspection.jobs(), await world.inspection.stats()]
  holdAccepted(entries, jobs)
  holdTotals(jobs, stats)
  const runs = runsOf(entries)
  for (const [id, own] of runs) assert.isTrue(jobs.has(id), `job ${id} ran and is not there: ${JSON.stringify(own)}`)
  for (const job of jobs.values()) {
    assert.isDefined(job.verdict, `job ${job.id} is ${job.state}`)
    holdRuns(job, runs.get(job.id) ?? [])
  }
  return { jobs, stats, runs, repeated: [...runs].filter(([, own]) => own.length > 1).map(([id]) => id) }
}
