/**
 * The events of ONE partition, as a store keeps them. Internal; `PartitionStore` includes it, `RoutedEvents` reads it.
 *
 * Events of a partition are numbered without holes for as long as they are recorded. Each time that recording begins
 * again, one number is left out; so a reader finds that it has missed something by the number of what comes next.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BrokerError } from "../job/BrokerError.ts"
import type { JobId } from "../job/JobId.ts"
import type { JobEventName } from "./Events.ts"
import type { Place } from "./Place.ts"

/** A place in a partition's events: behind the event with this number. */
export interface EventPosition {
  /** Which numbering: a store that lost everything begins another one. Epoch milliseconds of its beginning. */
  readonly epoch: number
  readonly number: number
}

/** Where the numbering stands. */
export interface Recording extends EventPosition {
  /** Epoch milliseconds by the store's clock. */
  readonly atMs: number
}

/** One event; its position is its own number. `id` is `undefined` for `paused` and `resumed` only. */
export interface PartitionEvent extends Recording {
  readonly event: JobEventName | "paused" | "resumed"
  readonly id: JobId | undefined
  readonly task: string | undefined
  readonly attempt: number | undefined
}

/** See the module. */
export interface PartitionEvents {
  /** Records events until `forMs` from now at least (`Infinity`: always); keeps about the queue's `keepEvents` of them. */
  readonly record: (place: Place, forMs: number) => Effect.Effect<Recording, BrokerError>
  /**
   * The next events after a position, oldest first, a bounded number: all that are kept, where the position is of an
   * earlier numbering; none where it is ahead of all.
   */
  readonly events: (place: Place, after: EventPosition) => Effect.Effect<ReadonlyArray<PartitionEvent>, BrokerError>
  /** Calls back whenever there may be more events, until the scope closes; it can come late, but it comes. */
  readonly eventHints: (place: Place, onHint: () => void) => Effect.Effect<void, BrokerError, Scope.Scope>
}
