/**
 * The tables a person reads: the comparison with BullMQ first, then every figure of every system. The terminal prints
 * them, the report puts them into Markdown; both get the same rows of cells.
 */
import { headline } from "./headline.ts"
import type { Measured, Result } from "./Result.ts"

export type Rows = ReadonlyArray<ReadonlyArray<string>>

/** How a field is written, and its column's title. */
const fields: Readonly<Record<string, { readonly title: string; readonly show: (value: number) => string }>> = {
  jobsPerSecond: { title: "jobs/s", show: (value) => short(value) },
  p50Ms: { title: "p50 ms", show: (value) => value.toFixed(2) },
  p99Ms: { title: "p99 ms", show: (value) => value.toFixed(2) },
  bytesPerJob: { title: "bytes/job", show: (value) => value.toFixed(0) },
  at0: { title: "0 waiting", show: (value) => short(value) },
  at100k: { title: "100k waiting", show: (value) => short(value) },
  at1m: { title: "1M waiting", show: (value) => short(value) },
  worstDeviation: { title: "worst deviation", show: (value) => `${(value * 100).toFixed(0)} %` },
  redisMicros: { title: "Redis µs", show: (value) => value.toFixed(1) },
  nodeMicros: { title: "Node µs", show: (value) => value.toFixed(1) },
  at0RedisMicros: { title: "Redis µs at 0", show: (value) => value.toFixed(1) },
  at100kRedisMicros: { title: "at 100k", show: (value) => value.toFixed(1) },
  at1mRedisMicros: { title: "at 1M", show: (value) => value.toFixed(1) }
}

const short = (value: number) => value >= 9950 ? `${(value / 1000).toFixed(0)}k` : `${(value / 1000).toFixed(1)}k`

const show = (field: string, value: number) => fields[field]?.show(value) ?? String(value)

/** The median, and the lowest and highest round where they differ. */
const cell = (field: string, { medians, spread }: Measured) => {
  const median = medians[field]
  if (median === undefined) return ""
  const [lowest, highest] = spread[field] ?? [median, median]
  return highest > lowest
    ? `${show(field, median)} (${show(field, lowest)}–${show(field, highest)})`
    : show(field, median)
}

/** Sluice against BullMQ. Empty when the run lacks one of them. */
export const headlineRows = (result: Result): Rows => {
  const lines = headline(result).map(({ aim, bullmq, field, isMet, ratio, scenario, sluice }) => [
    scenario,
    `${ratio.toFixed(1)}x`,
    `${show(field, sluice)} against ${show(field, bullmq)} ${fields[field]?.title ?? field}`,
    aim,
    isMet === undefined ? "" : isMet ? "met" : "short"
  ])
  return lines.length === 0 ? [] : [["scenario", "Sluice is", "median of the rounds", "aim", ""], ...lines]
}

/** Every figure of one scenario, a line for each system. */
export const scenarioRows = ({ systems }: Result["scenarios"][number]): Rows => {
  const measured = Object.entries(systems)
  const columns = Object.keys(fields).filter((field) =>
    field !== "jobsPerSecond" || measured.every(([, { medians }]) => medians["at0"] === undefined)
  ).filter((field) => measured.some(([, { medians }]) => medians[field] !== undefined))
  return [
    ["", ...columns.map((field) => fields[field]?.title ?? field)],
    ...measured.map(([system, each]) => [system, ...columns.map((field) => cell(field, each))])
  ]
}

/** The rows as lines for a terminal, columns aligned. */
export const asText = (rows: Rows): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `  ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ").trimEnd()}`)
    .join("\n")
}

/** The rows as a Markdown table. */
export const asMarkdown = ([head = [], ...rows]: Rows): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")

/** All tables of a run, for a terminal. */
export const asReport = (result: Result): string => {
  const comparison = headlineRows(result)
  return [
    ...(comparison.length === 0 ? [] : [`Sluice compared with BullMQ\n${asText(comparison)}`]),
    ...result.scenarios.map((scenario) => `${scenario.name}: ${scenario.title}\n${asText(scenarioRows(scenario))}`)
  ].join("\n\n")
}
