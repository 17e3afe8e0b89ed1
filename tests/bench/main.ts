/**
 * The benchmark: `npm run bench -- [--json FILE] [--only SCENARIO,...] [--systems SYSTEM,...] [--rounds N] [--quick]`.
 * Measures Sluice, BullMQ, bee-queue and Effect's PersistedQueue side by side on one redis-server of its own: for each
 * scenario the systems take turns, several rounds, each in a fresh process on an empty Redis. Prints the medians with
 * their spread, the comparison with BullMQ first. Ends with exit code 1 if a round failed or lost a job.
 */
import { writeFileSync } from "node:fs"
import { startRedisServer } from "../support/RedisServer.ts"
import { describeEnvironment } from "./environment.ts"
import type { Figures } from "./Meter.ts"
import { type Options, readOptions } from "./Options.ts"
import { type Result, type ScenarioResult, summarize, toJson } from "./Result.ts"
import { runRound } from "./runRound.ts"
import type { Scenario } from "./scenarios/Scenario.ts"
import type { SystemName } from "./systems/System.ts"
import { asReport } from "./table.ts"

/** On a terminal one line that is overwritten; in a log a line for each scenario. */
const progress = process.stderr.isTTY
  ? {
    starts: () => {},
    runs: (text: string) => void process.stderr.write(`\r\x1b[K${text}`),
    ends: () => void process.stderr.write("\r\x1b[K")
  }
  : { starts: ({ name }: Scenario) => void process.stderr.write(`${name}\n`), runs: () => {}, ends: () => {} }

/** The systems take turns (A B C D A B C D ...), so that a slow minute of the machine falls on all of them. */
const measure = async (scenario: Scenario, port: number, { isQuick, ...options }: Options): Promise<ScenarioResult> => {
  const found = new Map<SystemName, Array<Figures>>(
    options.systems.filter((system) => scenario.systems?.includes(system) ?? true).map((system) => [system, []])
  )
  const rounds = scenario.isOneRound === true ? 1 : options.rounds
  progress.starts(scenario)
  for (let round = 1; round <= rounds; round++) {
    for (const [system, figures] of found) {
      progress.runs(`${scenario.name}, round ${round} of ${rounds}: ${system}`)
      await runRound({ scenario: scenario.name, system, port, isQuick }).then(
        (measured) => figures.push(...measured),
        (error: unknown) => {
          progress.ends()
          process.stderr.write(`${String(error)}\n`)
          process.exitCode = 1
        }
      )
    }
  }
  const measured = [...found].filter(([, figures]) => figures.length > 0)
  return {
    name: scenario.name,
    title: scenario.title,
    systems: Object.fromEntries(measured.map(([system, figures]) => [system, summarize(figures)]))
  }
}

const bench = async (options: Options): Promise<Result> => {
  const startedAt = performance.now()
  const server = await startRedisServer()
  try {
    const measured: Array<ScenarioResult> = []
    for (const scenario of options.scenarios) measured.push(await measure(scenario, server.port, options))
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    return { scenarios: measured, environment: await describeEnvironment(server.port, options.rounds, seconds) }
  } finally {
    progress.ends()
    await server.stop()
  }
}

const options = readOptions()
const result = await bench(options)
if (options.json !== undefined) writeFileSync(options.json, toJson(result))
const about = Object.entries(result.environment).map(([name, value]) => `${name} ${value}`).join(", ")
process.stdout.write(`${asReport(result)}\n\n${about}\n`)
if (process.exitCode === 1) {
  process.stderr.write("sluice bench: some rounds failed, see above; they are in no figure.\n")
}
