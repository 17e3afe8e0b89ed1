/**
 * What the run came to, as text: states, attempts, figures, dead jobs, and whether the promise was kept. Pure.
 */
import { type Attempt, delivered } from "./attempts.ts"
import type { Ending } from "./endings.ts"
import type { Counts } from "./progress.ts"

/** All that the report is made from. */
export interface Facts {
  readonly counts: Counts
  readonly endings: ReadonlyArray<Ending>
  readonly attempts: ReadonlyArray<Attempt>
  /** From the start of the consumer (in processes: of the sending) until the last job had ended, ms. */
  readonly elapsedMs: number
  /** Deliveries and bytes that were to arrive. */
  readonly deliveries: number
  readonly bytes: number
  /** Deliveries that died and whose bytes the sink received all the same: it refused them. */
  readonly refused: number
  /** Deliveries that the sink received more than once. */
  readonly repeated: number
  /** What broke the promise; see `verify.ts`. */
  readonly problems: ReadonlyArray<string>
}

/** The smallest value that at least the given share (0 to 1) of all values does not exceed; `undefined`: no values. */
export const percentile = (values: ReadonlyArray<number>, share: number): number | undefined =>
  values.toSorted((one, other) => one - other)[Math.max(0, Math.ceil(values.length * share) - 1)]

/** How many values there are of each kind, in the order of `compare`. */
const tally = <K>(values: ReadonlyArray<K>, compare: (one: K, other: K) => number): ReadonlyArray<[K, number]> => {
  const counts = new Map<K, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].toSorted(([one], [other]) => compare(one, other))
}

/** A number as people read it: 12,345. */
export const count = (value: number): string => value.toLocaleString("en-US")

/** Milliseconds as people read them: 85 ms, 1.25 s. */
export const time = (ms: number | undefined): string =>
  ms === undefined ? "-" : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`

/** Rows as aligned columns: the first to the left, the others as their header says. */
const table = (
  rows: ReadonlyArray<ReadonlyArray<string>>,
  left: ReadonlyArray<number> = [0]
): ReadonlyArray<string> => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const cell = (text: string, column: number) =>
    left.includes(column) ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)
  return rows.map((row) => `  ${row.map(cell).join("   ").trimEnd()}`)
}

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", title, ...lines]

const states = ({ counts }: Facts): ReadonlyArray<string> =>
  table(
    Object.entries(counts).filter(([state, jobs]) => jobs > 0 || state === "completed" || state === "dead")
      .map(([state, jobs]) => [state, count(jobs)])
  )

const bar = (value: number, most: number): string => "█".repeat(Math.max(1, Math.round(40 * value / most)))

const attemptsOf = ({ endings }: Facts): ReadonlyArray<string> => {
  const byNumber = tally(endings.map(({ attempts }) => attempts), (one, other) => one - other)
  const most = Math.max(...byNumber.map(([, jobs]) => jobs))
  return table(byNumber.map(([attempts, jobs]) => [String(attempts), count(jobs), bar(jobs, most)]), [0, 2])
}

const results = ({ attempts }: Facts): ReadonlyArray<string> => {
  const place = (result: string) => result === delivered ? "" : result // before all errors
  const byResult = tally(attempts.map(({ result }) => result), (one, other) => place(one).localeCompare(place(other)))
  return table(byResult.map(([result, number]) => [result, count(number)]))
}

const figures = ({ attempts, elapsedMs }: Facts): ReadonlyArray<string> => {
  const waits = attempts.filter(({ attempt }) => attempt === 1).map(({ sinceEnqueueMs }) => sinceEnqueueMs)
  const runs = attempts.map(({ runMs }) => runMs)
  const row = (name: string, values: ReadonlyArray<number>) => [
    name,
    ...[0.5, 0.95, 0.99].map((share) => time(percentile(values, share)))
  ]
  const deliveries = attempts.filter(({ result }) => result === delivered).length
  const seconds = Math.max(elapsedMs, 1) / 1000
  return [
    `  ${(deliveries / seconds).toFixed(1)} deliveries/s, ${(attempts.length / seconds).toFixed(1)} attempts/s, ${
      time(elapsedMs)
    } in all`,
    ...table([
      ["", "p50", "p95", "p99"],
      row("queue wait (to the first attempt)", waits),
      row("run time (of an attempt)", runs)
    ])
  ]
}

const mostDead = 20

const dead = ({ attempts, endings }: Facts): ReadonlyArray<string> => {
  const subjects = new Map(attempts.map(({ delivery, subject }) => [delivery, subject]))
  const jobs = endings.flatMap((ending) => ending.state === "completed" ? [] : [ending])
  if (jobs.length === 0) return []
  const rows = jobs.slice(0, mostDead).map((job) => [
    job.delivery,
    job.reason,
    `${job.attempts}`,
    job.message,
    subjects.get(job.delivery) ?? ""
  ])
  const more = jobs.length > mostDead ? [`  ... and ${count(jobs.length - mostDead)} more`] : []
  return [...table([["delivery", "reason", "attempts", "last error", "about"], ...rows], [0, 1, 3, 4]), ...more]
}

const proof = ({ bytes, deliveries, endings, problems, refused, repeated }: Facts): ReadonlyArray<string> => {
  const lost = endings.filter(({ state }) => state === "dead").length - refused
  if (problems.length > 0) return ["  BROKEN:", ...problems.map((problem) => `  ${problem}`)]
  const twice = repeated === 0 ? "" : ` ${count(repeated)} came more than once (at least once is the promise).`
  const but = refused === 0 ? "" : `, ${count(refused)} of them refused for good (the dead jobs above)`
  const missing = lost === 0
    ? "none missing"
    : `${count(lost)} died before they arrived (listed above), none else missing`
  return [
    `  ${count(deliveries)} payloads (${(bytes / 1e6).toFixed(1)} MB) were sent: ` +
    `${count(deliveries - lost)} arrived byte for byte${but}, ${missing}.${twice}`
  ]
}

/** The whole report, without a newline at its end. */
export const report = (facts: Facts): string =>
  [
    ...section("Jobs by state", states(facts)),
    ...section("Attempts a job took", attemptsOf(facts)),
    ...section("How attempts ended", results(facts)),
    ...section("Figures", figures(facts)),
    ...section("Dead jobs", dead(facts)),
    ...section("The promise", proof(facts))
  ].join("\n")
