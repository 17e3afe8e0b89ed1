/**
 * process-c1, -c10, -c100 and -c100-1ms: how fast one consumer works off a queue that is full when it starts.
 * They warm up for as long as it takes until the code is compiled: with a fifth of that, every system measured its compiler.
 */
import { Tally } from "../payload.ts"
import { runJobs, type Work } from "./runJobs.ts"
import { fill, type Scenario, verifyUnfinished } from "./Scenario.ts"

const processing = (name: string, title: string, full: Work): Scenario => ({
  name,
  title,
  run: async (round) => {
    const work = { ...full, warm: round.count(full.warm), jobs: round.count(full.jobs) }
    const total = work.warm + work.jobs
    const producer = await round.system.producer(round.port)
    await fill(producer, 0, total)
    const tally = new Tally(total)
    const { from, to } = await runJobs(round, work, tally)
    tally.verify(total)
    await verifyUnfinished(producer, 0)
    await producer.close()
    return round.meter.between(from, to, work.jobs)
  }
})

export const processC1: Scenario = processing(
  "process-c1",
  "process, concurrency 1, no-op handler",
  { concurrency: 1, workMs: 0, warm: 8000, jobs: 8000 }
)

export const processC10: Scenario = processing(
  "process-c10",
  "process, concurrency 10, no-op handler",
  { concurrency: 10, workMs: 0, warm: 20_000, jobs: 20_000 }
)

export const processC100: Scenario = processing(
  "process-c100",
  "process, concurrency 100, no-op handler",
  { concurrency: 100, workMs: 0, warm: 40_000, jobs: 60_000 }
)

export const processC100Busy: Scenario = processing(
  "process-c100-1ms",
  "process, concurrency 100, handler waits 1 ms",
  { concurrency: 100, workMs: 1, warm: 20_000, jobs: 20_000 }
)
