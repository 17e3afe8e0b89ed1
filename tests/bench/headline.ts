/**
 * The headline: how Sluice compares with BullMQ in each scenario, and whether it reaches what we aim at.
 * The table and the report print it. A scenario that lacks one of the two is left out.
 */
import type { Result, ScenarioResult } from "./Result.ts"

/** One line of the headline. */
export interface Comparison {
  readonly scenario: string
  readonly title: string
  readonly field: string
  readonly sluice: number
  readonly bullmq: number
  /** How many times better Sluice is: above 1 it is better, whichever way the field counts. */
  readonly ratio: number
  readonly aim: string
  /** Undefined where there is no aim. */
  readonly isMet: boolean | undefined
}

type Rule = Pick<Comparison, "field" | "aim"> & {
  readonly isMet?: (ratio: number, sluice: number) => boolean
}

const timesFaster = (times: number): Rule => ({
  field: "jobsPerSecond",
  aim: `>= ${times}x`,
  isMet: (ratio) => ratio >= times
})

const aboveBullmq: Rule = { field: "jobsPerSecond", aim: "above BullMQ's", isMet: (ratio) => ratio > 1 }

const rules: Readonly<Record<string, Rule>> = {
  "enqueue-bulk": timesFaster(5),
  "enqueue-single": timesFaster(3),
  "http-enqueue-single": aboveBullmq,
  "http-enqueue-bulk": aboveBullmq,
  "process-c1": timesFaster(1.5),
  "process-c10": timesFaster(2),
  "process-c100": timesFaster(5),
  "process-c100-1ms": { field: "jobsPerSecond", aim: "" },
  "pickup-latency": { field: "p99Ms", aim: "below BullMQ's", isMet: (ratio) => ratio > 1 },
  "delay-lateness": { field: "p99Ms", aim: "< 5 ms", isMet: (_, sluice) => sluice < 5 },
  "memory-per-job": { field: "bytesPerJob", aim: "below BullMQ's", isMet: (ratio) => ratio > 1 },
  "claim-flatness": { field: "worstDeviation", aim: "<= 20 %", isMet: (_, sluice) => sluice <= 0.2 }
}

const compare = ({ name, systems, title }: ScenarioResult): ReadonlyArray<Comparison> => {
  const rule = rules[name]
  if (rule === undefined) return []
  const sluice = systems.sluice?.medians[rule.field]
  const bullmq = systems.bullmq?.medians[rule.field]
  if (sluice === undefined || bullmq === undefined) return []
  const ratio = rule.field === "jobsPerSecond" ? sluice / bullmq : bullmq / sluice
  return [{
    scenario: name,
    title,
    field: rule.field,
    sluice,
    bullmq,
    ratio,
    aim: rule.aim,
    isMet: rule.isMet?.(ratio, sluice)
  }]
}

export const headline = ({ scenarios }: Result): ReadonlyArray<Comparison> => scenarios.flatMap(compare)
