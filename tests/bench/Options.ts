/**
 * The options of the command line of the benchmark. Read once, by main; what cannot be understood ends the process with
 * exit code 2 and a message that names what there is, before anything is measured.
 */
import { parseArgs } from "node:util"
import { scenarios } from "./scenarios/all.ts"
import type { Scenario } from "./scenarios/Scenario.ts"
import { isSystemName, systemNames } from "./systems/all.ts"
import type { SystemName } from "./systems/System.ts"

export interface Options {
  /** `--json`: the file to write, replaced if it exists. */
  readonly json: string | undefined
  /** `--only`: the scenarios to run, in their own order. Default all. */
  readonly scenarios: ReadonlyArray<Scenario>
  /** `--systems`, in the order given. Default all. */
  readonly systems: ReadonlyArray<SystemName>
  /** `--rounds`: how often each is measured. Default 3, with `--quick` 1. */
  readonly rounds: number
  /** `--quick`: a tenth of the jobs, to see that it works; the figures are rough. */
  readonly isQuick: boolean
}

const refuse = (message: string): never => {
  process.stderr.write(`sluice bench: ${message}. Nothing was measured.\n`)
  return process.exit(2)
}

const listed = (text: string | undefined, all: ReadonlyArray<string>, what: string): ReadonlyArray<string> => {
  const wanted = text?.split(",").map((name) => name.trim()) ?? all
  const unknown = wanted.find((name) => !all.includes(name))
  return unknown === undefined ? wanted : refuse(`there is no ${what} "${unknown}"; there are: ${all.join(", ")}`)
}

const parse = () => {
  try {
    return parseArgs({
      options: {
        json: { type: "string" },
        only: { type: "string" },
        systems: { type: "string" },
        rounds: { type: "string" },
        quick: { type: "boolean", default: false }
      }
    }).values
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

/** The options of this process. */
export const readOptions = (): Options => {
  const values = parse()
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
  if (!Number.isInteger(rounds) || rounds < 1) refuse(`--rounds must be a whole number from 1, not "${values.rounds}"`)
  const wanted = listed(values.only, scenarios.map(({ name }) => name), "scenario")
  return {
    json: values.json,
    scenarios: scenarios.filter(({ name }) => wanted.includes(name)),
    systems: listed(values.systems, systemNames, "system").filter(isSystemName),
    rounds,
    isQuick: values.quick
  }
}
