/**
 * enqueue-bulk and enqueue-single: how fast jobs go in, with nobody taking them out.
 *
 * The warm-up is as long as the measured stretch, because a producer that has just started is busy compiling: with 5000
 * jobs of it, the single enqueues of every system here took half again to twice the CPU time they settle at. The
 * payloads are made before the clock starts.
 */
import { type Payload, payloads } from "../payload.ts"
import type { Producer } from "../systems/System.ts"
import { type Round, type Scenario, verifyUnfinished } from "./Scenario.ts"

const enqueueing = async (
  { count, meter, port, system }: Round,
  full: { readonly warm: number; readonly jobs: number },
  put: (producer: Producer, all: ReadonlyArray<Payload>) => Promise<void>
) => {
  const warm = count(full.warm)
  const total = warm + count(full.jobs)
  const producer = await system.producer(port)
  await put(producer, payloads(0, warm))
  const measured = payloads(warm, total)
  const from = meter.mark()
  await put(producer, measured)
  const to = meter.mark()
  await verifyUnfinished(producer, total)
  await producer.close()
  return meter.between(from, to, total - warm)
}

export const enqueueBulk: Scenario = {
  name: "enqueue-bulk",
  title: "enqueue, 1000 jobs a call",
  run: (round) =>
    enqueueing(round, { warm: 60_000, jobs: 60_000 }, async (producer, all) => {
      for (let start = 0; start < all.length; start += 1000) await producer.enqueueBulk(all.slice(start, start + 1000))
    })
}

export const enqueueSingle: Scenario = {
  name: "enqueue-single",
  title: "enqueue, one job a call, 500 calls in flight",
  run: (round) =>
    enqueueing(
      round,
      { warm: 60_000, jobs: 60_000 },
      (producer, all) => producer.enqueueSingles(all, 500)
    )
}
