/**
 * Makes due jobs available: those that were scheduled, and those that wait for their next attempt.
 *
 * Consumers do this themselves, on time, with each exchange; this duty is for queues that no consumer attends, so that
 * what measures the work not yet done sees it. Any number of processes may run it.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Broker } from "../broker/Broker.ts"
import type { BrokerError } from "../job/BrokerError.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import * as Duty from "./Duty.ts"

/** The queues, the time between sweeps, and how many jobs a step makes available at most. */
export type Options = Duty.Options

/** What holds when nothing else is said: a sweep each 5 seconds, in steps of 1,000 jobs. */
export const defaults = { every: Duration.seconds(5), limit: 1000 } as const

const duty: Duty.Duty = { name: "promote", step: (broker, queue, limit) => broker.promote(queue, limit), ...defaults }

/** Sweeps the queues for ever; never fails. Throws a `RangeError` when an option is out of range. */
export const make = (options: Options): Effect.Effect<never, never, Broker> => Duty.loop(duty, options)

/** Sweeps one queue until there is no more to do, in steps of at most `limit` jobs; answers how many jobs it made available. */
export const runOnce = (queue: string | JobQueue, limit?: number): Effect.Effect<number, BrokerError, Broker> =>
  Duty.sweep(duty, queue, limit)

/** `make` in the background, as long as the layer lives. */
export const layer = (options: Options): Layer.Layer<never, never, Broker> =>
  Layer.effectDiscard(Effect.forkScoped(make(options)))
