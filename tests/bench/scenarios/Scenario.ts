/**
 * What a scenario is: one measured round of one system, in a process of its own, on an empty Redis.
 * Every scenario warms up before it measures, and fails the round if a job was lost or ran twice.
 */
import type { Figures, Meter } from "../Meter.ts"
import { payloads } from "../payload.ts"
import type { Producer, System, SystemName } from "../systems/System.ts"

/** What a round is given. */
export interface Round {
  readonly system: System
  readonly port: number
  readonly meter: Meter
  /** A number of jobs for this run: the full number, or a tenth of it with `--quick`; the same for every system. */
  readonly count: (full: number) => number
  readonly isQuick: boolean
}

export interface Scenario {
  /** As in the JSON. */
  readonly name: string
  /** What is measured, in one line, for the table and the report. */
  readonly title: string
  /** Its figures; several when the scenario repeats its measurement by itself. */
  readonly run: (round: Round) => Promise<Figures | ReadonlyArray<Figures>>
  /** The systems that it can measure. Default all. */
  readonly systems?: ReadonlyArray<SystemName>
  /** The scenario repeats its measurement by itself, so it is run once. Default false. */
  readonly isOneRound?: boolean
}

/** Puts the jobs `from` to `to - 1` in, 1000 a call. */
export const fill = async (producer: Producer, from: number, to: number): Promise<void> => {
  for (let start = from; start < to; start += 1000) {
    await producer.enqueueBulk(payloads(start, Math.min(start + 1000, to)))
  }
}

/** Throws unless Redis holds exactly `expected` unfinished jobs. */
export const verifyUnfinished = async (producer: Producer, expected: number): Promise<void> => {
  const found = await producer.unfinished()
  if (found !== expected) throw new Error(`Redis holds ${found} unfinished jobs where there must be ${expected}`)
}
