/**
 * Shows how many jobs queues have in each state, how long the oldest waits, and what has happened to them: read from the
 * broker, the same in every process that asks.
 *
 * They are read when somebody looks, at most every few seconds however many look, and never for longer than two seconds.
 * What can't be read is not shown: an old number would look like a calm queue.
 */
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import type { BrokerError } from "../job/BrokerError.ts"
import { Inspector, type QueueStats } from "../broker/Inspector.ts"
import * as JobQueue from "../task/JobQueue.ts"
import * as Attributes from "../observability/AttributeNames.ts"
import { optionsOf } from "../observability/Meter.ts"
import * as MetricNames from "../observability/MetricNames.ts"

/** What to read, and how. */
export interface Options {
  /** Names of queues, or all that were ever used. */
  readonly queues: "all" | ReadonlyArray<string>
  /** The least time between two readings. Default 5 seconds. */
  readonly every?: Duration.Input | undefined
}

/** The most queues of one process, in the order of their names. */
const queuesLimit = 250
const readWithin = "2 seconds"
const readAtOnce = 8

/** One series and its value. */
interface Reading {
  readonly definition: MetricNames.Definition
  readonly attributes: Readonly<Record<string, string>>
  readonly value: number
}

/** All that is shown of one queue. */
const readingsOf = ({ oldestWaitMs, paused, queue, states, totals }: QueueStats): ReadonlyArray<Reading> => {
  const own = { [Attributes.queue]: queue }
  return [
    ...Object.entries(states).map(([state, value]) => ({
      definition: MetricNames.queueJobs,
      attributes: { ...own, [Attributes.state]: state },
      value
    })),
    ...Object.entries(totals).map(([event, value]) => ({
      definition: MetricNames.queueEvents,
      attributes: { ...own, [Attributes.event]: event },
      value
    })),
    { definition: MetricNames.queueOldestWait, attributes: own, value: (oldestWaitMs ?? 0) / 1000 },
    { definition: MetricNames.queuePaused, attributes: own, value: paused ? 1 : 0 }
  ]
}

const read = Effect.fnUntraced(function*(
  queues: Options["queues"]
): Effect.fn.Return<ReadonlyArray<Reading>, BrokerError, Inspector> {
  const inspector = yield* Inspector
  const names = queues === "all" ? yield* inspector.queues : queues
  const stats = yield* Effect.forEach(
    names.slice(0, queuesLimit),
    (name) => inspector.stats(JobQueue.make(name)),
    { concurrency: readAtOnce }
  )
  const hidden = Math.max(0, names.length - queuesLimit)
  return [...stats.flatMap(readingsOf), { definition: MetricNames.queuesHidden, attributes: {}, value: hidden }]
})

/** The series that are shown now. */
class Shown {
  private readonly context: Context.Context<never>
  private readonly values = new Map<string, { value: number; readonly registration: Metric.Registration }>()

  constructor(context: Context.Context<never>) {
    this.context = context
  }

  /** Shows these and no others. */
  replace(readings: ReadonlyArray<Reading>): void {
    const gone = new Set(this.values.keys())
    for (const reading of readings) {
      const key = `${reading.definition.name} ${JSON.stringify(reading.attributes)}`
      gone.delete(key)
      const known = this.values.get(key)
      if (known === undefined) this.add(key, reading)
      else known.value = reading.value
    }
    for (const key of gone) {
      this.values.get(key)?.registration.remove()
      this.values.delete(key)
    }
  }

  private add(key: string, { attributes, definition, value }: Reading): void {
    const options = optionsOf(definition, attributes)
    const held = { value }
    const ignore = () => {}
    // counters are what the broker has counted, not what this process adds
    const registration = definition.kind === "counter"
      ? Metric.registerUnsafe(Metric.counter(definition.name, { ...options, incremental: true }), this.context, {
        get: () => ({ count: held.value, incremental: true }),
        update: ignore,
        modify: ignore
      })
      : Metric.registerUnsafe(Metric.gauge(definition.name, options), this.context, {
        get: () => ({ value: held.value }),
        update: ignore,
        modify: ignore
      })
    this.values.set(key, Object.assign(held, { registration }))
  }
}

/** Makes the reading of them; running it fails never. Closing the scope takes the gauges away. */
export const make = Effect.fnUntraced(function*(
  { every = "5 seconds", queues }: Options
): Effect.fn.Return<Effect.Effect<void>, never, Inspector | Scope.Scope> {
  const context = yield* Effect.context<Inspector>()
  const shown = new Shown(context)
  yield* Effect.addFinalizer(() => Effect.sync(() => shown.replace([])))
  const reading = read(queues).pipe(
    Effect.timeout(readWithin),
    Effect.exit,
    Effect.flatMap((exit) => {
      shown.replace(Exit.isSuccess(exit) ? exit.value : [])
      return Exit.isSuccess(exit) ? Effect.void : Effect.logDebug("the queues could not be read", exit.cause)
    }),
    Effect.provideContext(context)
  )
  return yield* Effect.cachedWithTTL(reading, every)
})
