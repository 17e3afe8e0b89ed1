/**
 * Whether a server is fit to keep jobs: new enough, and not allowed to throw keys away. Pure: reads the text of INFO.
 */
import { EvictionPolicyUnsafe, type Reason, RedisTooOld } from "../../job/BrokerError.ts"

/** The oldest Redis that has all commands which the scripts use. */
export const neededVersion = "7.0.0"

/** What INFO says of the server, as far as it matters. */
export interface ServerFacts {
  /** The version that Redis has, or that Valkey says it is compatible with; "" when unknown. */
  readonly version: string
  readonly isValkey: boolean
  /** "" when unknown. */
  readonly evictionPolicy: string
  readonly isCluster: boolean
}

/** Reads the text of INFO. */
export const factsOf = (info: string): ServerFacts => {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? ""
  return {
    version: field("redis_version"),
    isValkey: field("server_name") === "valkey" || field("valkey_version") !== "",
    evictionPolicy: field("maxmemory_policy"),
    isCluster: field("redis_mode") === "cluster"
  }
}

const isOlder = (found: string, needed: string): boolean => {
  const theirs = found.split(".").map(Number)
  const ours = needed.split(".").map(Number)
  for (let index = 0; index < ours.length; index++) {
    const difference = (theirs[index] ?? 0) - ours[index]!
    if (difference !== 0) return difference < 0
  }
  return false
}

/** Why the server can't be used at all: it is too old. Any Valkey is new enough; an unknown version passes. */
export const tooOld = ({ isValkey, version }: ServerFacts): Reason | undefined =>
  !isValkey && version !== "" && isOlder(version, neededVersion)
    ? new RedisTooOld({ found: version, needed: neededVersion })
    : undefined

/**
 * Whether the server may throw jobs away when memory runs short. Policies named `volatile-*` only touch keys that
 * expire, and Sluice has none.
 */
export const mayEvict = ({ evictionPolicy }: ServerFacts): Reason | undefined =>
  evictionPolicy.startsWith("allkeys-") ? new EvictionPolicyUnsafe({ policy: evictionPolicy }) : undefined
