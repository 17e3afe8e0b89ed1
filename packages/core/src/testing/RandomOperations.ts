/**
 * The random-operations test: the same random commands on two brokers under one TestClock; after each, answers and whole
 * states have to be equal and every invariant has to hold. What it finds, it shrinks and prints with its seed.
 *
 * The reference is usually the memory broker. Jobs are named by the caller, so that answers are comparable.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { randomInt } from "node:crypto"
import { isDeepStrictEqual } from "node:util"
import { Broker } from "../broker/Broker.ts"
import { Inspector } from "../broker/Inspector.ts"
import type { BrokerError } from "../job/BrokerError.ts"
import * as JobQueue from "../task/JobQueue.ts"
import { startMs } from "./conformance/Kit.ts"
import * as Command from "./random/Command.ts"
import * as Invariants from "./random/Invariants.ts"
import * as World from "./random/World.ts"

/** Makes an empty broker each time. That it can't be made fails the test. */
export type MakeBroker = () => Layer.Layer<Broker | Inspector, BrokerError>

/** How two brokers are compared. */
export interface Options {
  /** Default 1. */
  readonly partitions?: number | undefined
  /** Seeds that are run each time. */
  readonly seeds: ReadonlyArray<number>
  /** Commands per seed. Default 200. */
  readonly length?: number | undefined
  /** How long (ms of real time) one seed may take, shrinking included. Default 60,000. */
  readonly timeoutMs?: number | undefined
}

/** A difference or a broken invariant: at which command of which, and what. */
export interface Finding {
  readonly commands: ReadonlyArray<Command.Command>
  readonly what: string
}

const queues: ReadonlyArray<Omit<JobQueue.Options, "partitions">> = [
  {},
  { maxJobs: 5 },
  { keepCompleted: 1 },
  { keepCompleted: 0, maxJobs: 8 }
]

const open = Effect.fnUntraced(function*(makeBroker: MakeBroker, queue: JobQueue.JobQueue) {
  const context = yield* Layer.build(makeBroker())
  return World.make(Context.get(context, Broker), Context.get(context, Inspector), queue)
})

/** Runs commands on both brokers until something is wrong; `undefined`: nothing was. */
export const compare = Effect.fnUntraced(
  function*(
    reference: MakeBroker,
    other: MakeBroker,
    queue: JobQueue.JobQueue,
    commands: ReadonlyArray<Command.Command>
  ) {
    yield* TestClock.setTime(startMs)
    let now = startMs
    const left = yield* open(reference, queue)
    const right = yield* open(other, queue)
    let before = yield* left.snapshot
    for (let index = 0; index < commands.length; index++) {
      const command = commands[index]!
      const finding = (what: string): Finding => ({ commands: commands.slice(0, index + 1), what })
      if (command._tag === "wait") yield* TestClock.setTime(now += command.ms)
      const expected = yield* left.run(command, now)
      const actual = yield* right.run(command, now)
      if (!isDeepStrictEqual(actual, expected)) return finding(different("answers", expected, actual))
      const after = yield* left.snapshot
      const afterRight = yield* right.snapshot
      if (!isDeepStrictEqual(afterRight, after)) return finding(different("states", after, afterRight))
      const broken = Invariants.broken(before, after, command)
      if (broken.length > 0) return finding(broken.join("; "))
      before = after
    }
    return undefined
  },
  Effect.orDie,
  Effect.scoped
)

const different = (what: string, expected: unknown, actual: unknown): string =>
  `${what} differ:\nexpected ${JSON.stringify(expected, undefined, 1)}\nactual   ${
    JSON.stringify(actual, undefined, 1)
  }`

/** Leaves out as many commands as it can while something still goes wrong; tries at most `tries` times. */
export const shrink = Effect.fnUntraced(function*(
  found: Finding,
  again: (commands: ReadonlyArray<Command.Command>) => Effect.Effect<Finding | undefined>,
  tries = 300
) {
  let best = found
  let left = tries
  for (let size = Math.ceil(best.commands.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.commands.length && left > 0;) {
      const fewer = best.commands.toSpliced(from, size)
      left--
      const finding = yield* again(fewer)
      if (finding !== undefined && finding.commands.length < best.commands.length) best = finding
      else from += size
    }
  }
  return best
})

/** Runs the commands of a seed; answers what goes wrong, shrunk. */
export const findDifference = Effect.fnUntraced(function*(
  reference: MakeBroker,
  other: MakeBroker,
  options: { readonly seed: number; readonly partitions: number; readonly length: number }
) {
  const settings = queues[(options.seed >>> 0) % queues.length]!
  const queue = JobQueue.make("random", { ...settings, partitions: options.partitions })
  const run = (commands: ReadonlyArray<Command.Command>) => compare(reference, other, queue, commands)
  const found = yield* run(Command.sequence(options.seed, options.length))
  return found === undefined ? undefined : yield* shrink(found, run)
})

/** A finding as it is printed: the seed, the fewest commands, and what is wrong after the last. */
export const report = (seed: number, { commands, what }: Finding): string =>
  [`seed ${seed}, ${commands.length} commands:`, ...commands.map(Command.show), what].join("\n")

/** Registers one test per seed, and one with a seed of the day. */
export const randomOperations = (name: string, reference: MakeBroker, other: MakeBroker, options: Options): void => {
  const partitions = options.partitions ?? 1
  const length = options.length ?? 200
  // another seed each run, printed in the test's name: to repeat it, add it to the seeds
  const fresh = randomInt(2 ** 31)
  // oxlint-disable-next-line vitest/valid-title -- the caller names the brokers
  describe(name, () => {
    for (const seed of [...options.seeds, fresh]) {
      it.effect(
        `agrees on ${length} random commands, seed ${seed}`,
        () =>
          Effect.map(findDifference(reference, other, { seed, partitions, length }), (found) => {
            if (found !== undefined) assert.fail(report(seed, found))
          }),
        options.timeoutMs ?? 60_000
      )
    }
  })
}
