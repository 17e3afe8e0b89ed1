/**
 * Where and how a run was made: versions, processor, rounds. Part of every result, since a figure means little without.
 * Names nothing that identifies the machine.
 */
import { Redis } from "ioredis"
import { readFileSync } from "node:fs"
import { availableParallelism, cpus, totalmem } from "node:os"

const versionOf = (name: string): string => {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
  const { version }: { readonly version: string } = JSON.parse(readFileSync(path, "utf8"))
  return version
}

const redisVersion = async (port: number): Promise<string> => {
  const redis = new Redis(port, "127.0.0.1")
  const info = await redis.info("server")
  redis.disconnect()
  const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1]
  return valkey === undefined ? /^redis_version:(\S+)/m.exec(info)?.[1] ?? "unknown" : `Valkey ${valkey}`
}

/** What a reader needs to judge the figures, as words by name. */
export const describeEnvironment = async (port: number, rounds: number, seconds: number) => ({
  node: process.version.slice(1),
  redis: await redisVersion(port),
  effect: versionOf("effect"),
  ioredis: versionOf("ioredis"),
  bullmq: versionOf("bullmq"),
  "bee-queue": versionOf("bee-queue"),
  processor: cpus()[0]?.model.trim() ?? "unknown",
  cores: String(availableParallelism()),
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  rounds: String(rounds),
  seconds: String(seconds)
})
