/**
 * enqueue-bulk and enqueue-single: how fast jobs go in, with nobody taking them out.
 */
import { payloads } from "../payload.ts"
import type { Producer } from "../systems/System.ts"
import { fill, type Round, type Scenario, verifyUnfinished } from "./Scenario.ts"

const enqueueing = async (
  { count, meter, port, system }: Round,
  full: { readonly warm: number; readonly jobs: number },
  put: (producer: Producer, from: number, to: number) => Promise<void>
) => {
  const warm = count(full.warm)
  const total = warm + count(full.jobs)
  const producer = await system.producer(port)
  await put(producer, 0, warm)
  const from = meter.mark()
  await put(producer, warm, total)
  const to = meter.mark()
  await verifyUnfinished(producer, total)
  await producer.close()
  return meter.between(from, to, total - warm)
}

export const enqueueBulk: Scenario = {
  name: "enqueue-bulk",
  title: "enqueue, 1000 jobs a call",
  run: (round) => enqueueing(round, { warm: 10_000, jobs: 60_000 }, fill)
}

export const enqueueSingle: Scenario = {
  name: "enqueue-single",
  title: "enqueue, one job a call, 500 calls in flight",
  run: (round) =>
    enqueueing(
      round,
      { warm: 5000, jobs: 30_000 },
      (producer, from, to) => producer.enqueueSingles(payloads(from, to), 500)
    )
}
