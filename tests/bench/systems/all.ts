/**
 * The systems, by name, each loaded only in the process that measures it. The order is that of every table.
 */
import type { System, SystemName } from "./System.ts"

export const systemNames: ReadonlyArray<SystemName> = ["bullmq", "bee-queue", "persisted-queue"]

const loaders: Readonly<Partial<Record<SystemName, () => Promise<System>>>> = {
  "bullmq": async () => (await import("./bullmq.ts")).bullmq,
  "bee-queue": async () => (await import("./beeQueue.ts")).beeQueue,
  "persisted-queue": async () => (await import("./persistedQueue.ts")).persistedQueue
}

export const isSystemName = (name: string): name is SystemName => Object.hasOwn(loaders, name)

/** Fails for a name that is not one of `systemNames`. */
export const loadSystem = (name: SystemName): Promise<System> => {
  const load = loaders[name]
  return load === undefined ? Promise.reject(new Error(`there is no system "${name}"`)) : load()
}
