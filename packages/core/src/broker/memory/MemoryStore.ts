/**
 * Keeps jobs in this process's memory: the executable specification of `PartitionStore`, for tests, demos and apps that
 * need no durability. Time is Effect's Clock. Everything is gone with the process.
 *
 * The verbs are the plain functions beside this file; here they get the time, and what they had to tell is delivered.
 */
import * as Effect from "effect/Effect"
import { BrokerError, PartitionMismatch } from "../../job/BrokerError.ts"
import { type Final, isFinal } from "../../job/JobState.ts"
import type { JobId } from "../../job/JobId.ts"
import type { JobQueue } from "../../task/JobQueue.ts"
import type { Ended } from "../Broker.ts"
import type { PartitionEvents } from "../PartitionEvents.ts"
import type { PartitionStore } from "../PartitionStore.ts"
import type { Place } from "../Place.ts"
import * as act from "./act.ts"
import { drain } from "./drain.ts"
import { enqueue } from "./enqueue.ts"
import { exchange } from "./exchange.ts"
import { extend, progress } from "./extend.ts"
import { type Listeners, MemoryPartition, type OnWake, type Waiter } from "./MemoryPartition.ts"
import { promote } from "./promote.ts"
import { prune } from "./prune.ts"
import * as read from "./read.ts"
import { rescue } from "./rescue.ts"

interface MemoryQueue {
  readonly partitions: ReadonlyArray<MemoryPartition>
  readonly listeners: Listeners
}

/** Runs a verb on a partition at the present time, then delivers what it had to tell. */
type Run = <A>(place: Place, verb: (partition: MemoryPartition, now: number) => A) => Effect.Effect<A>

/** Makes an empty store. */
export const make = (): PartitionStore => {
  const queues = new Map<string, MemoryQueue>()
  const partitionOf = (place: Place): MemoryPartition => {
    const partition = queues.get(place.queue.name)?.partitions[place.partition]
    if (partition === undefined) {
      throw new Error(`partition ${place.partition} of queue "${place.queue.name}" is not open`)
    }
    return partition
  }
  const run: Run = (place, verb) =>
    Effect.clockWith((clock) =>
      Effect.sync(() => {
        const partition = partitionOf(place)
        const now = clock.currentTimeMillisUnsafe()
        partition.events.begin(now)
        const answer = verb(partition, now)
        partition.flush()
        return answer
      })
    )
  return {
    open: (queue) => Effect.suspend(() => open(queues, queue)),
    partitions: (queue) => Effect.sync(() => queues.get(queue.name)?.partitions.length),
    queues: Effect.sync(() => [...queues.keys()].toSorted()),
    wakeups: (queue, consumer, onWake) =>
      Effect.asVoid(Effect.acquireRelease(
        Effect.sync(() => listen(queues, queue, consumer, onWake)),
        (stop) => Effect.sync(stop)
      )),
    awaitVerdict: (place, id) => Effect.callback((resume) => awaitVerdict(partitionOf(place), id, resume)),
    ...jobVerbs(run),
    ...operatorVerbs(run),
    ...duties(run),
    ...reads(run),
    ...events(run, partitionOf)
  }
}

type Verbs<Name extends keyof PartitionStore> = Pick<PartitionStore, Name>

const jobVerbs = (run: Run): Verbs<"enqueue" | "exchange" | "extend" | "progress"> => ({
  enqueue: (place, jobs) => run(place, (partition, now) => enqueue(partition, now, jobs, place.queue.maxJobs)),
  exchange: (place, request) => run(place, (partition, now) => exchange(partition, now, request)),
  extend: (place, leases, leaseMs) =>
    run(place, (partition, now) => leases.map((lease) => extend(partition, now, lease, leaseMs))),
  progress: (place, lease, text) => run(place, (partition, now) => progress(partition, now, lease, text))
})

const operatorVerbs = (run: Run): Verbs<"cancel" | "retry" | "promoteJobs" | "remove" | "pause" | "resume"> => ({
  cancel: (place, ids, reason) =>
    run(place, (partition, now) => ids.map((id) => act.cancel(partition, now, id, reason))),
  retry: (place, ids) => run(place, wakingFor(act.retry, ids)),
  promoteJobs: (place, ids) => run(place, wakingFor(act.promoteJob, ids)),
  remove: (place, ids) => run(place, (partition) => ids.map((id) => act.remove(partition, id))),
  pause: (place) =>
    run(place, (partition) => {
      if (!partition.paused) partition.events.note("paused", undefined)
      partition.paused = true
    }),
  resume: (place) =>
    run(place, (partition) => {
      if (partition.paused) partition.events.note("resumed", undefined)
      partition.paused = false
      partition.wakeIdle(Infinity)
    })
})

