/**
 * The commands of the random-operations test, and how a sequence of them is made from a seed.
 *
 * Commands name jobs and leases by their number in order of appearance, so that the same commands mean the same on any
 * broker, whatever its ids' and tokens' look, and still mean something when some commands are left out.
 */
import type { NewJob } from "../../broker/Broker.ts"
import type { Settlement } from "../../broker/Lease.ts"
import { job } from "../JobFactory.ts"
import * as Prng from "./Prng.ts"

/** A lease: counted back from the last one that is still open, or from the last of all. */
export interface LeaseNumber {
  readonly back: number
  readonly among: "open" | "all"
}

/** One outcome. */
export interface Outcome {
  readonly lease: LeaseNumber
  readonly how: Settlement["_tag"]
  /** Delay or retention. */
  readonly ms: number
  /** Names a token that nobody was given. */
  readonly wrongToken: boolean
}

/** One step. Jobs are numbers: the so many-th id that was ever answered, counted round and round. */
export type Command =
  | { readonly _tag: "enqueue"; readonly jobs: ReadonlyArray<NewJob & { readonly runInMs: number | undefined }> }
  | {
    readonly _tag: "exchange"
    readonly consumer: string
    readonly lane: string
    /** `again`: the lane's last call word for word. `late`: another call, with the number before the last. */
    readonly sequence: "next" | "again" | "late"
    readonly settle: ReadonlyArray<Outcome>
    readonly claim: number
    readonly leaseMs: number
    readonly wake: boolean
  }
  | { readonly _tag: "extend"; readonly leases: ReadonlyArray<LeaseNumber>; readonly leaseMs: number }
  | { readonly _tag: "progress"; readonly lease: LeaseNumber; readonly text: string }
  | { readonly _tag: "cancel"; readonly jobs: ReadonlyArray<number>; readonly reason: string }
  | { readonly _tag: "retry" | "promoteJobs" | "remove"; readonly jobs: ReadonlyArray<number> }
  | { readonly _tag: "pause" | "resume" }
  | { readonly _tag: "drain" | "promote" | "rescue" | "prune"; readonly limit: number }
  | { readonly _tag: "await"; readonly job: number }
  | { readonly _tag: "wait"; readonly ms: number }

/** A few ids, so that they come again; some sort differently by code units than by bytes. */
const locals = [
  "a",
  "b",
  "c",
  "d",
  "e",
  "f",
  "g",
  "h",
  "i",
  "j",
  "k",
  "10",
  "9",
  "x:y",
  "\u00e9",
  "\uFFFD",
  "\u{1F600}"
]
const waits = [0, 1, 499, 1000, 1000, 5000, 30_000, 61_000]
const outcomes: ReadonlyArray<Settlement["_tag"]> = [
  "complete",
  "complete",
  "complete",
  "cancel",
  "die",
  "retry",
  "retry",
  "snooze",
  "release",
  "handBack"
]

const newJob = (prng: Prng.Prng) => ({
  ...job({
    id: prng.pick(locals),
    payload: prng.pick(["{}", "[]", "\"\u{1F600}\"", "12345678901234567890.0", ""]),
    priority: prng.pick([0, 0, 0, 0, 1, -1, 100, -100]),
    attempts: prng.pick([1, 2, 3]),
    maxAgeMs: prng.pick([0, 0, 0, 1000, 2000, 31_000]),
    crashDelayMs: prng.pick([0, 1000]),
    keepDeadMs: prng.pick([0, 5000, 100_000]),
    key: prng.pick([undefined, undefined, "one", "two"]),
    delayMs: prng.pick([0, 0, 0, 1, 1000, 1000, 5000]),
    awaited: prng.chance(0.15)
  }),
  runInMs: prng.chance(0.15) ? prng.pick([-5, 0, 1000, 5000]) : undefined
})

const several = <A>(prng: Prng.Prng, most: number, one: () => A): ReadonlyArray<A> =>
  Array.from({ length: prng.below(most) + 1 }, one)

const leaseNumber = (prng: Prng.Prng): LeaseNumber => ({
  back: prng.below(5),
  among: prng.pick(["open", "open", "open", "all"])
})

const outcome = (prng: Prng.Prng): Outcome => ({
  lease: leaseNumber(prng),
  how: prng.pick(outcomes),
  ms: prng.pick([0, 0, 1, 1000, 5000, 61_000]),
  wrongToken: prng.chance(0.05)
})

const exchange = (prng: Prng.Prng): Command => ({
  _tag: "exchange",
  consumer: prng.pick(["ada", "bob"]),
  lane: prng.pick(["1", "2"]),
  sequence: prng.pick(["next", "next", "next", "next", "next", "next", "next", "again", "late"]),
  settle: prng.chance(0.7) ? several(prng, 4, () => outcome(prng)) : [],
  claim: prng.pick([0, 1, 1, 2, 3, 5]),
  leaseMs: prng.pick([1000, 30_000, 30_000]),
  wake: prng.chance(0.5)
})

const makers: ReadonlyArray<readonly [weight: number, make: (prng: Prng.Prng) => Command]> = [
  [10, (prng) => ({ _tag: "enqueue", jobs: several(prng, 4, () => newJob(prng)) })],
  [16, exchange],
  [
    3,
    (prng) => ({ _tag: "extend", leases: several(prng, 3, () => leaseNumber(prng)), leaseMs: prng.pick([1, 30_000]) })
  ],
  [1, (prng) => ({ _tag: "progress", lease: leaseNumber(prng), text: prng.pick(["1", "{\"sent\":[]}"]) })],
  [2, (prng) => ({
    _tag: "cancel",
    jobs: several(prng, 3, () => prng.below(20)),
    reason: prng.pick(["not needed", "too \"late\""])
  })],
  [3, (prng) => ({
    _tag: prng.pick(["retry", "retry", "promoteJobs", "remove"]),
    jobs: several(prng, 3, () => prng.below(20))
  })],
  [1, (prng) => ({ _tag: prng.pick(["pause", "resume", "resume"]) })],
  [5, (prng) => ({
    _tag: prng.pick(["promote", "rescue", "rescue", "rescue", "prune", "prune", "prune", "drain"]),
    limit: prng.pick([1, 2, 100])
  })],
  [1, (prng) => ({ _tag: "await", job: prng.below(20) })],
  [6, (prng) => ({ _tag: "wait", ms: prng.pick(waits) })]
]

const totalWeight = makers.reduce((sum, [weight]) => sum + weight, 0)

const command = (prng: Prng.Prng): Command => {
  let left = prng.below(totalWeight)
  for (const [weight, make] of makers) {
    if (left < weight) return make(prng)
    left -= weight
  }
  return { _tag: "wait", ms: 0 }
}

/** The commands of a seed. */
export const sequence = (seed: number, length: number): ReadonlyArray<Command> => {
  const prng = Prng.make(seed)
  return Array.from({ length }, () => command(prng))
}

/** A command in one line. */
export const show = (one: Command): string => JSON.stringify(one)
