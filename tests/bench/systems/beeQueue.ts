/**
 * bee-queue 2.0 under test.
 * Settings: succeeded jobs are removed at once (`removeOnSuccess`), as in the other systems; what its README says to turn
 * off where it is not needed is off: events (`getEvents`, `sendEvents`), the in-process table of jobs (`storeJobs`), and
 * on the producer the worker's connection (`isWorker`). Delayed jobs are activated only in the scenario that has some,
 * since it costs a timer and a connection. Bulk is `saveAll`, its pipelined call.
 */
import BeeQueue from "bee-queue"
import { setTimeout as pause } from "node:timers/promises"
import type { Payload } from "../payload.ts"
import { type ConsumerOptions, forEachInFlight, type Producer, type System } from "./System.ts"

const open = async (port: number, settings: BeeQueue.QueueSettings): Promise<BeeQueue<Payload>> => {
  const queue = new BeeQueue<Payload>("bench", {
    // Its published types describe the options of a Redis client that is not installed here.
    redis: { host: "127.0.0.1", port } as NonNullable<BeeQueue.QueueSettings["redis"]>,
    getEvents: false,
    sendEvents: false,
    storeJobs: false,
    removeOnSuccess: true,
    ...settings
  })
  queue.on("error", (error) => console.error("bee-queue:", error.message))
  return queue.ready()
}

const producer = async (port: number): Promise<Producer> => {
  const queue = await open(port, { isWorker: false })
  return {
    enqueueBulk: async (payloads) => {
      const failures = await queue.saveAll(payloads.map((payload) => queue.createJob(payload)))
      if (failures.size > 0) throw new Error(`${failures.size} jobs were not saved`)
    },
    enqueueSingles: (payloads, inFlight) =>
      forEachInFlight(payloads, inFlight, (payload) => queue.createJob(payload).save()),
    enqueue: async (payload, delayMs) => {
      const job = queue.createJob(payload)
      await (delayMs > 0 ? job.delayUntil(Date.now() + delayMs) : job).save()
    },
    unfinished: async () => {
      const { active, delayed, waiting } = await queue.checkHealth()
      return active + delayed + waiting
    },
    close: () => queue.close()
  }
}

const consume = async (port: number, { concurrency, delays, onJob, workMs }: ConsumerOptions) => {
  const queue = await open(port, { activateDelayedJobs: delays })
  queue.process(concurrency, async (job: BeeQueue.Job<Payload>) => {
    onJob(job.data)
    if (workMs > 0) await pause(workMs)
  })
  return { close: () => queue.close() }
}

/** bee-queue: https://github.com/bee-queue/bee-queue */
export const beeQueue: System = { name: "bee-queue", producer, consume }