const duties = (run: Run): Verbs<"drain" | "promote" | "rescue" | "prune"> => ({
  drain: (place, limit) => run(place, (partition) => drain(partition, limit)),
  promote: (place, limit) => run(place, (partition, now) => promote(partition, now, limit)),
  rescue: (place, limit) => run(place, (partition, now) => rescue(partition, now, limit)),
  prune: (place, limit) => run(place, (partition, now) => prune(partition, now, limit))
})

const reads = (run: Run): Verbs<"job" | "list" | "stats"> => ({
  job: (place, id) => run(place, (partition) => read.job(partition, place.queue.name, id)),
  list: (place, state, cursor, limit) =>
    run(place, (partition) => read.list(partition, place.queue.name, state, cursor, limit)),
  stats: (place) => run(place, (partition, now) => read.stats(partition, place.queue.name, now))
})

const events = (run: Run, partitionOf: (place: Place) => MemoryPartition): PartitionEvents => ({
  record: (place, forMs) => run(place, (partition) => partition.events.record(forMs, place.queue.keepEvents)),
  events: (place, after) => run(place, (partition) => partition.events.after(after)),
  eventHints: (place, onHint) =>
    Effect.asVoid(Effect.acquireRelease(
      Effect.sync(() => partitionOf(place).events.listen(onHint)),
      (stop) => Effect.sync(stop)
    ))
})

const open = (queues: Map<string, MemoryQueue>, queue: JobQueue): Effect.Effect<number, BrokerError> => {
  const stored = queues.get(queue.name)?.partitions.length
  if (stored === undefined) {
    const listeners: Listeners = new Map()
    const partitions = Array.from(
      { length: queue.partitions ?? 1 },
      (_, number) => new MemoryPartition(listeners, number)
    )
    queues.set(queue.name, { partitions, listeners })
    return Effect.succeed(partitions.length)
  }
  return queue.partitions === undefined || queue.partitions === stored
    ? Effect.succeed(stored)
    : Effect.fail(
      new BrokerError({ reason: new PartitionMismatch({ queue: queue.name, stored, given: queue.partitions }) })
    )
}

/** Adds a listener; answers how to stop listening. */
const listen = (queues: Map<string, MemoryQueue>, queue: JobQueue, consumer: string, onWake: OnWake): () => void => {
  const { listeners } = queues.get(queue.name)!
  // a function of its own, so that the same callback may listen twice
  const listener: OnWake = (why, partition) => onWake(why, partition)
  listeners.set(consumer, (listeners.get(consumer) ?? new Set()).add(listener))
  return () => {
    const left = listeners.get(consumer)
    left?.delete(listener)
    if (left?.size === 0) listeners.delete(consumer)
  }
}

/** Answers at once if the job has ended or is unknown; else waits. Answers how to stop waiting. */
const awaitVerdict = (
  partition: MemoryPartition,
  id: JobId,
  resume: (effect: Effect.Effect<Ended | undefined>) => void
): Effect.Effect<void> => {
  const job = partition.jobs.get(id)
  if (job === undefined || isFinal(job.state)) {
    // a job in a final state always has its verdict: `finish` sets both
    resume(Effect.succeed(job && { state: job.state as Final, verdict: job.verdict! }))
    return Effect.void
  }
  job.awaited = true
  const waiter: Waiter = (ended) => resume(Effect.succeed(ended))
  partition.waiters.set(id, (partition.waiters.get(id) ?? new Set()).add(waiter))
  return Effect.sync(() => {
    const left = partition.waiters.get(id)
    left?.delete(waiter)
    if (left?.size === 0) partition.waiters.delete(id)
  })
}

/** Acts on each id, and wakes an idle consumer for each job that became available. */
const wakingFor =
  <Answer>(actOn: (partition: MemoryPartition, id: JobId) => Answer, ids: ReadonlyArray<JobId>) =>
  (partition: MemoryPartition): ReadonlyArray<Answer> => {
    const answers = ids.map((id) => actOn(partition, id))
    partition.wakeIdle(answers.filter((answer) => answer === "done").length)
    return answers
  }
