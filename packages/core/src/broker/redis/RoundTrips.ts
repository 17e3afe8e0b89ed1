/**
 * Measures the round trips of one connection, by what was being done; and tells of each in the log at level Trace.
 * Made by `Connection`.
 */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Attributes from "../../observability/AttributeNames.ts"
import { CallProbe } from "../../observability/CallProbe.ts"
import { type Counter, Meter } from "../../observability/Meter.ts"
import * as MetricNames from "../../observability/MetricNames.ts"

/** What is sent. */
export interface Trip {
  /** What is being done, in the glossary's verbs. */
  readonly operation: string
  /** The command. */
  readonly name: string
  readonly args: ReadonlyArray<string | number>
}

/** See the module. */
export class RoundTrips {
  /** Connections that were opened. */
  readonly connections: Counter
  private readonly meter: Meter
  private readonly probes = new Map<string, CallProbe>()

  /** Metrics and log lines go where the context says. */
  constructor(context: Context.Context<never>) {
    this.meter = new Meter(context)
    this.connections = this.meter.counter(MetricNames.redisConnections)
  }

  /** Sends a request once. */
  around<A, E extends { readonly _tag: string }, R>(
    { args, name, operation }: Trip,
    trip: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> {
    return this.probe(operation).around(trip, () => ({ command: name, arguments: args.length }))
  }

  private probe(operation: string): CallProbe {
    let probe = this.probes.get(operation)
    if (probe === undefined) {
      const attributes = { [Attributes.operationName]: operation }
      probe = new CallProbe(this.meter, MetricNames.redisRoundTrip, attributes, `redis ${operation}`)
      this.probes.set(operation, probe)
    }
    return probe
  }
}
