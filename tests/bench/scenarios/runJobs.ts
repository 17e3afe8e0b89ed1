/**
 * Runs one consumer on a queue that is full when it starts, and marks the stretch to measure. Used by the scenarios that
 * process jobs. The stretch goes from the start of the last warm-up job to the start of the last job: the settling of
 * the few jobs in flight at its end falls outside, as that of the warm-up jobs falls inside.
 */
import type { Mark } from "../Meter.ts"
import type { Tally } from "../payload.ts"
import type { Consumer } from "../systems/System.ts"
import type { Round } from "./Scenario.ts"

/** How many jobs to run, and how. At least `warm + jobs` of them must wait. */
export interface Work {
  readonly concurrency: number
  readonly workMs: 0 | 1
  readonly warm: number
  readonly jobs: number
}

/** Resolves when the consumer is closed. It may have run a few jobs more; all are tallied, and none of them twice. */
export const runJobs = async (
  { meter, port, system }: Round,
  { concurrency, jobs, warm, workMs }: Work,
  tally: Tally
): Promise<{ readonly from: Mark; readonly to: Mark }> => {
  const before = tally.size
  let from: Mark | undefined
  let consumer: Promise<Consumer> | undefined
  const to = await new Promise<Mark>((resolve, reject) => {
    consumer = system.consume(port, {
      concurrency,
      workMs,
      delays: false,
      onJob: (payload) => {
        tally.add(payload)
        const ran = tally.size - before
        if (ran === warm) from ??= meter.mark()
        if (ran === warm + jobs) resolve(meter.mark())
      }
    })
    consumer.catch(reject)
  })
  await (await consumer)?.close()
  tally.verify(tally.size)
  return { from: from ?? to, to }
}
