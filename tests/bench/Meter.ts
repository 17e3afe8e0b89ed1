/**
 * Reads the clocks of a measurement: wall time, the CPU time of this process, the CPU time of Redis. Used by the scenarios
 * inside a round's own process, so that no other system's work is counted. Costs Redis one INFO at each mark.
 */
import { Redis } from "ioredis"

/** What a round measured. A field that a scenario does not measure is absent; names as in the JSON. */
export type Figures = Readonly<Record<string, number>>

/** A moment: milliseconds of wall time, microseconds of CPU used so far. Redis' share arrives a little later. */
export interface Mark {
  readonly atMs: number
  readonly node: NodeJS.CpuUsage
  readonly redis: Promise<number>
}

const number = (info: string, field: string): number => {
  const value = new RegExp(`^${field}:([\\d.]+)`, "m").exec(info)?.[1]
  if (value === undefined) throw new Error(`INFO of this Redis lacks ${field}`)
  return Number(value)
}

export class Meter {
  readonly #redis: Redis

  constructor(port: number) {
    this.#redis = new Redis(port, "127.0.0.1")
  }

  mark(): Mark {
    const atMs = performance.now()
    const node = process.cpuUsage()
    const redis = this.#redis.info("cpu").then((info) =>
      (number(info, "used_cpu_user") + number(info, "used_cpu_sys")) * 1_000_000
    )
    return { atMs, node, redis }
  }

  /** jobsPerSecond, and the microseconds of CPU a job took in this process and in Redis. */
  async between(from: Mark, to: Mark, jobs: number): Promise<Figures> {
    return {
      jobsPerSecond: jobs / ((to.atMs - from.atMs) / 1000),
      redisMicros: ((await to.redis) - (await from.redis)) / jobs,
      nodeMicros: (to.node.user + to.node.system - from.node.user - from.node.system) / jobs
    }
  }

  /** Bytes Redis has allocated for data and connections, after the allocator has given back what it can. */
  async usedMemory(): Promise<number> {
    await this.#redis.memory("PURGE")
    return number(await this.#redis.info("memory"), "used_memory")
  }

  /** Deletes everything in this Redis, scripts excepted. */
  async flush(): Promise<void> {
    await this.#redis.flushall("SYNC")
  }

  close(): void {
    this.#redis.disconnect()
  }
}

/** The value below which the share `p` (0 to 1) of the samples lies: the nearest sample, none invented. */
export const percentile = (samples: ReadonlyArray<number>, p: number): number => {
  const sorted = samples.toSorted((left, right) => left - right)
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)]
  if (value === undefined) throw new Error("no samples")
  return value
}
