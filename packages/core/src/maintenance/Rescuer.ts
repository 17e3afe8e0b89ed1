/**
 * Takes back jobs whose lease ran out, because their consumer died, hung, or could not reach the broker.
 *
 * They are tried again after their crash delay, or are dead after their last attempt. Decided by the deadline of the
 * lease alone, never by the age of a job. Any number of processes may run it; without any, such jobs stay where they are.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Broker } from "../broker/Broker.ts"
import type { BrokerError } from "../job/BrokerError.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import * as Duty from "./Duty.ts"

/** The queues, the time between sweeps, and how many jobs a step takes back at most. */
export type Options = Duty.Options

/** What holds when nothing else is said: a sweep each 5 seconds, in steps of 1,000 jobs. */
export const defaults = { every: Duration.seconds(5), limit: 1000 } as const

const duty: Duty.Duty = { name: "rescue", step: (broker, queue, limit) => broker.rescue(queue, limit), ...defaults }

/** Sweeps the queues for ever; never fails. Throws a `RangeError` when an option is out of range. */
export const make = (options: Options): Effect.Effect<never, never, Broker> => Duty.loop(duty, options)

/** Sweeps one queue until there is no more to do, in steps of at most `limit` jobs; answers how many jobs it took back. */
export const runOnce = (queue: string | JobQueue, limit?: number): Effect.Effect<number, BrokerError, Broker> =>
  Duty.sweep(duty, queue, limit)

/** `make` in the background, as long as the layer lives. */
export const layer = (options: Options): Layer.Layer<never, never, Broker> =>
  Layer.effectDiscard(Effect.forkScoped(make(options)))
