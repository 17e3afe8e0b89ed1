/**
 * memory-per-job: what a waiting job takes in Redis. The difference between few and many jobs, each read with the
 * producer's connections closed, so that neither buffers nor what a queue costs by itself are counted.
 */
import { fill, type Round, type Scenario, verifyUnfinished } from "./Scenario.ts"

const few = 1000

const memoryWith = async ({ meter, port, system }: Round, from: number, to: number): Promise<number> => {
  const producer = await system.producer(port)
  await fill(producer, from, to)
  await verifyUnfinished(producer, to)
  await producer.close()
  return meter.usedMemory()
}

export const memoryPerJob: Scenario = {
  name: "memory-per-job",
  title: "Redis memory of a waiting job with a payload of about 90 bytes",
  run: async (round) => {
    const many = few + round.count(50_000)
    const before = await memoryWith(round, 0, few)
    const after = await memoryWith(round, few, many)
    return { bytesPerJob: (after - before) / (many - few) }
  }
}
