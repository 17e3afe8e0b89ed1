/**
 * BullMQ 6.7 under test.
 * Settings: finished jobs are removed at once (`removeOnComplete: true`), as in the other systems; failed ones stay, its
 * default. Metrics and telemetry stay off, its defaults. Everything else is the default, lock renewal included, since
 * every system here keeps its jobs safe from a crash. Auto-pipelining stays off: the maintainer advises against it
 * (taskforcesh/bullmq#457, #1127). The worker is given plain options, so that it opens its own blocking connection.
 * Over HTTP it stands behind the leanest server that we could write: ../http/bullmqServer.ts.
 */
import { Queue, Worker } from "bullmq"
import { setTimeout as pause } from "node:timers/promises"
import { startServer } from "../http/ServerProcess.ts"
import type { Payload } from "../payload.ts"
import { type ConsumerOptions, forEachInFlight, type HttpProducer, type Producer, type System } from "./System.ts"

const connectionTo = (port: number) => ({ host: "127.0.0.1", port })

const producer = async (port: number): Promise<Producer> => {
  const queue = new Queue<Payload>("bench", {
    connection: connectionTo(port),
    defaultJobOptions: { removeOnComplete: true }
  })
  await queue.waitUntilReady()
  return {
    enqueueBulk: async (payloads) => {
      await queue.addBulk(payloads.map((data) => ({ name: "send", data })))
    },
    enqueueSingles: (payloads, inFlight) => forEachInFlight(payloads, inFlight, (data) => queue.add("send", data)),
    enqueue: async (payload, delayMs) => {
      await queue.add("send", payload, delayMs > 0 ? { delay: delayMs } : {})
    },
    unfinished: async () => {
      const counts = await queue.getJobCounts("waiting", "active", "delayed", "prioritized")
      return Object.values(counts).reduce((sum, count) => sum + count, 0)
    },
    close: () => queue.close()
  }
}

const consume = async (port: number, { concurrency, onJob, workMs }: ConsumerOptions) => {
  const worker = new Worker<Payload>("bench", async (job) => {
    onJob(job.data)
    if (workMs > 0) await pause(workMs)
  }, { connection: connectionTo(port), concurrency })
  worker.on("error", (error) => console.error("bullmq:", error.message))
  await worker.waitUntilReady()
  return { close: () => worker.close() }
}

const httpProducer = async (port: number): Promise<HttpProducer> => ({
  server: await startServer(new URL("../http/bullmqServer.ts", import.meta.url), { BENCH_REDIS_PORT: String(port) }),
  path: "/",
  headers: { "content-type": "application/json" },
  single: { body: (data) => JSON.stringify({ name: "send", data }), status: 201 },
  bulk: { body: (payloads) => JSON.stringify(payloads.map((data) => ({ name: "send", data }))), status: 201 }
})

/** BullMQ: https://github.com/taskforcesh/bullmq */
export const bullmq: System = { name: "bullmq", producer, consume, httpProducer }
