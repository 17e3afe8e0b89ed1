/**
 * Refuses to start where this process and Redis disagree about a queue's partitions. `Consumer.layer` asks before its
 * first claim.
 *
 * Only queues that name a number can disagree; the others cost no call. A broker that does not answer, or fails otherwise,
 * is no reason: the consumer starts and goes on trying, and its health says so.
 */
import type { Broker } from "@sluice/core/Broker"
import type { PartitionMismatch } from "@sluice/core/BrokerError"
import type { JobQueue } from "@sluice/core/JobQueue"
import * as Effect from "effect/Effect"

const checkOne = (broker: Broker["Service"], queue: JobQueue): Effect.Effect<void, PartitionMismatch> =>
  broker.extend(queue, [], 1000).pipe(
    Effect.catchDefect(() => Effect.void),
    Effect.catch(({ reason }) => reason._tag === "PartitionMismatch" ? Effect.fail(reason) : Effect.void),
    Effect.asVoid
  )

/** Fails with the first queue whose stored number of partitions is another one. */
export const startCheck = (
  broker: Broker["Service"],
  queues: ReadonlyArray<JobQueue>
): Effect.Effect<void, PartitionMismatch> =>
  Effect.forEach(
    queues.filter((queue) => queue.partitions !== undefined),
    (queue) => checkOne(broker, queue),
    { concurrency: "unbounded", discard: true }
  )
