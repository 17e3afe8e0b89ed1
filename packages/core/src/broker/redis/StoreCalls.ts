/**
 * Script calls on partitions, as the parts of the store make them: with the partition's base and the time put in.
 */
import * as Effect from "effect/Effect"
import type { BrokerError } from "../../job/BrokerError.ts"
import type { Place } from "../Place.ts"
import type { Connection } from "./Connection.ts"
import * as Keys from "./Keys.ts"
import type { Settings } from "./RedisConfig.ts"
import type { Reply } from "./Reply.ts"
import type { ScriptName } from "./Scripts.generated.ts"
import { begin, run } from "./Scripts.ts"

/** The most ids, leases or settlements of one script call. */
export const batchLimit = 1000

/** What the store's parts share. */
export interface StoreCalls {
  readonly connection: Connection
  readonly prefix: string
  /** The base of a partition's keys. */
  readonly baseOf: (place: Place) => string
  /** Runs `use` with the time as scripts want it: "" for the server's, else the caller's clock in epoch ms. */
  readonly withNow: <A, E>(use: (now: string) => Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** Runs a script whose first argument is the time; `args` are those after it. */
  readonly call: (
    operation: string,
    name: ScriptName,
    place: Place,
    args: ReadonlyArray<string | number>
  ) => Effect.Effect<Reply, BrokerError>
}

/** Makes them for one connection. */
export const make = (connection: Connection, { clock, prefix }: Settings): StoreCalls => {
  const bases = new Map<string, Array<string>>()
  const baseOf = ({ partition, queue }: Place): string => {
    let own = bases.get(queue.name)
    if (own === undefined) bases.set(queue.name, own = [])
    return own[partition] ??= Keys.base(prefix, queue.name, partition)
  }
  const withNow: StoreCalls["withNow"] = (use) =>
    clock === "redis" ? use("") : Effect.clockWith((clock) => use(String(clock.currentTimeMillisUnsafe())))
  return {
    connection,
    prefix,
    baseOf,
    withNow,
    call: (operation, name, place, args) =>
      withNow((now) => {
        const all = begin(name, baseOf(place))
        all.push(now)
        return run(connection, operation, name, all.concat(args))
      })
  }
}
