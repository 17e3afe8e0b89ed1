/**
 * The systems, by name, each loaded only in the process that measures it. The order is that of every table.
 */
import type { System, SystemName } from "./System.ts"

export const systemNames: ReadonlyArray<SystemName> = ["sluice", "bullmq", "bee-queue", "persisted-queue"]

const loaders: Readonly<Record<SystemName, () => Promise<System>>> = {
  "sluice": async () => (await import("./sluice.ts")).sluice,
  "bullmq": async () => (await import("./bullmq.ts")).bullmq,
  "bee-queue": async () => (await import("./beeQueue.ts")).beeQueue,
  "persisted-queue": async () => (await import("./persistedQueue.ts")).persistedQueue
}

export const isSystemName = (name: string): name is SystemName => Object.hasOwn(loaders, name)

export const loadSystem = (name: SystemName): Promise<System> => loaders[name]()
