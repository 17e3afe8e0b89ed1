/**
 * Every key and channel name of Sluice in Redis. Nobody else builds one; the scripts derive a partition's keys from its
 * base by appending these same names (lua/lib/keys.lua).
 *
 * The base is a hash tag, so that all keys of a partition lie in one cluster slot, and one `KEYS[1]` names them all.
 */

/** The default prefix of all keys and channels. */
export const defaultPrefix = "sluice"

/**
 * Whether a text can be a prefix: 1 to 64 characters of `A-Z a-z 0-9 . _ - /`. No colon, so that no two pairs of prefix
 * and queue make the same key.
 */
export const isPrefix = (prefix: string): boolean => /^[A-Za-z0-9._/-]{1,64}$/.test(prefix)

/** What a partition's keys are called after its base and a colon; each is described in docs/reference/protocol.md. */
export const partitionKeys = [
  "jobs",
  "available",
  "running",
  "scheduled",
  "retryable",
  "blocked",
  "completed",
  "cancelled",
  "dead",
  "leases",
  "attempts",
  "priorities",
  "ledger",
  "verdicts",
  "awaited",
  "cancels",
  "progress",
  "calls",
  "idle",
  "timers",
  "meta",
  "events"
] as const

/** The base of a partition's keys (0-based): `{<prefix>:<queue>:<partition>}`. */
export const base = (prefix: string, queue: string, partition: number): string => `{${prefix}:${queue}:${partition}}`

/** One key of a partition. */
export const partitionKey = (base: string, name: (typeof partitionKeys)[number]): string => `${base}:${name}`

/** The queue's name in a base that was built with the same prefix. */
export const queueOf = (prefix: string, base: string): string => base.slice(prefix.length + 2, base.lastIndexOf(":"))

/** The partition in a base. */
export const partitionOf = (base: string): number => Number(base.slice(base.lastIndexOf(":") + 1, -1))

/** The hash of all queues: name to partition count. */
export const queues = (prefix: string): string => `${prefix}:queues`

/** The base of the registry's keys: a hash tag of its own, which no partition has, as those end in ":" and a number. */
export const registry = (prefix: string): string => `{${prefix}:registry}`

/** What the registry's keys are called after its base and a colon (lua/lib/registry.lua). */
export const registryKeys = ["seen", "consumers", "tasks"] as const

/** One key of the registry. */
export const registryKey = (prefix: string, name: (typeof registryKeys)[number]): string =>
  `${registry(prefix)}:${name}`

/** What every consumer's channel starts with. */
export const wakeChannels = (prefix: string): string => `${prefix}:wake:`

/** The channel on which one consumer is woken: "w" or "c" (work, cancel) and a base. */
export const wakeChannel = (prefix: string, consumer: string): string => wakeChannels(prefix) + consumer

/** The channel on which readers learn that a partition has more events; lua/lib/events.lua makes it of the base. */
export const eventsChannel = (prefix: string, queue: string, partition: number): string =>
  `${prefix}:events:${queue}:${partition}`

/** The channel on which one process learns that a job it waits for has ended: a base, a space and the id. */
export const resultsChannel = (prefix: string, process: string): string => `${prefix}:results:${process}`
