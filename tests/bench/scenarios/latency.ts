/**
 * pickup-latency and delay-lateness: how soon a job's handler starts on a queue where nothing else happens.
 * One job at a time, with a random pause between, so that no timer of a system falls in step with the measurement.
 * Producer and consumer share one process and its clock, and nothing else.
 */
import { setTimeout as pause } from "node:timers/promises"
import { percentile } from "../Meter.ts"
import { type Payload, payloadOf, Tally } from "../payload.ts"
import { type Round, type Scenario, verifyUnfinished } from "./Scenario.ts"

interface Sampling {
  readonly warm: number
  readonly samples: number
  /** The delay of the next job, drawn anew for each. */
  readonly delayMs: () => number
}

/**
 * A slow system is sampled for this long only: it then has fewer samples. Enough for a hundred of the delayed jobs, so that
 * p99 is not the slowest of all.
 */
const budgetMs = 15_000

const between = (low: number, high: number) => low + Math.floor(Math.random() * (high - low))

/** Milliseconds from the enqueue call, plus the delay asked for, to the handler's start, for each sample. */
const sample = async (
  { port, system }: Round,
  { delayMs, samples, warm }: Sampling
): Promise<ReadonlyArray<number>> => {
  const tally = new Tally(warm + samples)
  const starts = new Map<number, (atMs: number) => void>()
  const onJob = (payload: Payload) => {
    starts.get(payload.n)?.(performance.now())
    tally.add(payload)
  }
  const producer = await system.producer(port)
  const consumer = await system.consume(port, { concurrency: 10, workMs: 0, delays: true, onJob })
  const latenesses: Array<number> = []
  const deadline = performance.now() + budgetMs
  let n = 0
  for (; n < warm + samples && performance.now() < deadline; n++) {
    await pause(between(5, 25))
    const start = new Promise<number>((resolve) => starts.set(n, resolve))
    const delay = delayMs()
    const called = performance.now()
    const enqueued = producer.enqueue(payloadOf(n), delay)
    const lateness = await start - called - delay
    await enqueued
    if (n >= warm) latenesses.push(lateness)
  }
  await consumer.close()
  tally.verify(n)
  await verifyUnfinished(producer, 0)
  await producer.close()
  return latenesses
}

const latency = (name: string, title: string, full: Sampling): Scenario => ({
  name,
  title,
  run: async (round) => {
    const samples = Math.max(10, round.count(full.samples))
    const latenesses = await sample(round, { ...full, samples })
    return { p50Ms: percentile(latenesses, 0.5), p99Ms: percentile(latenesses, 0.99) }
  }
})

export const pickupLatency: Scenario = latency(
  "pickup-latency",
  "enqueue call to handler start, idle queue",
  { warm: 100, samples: 300, delayMs: () => 0 }
)

export const delayLateness: Scenario = latency(
  "delay-lateness",
  "due time to handler start, idle queue, delays of 50 to 150 ms",
  { warm: 10, samples: 100, delayMs: () => between(50, 150) }
)
