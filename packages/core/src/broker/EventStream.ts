/**
 * The events of a queue as a stream: what `Events` reads, for whoever has `effect/Stream` loaded anyway.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { BrokerError } from "../job/BrokerError.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import { Events, type QueueEvent, type ReadOptions } from "./Events.ts"

/**
 * Everything that happens to a queue's jobs from now on, or after a cursor. It begins with `listening` and never ends; it
 * fails when the broker can't be reached, and a new stream after the last cursor goes on without loss. Whoever takes
 * slowly gets a `gap` once it is more than the queue's `keepEvents` behind.
 */
export const make = (queue: JobQueue, options?: ReadOptions): Stream.Stream<QueueEvent, BrokerError, Events> =>
  Stream.unwrap(Effect.map(
    Events.use((events) => events.read(queue, options)),
    (reader) =>
      Stream.paginate(undefined, () => Effect.map(reader.next, (events) => [events, Option.some(undefined)] as const))
  ))
