/**
 * What a run of the benchmark found, for each scenario and system: the medians over the rounds and their spread.
 * `main` makes it, the table and the report read it, `--json` keeps it. Failed rounds never get here.
 */
import { type Figures, percentile } from "./Meter.ts"
import { isSystemName } from "./systems/all.ts"
import type { SystemName } from "./systems/System.ts"

/** One system in one scenario. Fields: jobsPerSecond, p50Ms, p99Ms, bytesPerJob, redisMicros, nodeMicros, ... */
export interface Measured {
  readonly medians: Figures
  /** The lowest and the highest round, by field. */
  readonly spread: Readonly<Record<string, readonly [lowest: number, highest: number]>>
  readonly rounds: number
}

export interface ScenarioResult {
  readonly name: string
  readonly title: string
  readonly systems: Readonly<Partial<Record<SystemName, Measured>>>
}

export interface Result {
  readonly scenarios: ReadonlyArray<ScenarioResult>
  /** Where and how it ran, since a figure means little without. */
  readonly environment: Readonly<Record<string, string>>
}

/** The medians over the rounds, each a figure that one round really had. */
export const summarize = (rounds: ReadonlyArray<Figures>): Measured => {
  const fields = [...new Set(rounds.flatMap((round) => Object.keys(round)))]
  const of = (field: string) => rounds.flatMap((round) => round[field] ?? [])
  return {
    medians: Object.fromEntries(fields.map((field) => [field, percentile(of(field), 0.5)])),
    spread: Object.fromEntries(fields.map((field) => [field, [Math.min(...of(field)), Math.max(...of(field))]])),
    rounds: rounds.length
  }
}

/** The text of the JSON file: the medians stand beside `rounds` and `spread` in each system. */
export const toJson = ({ environment, scenarios }: Result): string => {
  const flat = scenarios.map(({ name, systems, title }) => ({
    name,
    title,
    systems: Object.fromEntries(
      Object.entries(systems).map(([system, { medians, rounds, spread }]) => [system, { ...medians, rounds, spread }])
    )
  }))
  return `${JSON.stringify({ scenarios: flat, environment }, null, 2)}\n`
}

/** What is in the file: trusted, as toJson wrote it. */
type Flat = Pick<Result, "environment"> & {
  readonly scenarios: ReadonlyArray<
    Pick<ScenarioResult, "name" | "title"> & {
      readonly systems: Readonly<
        Record<string, Pick<Measured, "rounds" | "spread"> & Readonly<Record<string, unknown>>>
      >
    }
  >
}

/** Reads what toJson wrote. */
export const fromJson = (text: string): Result => {
  const flat: Flat = JSON.parse(text)
  const measured = ({ rounds, spread, ...fields }: Flat["scenarios"][number]["systems"][string]): Measured => ({
    rounds,
    spread,
    medians: Object.fromEntries(
      Object.entries(fields).flatMap(([field, value]) => typeof value === "number" ? [[field, value]] : [])
    )
  })
  return {
    environment: flat.environment,
    scenarios: flat.scenarios.map(({ name, systems, title }) => ({
      name,
      title,
      systems: Object.fromEntries(
        Object.entries(systems).flatMap(([system, fields]) => isSystemName(system) ? [[system, measured(fields)]] : [])
      )
    }))
  }
}
