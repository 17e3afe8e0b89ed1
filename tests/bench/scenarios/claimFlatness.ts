/**
 * claim-flatness: whether a claim costs more when many jobs wait. At each level of waiting jobs a consumer with
 * concurrency 100 runs some of them, several times over; the median counts. One process measures all levels on one
 * growing queue, as filling it takes most of the time.
 */
import { type Figures, percentile } from "../Meter.ts"
import { Tally } from "../payload.ts"
import type { Producer } from "../systems/System.ts"
import { runJobs } from "./runJobs.ts"
import { fill, type Round, type Scenario, verifyUnfinished } from "./Scenario.ts"

const levels = { at0: 0, at100k: 100_000, at1m: 1_000_000 }
const quickLevels = { at0: 0, at100k: 100_000 }
const repetitions = 3

/** A queue that is topped up and partly worked off, again and again. Counts what went in and what ran. */
class Backlog {
  #enqueued = 0
  readonly #tally = new Tally(1_500_000)
  readonly #round: Round
  readonly #producer: Producer

  constructor(round: Round, producer: Producer) {
    this.#round = round
    this.#producer = producer
  }

  async topUp(waiting: number): Promise<void> {
    const enqueued = this.#tally.size + waiting
    await fill(this.#producer, this.#enqueued, enqueued)
    this.#enqueued = Math.max(enqueued, this.#enqueued)
  }

  /** Runs at least `warm + jobs` of the waiting jobs; the figures are those of the last `jobs` of them. */
  async work(warm: number, jobs: number): Promise<Figures> {
    const { from, to } = await runJobs(this.#round, { concurrency: 100, workMs: 0, warm, jobs }, this.#tally)
    await verifyUnfinished(this.#producer, this.#enqueued - this.#tally.size)
    return this.#round.meter.between(from, to, jobs)
  }
}

const median = (values: ReadonlyArray<number>) => percentile(values, 0.5)

/** What was measured at each level, once for each repetition. */
type Levels = Readonly<Record<string, ReadonlyArray<Figures>>>

const atEachLevel = async (round: Round): Promise<Levels> => {
  const [warm, jobs] = [round.count(2000), round.count(12_000)]
  const producer = await round.system.producer(round.port)
  const backlog = new Backlog(round, producer)
  await backlog.topUp(warm + 2 * jobs)
  await backlog.work(warm, 2 * jobs)
  const found: Record<string, Array<Figures>> = {}
  for (const [level, waiting] of Object.entries(round.isQuick ? quickLevels : levels)) {
    const measured: Array<Figures> = found[level] = []
    for (let repetition = 0; repetition < repetitions; repetition++) {
      await backlog.topUp(waiting + warm + jobs)
      measured.push(await backlog.work(warm, jobs))
    }
  }
  await producer.close()
  return found
}

/** By how much the medians of the levels differ from that of the first, at most: 0.2 is 20 %. */
const worstDeviation = (found: Levels): number => {
  const speeds = Object.values(found).map((measured) => median(measured.map((each) => each["jobsPerSecond"] ?? 0)))
  return Math.max(...speeds.map((speed) => Math.abs(speed / (speeds[0] ?? speed) - 1)))
}

const run = async (round: Round): Promise<ReadonlyArray<Figures>> => {
  const found = await atEachLevel(round)
  const deviation = worstDeviation(found)
  return Array.from({ length: repetitions }, (_, repetition) => {
    const fields = Object.entries(found).flatMap(([level, measured]): ReadonlyArray<[string, number]> => [
      [level, measured[repetition]?.["jobsPerSecond"] ?? 0],
      [`${level}RedisMicros`, measured[repetition]?.["redisMicros"] ?? 0]
    ])
    const figures = Object.fromEntries(fields)
    return { ...figures, worstDeviation: deviation, jobsPerSecond: figures["at1m"] ?? figures["at100k"] ?? 0 }
  })
}

export const claimFlatness: Scenario = {
  name: "claim-flatness",
  title: "process, concurrency 100, with 0, 100k and 1M more jobs waiting",
  isOneRound: true,
  run
}
