/**
 * Which broker the demo's jobs are kept by: this process's memory, or Redis under a prefix of the run's own.
 *
 * On Redis the run's keys are deleted when the layer is closed, unless they are to be kept. Nothing outside the prefix
 * is touched. Redis's client is loaded only when it is asked for.
 */
import { type Broker, type BrokerError, type Inspector, MemoryBroker } from "@sluice/core"
import { Effect, Layer } from "effect"

/** Where jobs are kept, and for how long. */
export interface BrokerOptions {
  /** The URL of Redis; `undefined`: memory. */
  readonly redis: string | undefined
  /** The run's name: its keys begin with it. */
  readonly run: string
  /** Whether the keys stay when the run is over. */
  readonly isKept: boolean
}

/** What all keys of a run have in common; a prefix holds no colon, so no run's keys look like another's. */
export const prefixOf = (run: string): string => `sluice-demo-${run}`

/** The broker in words, without the URL's credentials. */
export const describe = (redis: string | undefined, run: string): string =>
  redis === undefined ? "jobs in memory" : `jobs in Redis at ${new URL(redis).host}, run ${run}`

/** Deletes all keys of a prefix, a page at a time. Of one Redis, not of a cluster. */
const deleteKeys = async (url: string, prefix: string): Promise<void> => {
  const { Redis } = await import("ioredis")
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on("error", () => {}) // each command fails with it anyway
  try {
    await redis.connect()
    for (const match of [`${prefix}:*`, `{${prefix}:*`]) { // a queue's keys begin with a hash tag
      for await (const keys of redis.scanStream({ match, count: 1000 })) {
        if (keys.length > 0) await redis.unlink(...keys)
      }
    }
  } finally {
    redis.disconnect()
  }
}

/** Deletes the keys of a prefix when the scope closes. */
export const deleteKeysAtEnd = (url: string, prefix: string) =>
  Layer.effectDiscard(Effect.addFinalizer(() =>
    Effect.tryPromise(() => deleteKeys(url, prefix)).pipe(
      Effect.catch(() =>
        Effect.logWarning(`The keys of prefix "${prefix}" could not be deleted; they are still in Redis.`)
      )
    )
  ))

/** The broker and its inspector. On Redis, fails when there is no usable Redis at the URL. */
export const brokerFor = ({ isKept, redis, run }: BrokerOptions): Layer.Layer<Broker | Inspector, BrokerError> => {
  if (redis === undefined) return MemoryBroker.layer
  const prefix = prefixOf(run)
  const RedisLive = Layer.unwrap(Effect.map(
    Effect.promise(() => import("@sluice/core/RedisBroker")),
    (RedisBroker) => RedisBroker.layer({ url: redis, prefix })
  ))
  return isKept ? RedisLive : deleteKeysAtEnd(redis, prefix).pipe(Layer.provideMerge(RedisLive))
}
