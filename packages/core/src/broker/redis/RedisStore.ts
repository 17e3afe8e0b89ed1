/**
 * Keeps jobs in Redis: `PartitionStore` as calls of the Lua scripts.
 *
 * Here is which call each operation is; the shapes of calls and replies are in the files it uses. Enqueues of many
 * callers share calls (GroupCommit); everything else is sent as it comes, in pieces that keep each script call bounded.
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { BrokerError, PartitionMismatch } from "../../job/BrokerError.ts"
import type { JobQueue } from "../../task/JobQueue.ts"
import type { PartitionStore } from "../PartitionStore.ts"
import type { Place } from "../Place.ts"
import type { Connection } from "./Connection.ts"
import * as Exchange from "./Exchange.ts"
import { GroupCommit } from "./GroupCommit.ts"
import * as Keys from "./Keys.ts"
import * as Operations from "./Operations.ts"
import * as RedisEvents from "./RedisEvents.ts"
import type { Settings } from "./RedisConfig.ts"
import * as Reply from "./Reply.ts"
import { begin, run } from "./Scripts.ts"
import * as StoreCalls from "./StoreCalls.ts"
import * as Subscriber from "./Subscriber.ts"
import * as Verdicts from "./Verdicts.ts"
import * as Views from "./Views.ts"

/** Runs an effect in the background. */
type Fork = <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>

const open = (connection: Connection, prefix: string, queue: JobQueue): Effect.Effect<number, BrokerError> => {
  const args = begin("open", Keys.queues(prefix))
  args.push(queue.name, queue.partitions ?? 1)
  return Effect.flatMap(run(connection, "open", "open", args), (reply) => {
    const stored = Reply.number(reply)
    return queue.partitions === undefined || queue.partitions === stored
      ? Effect.succeed(stored)
      : Effect.fail(
        new BrokerError({ reason: new PartitionMismatch({ queue: queue.name, stored, given: queue.partitions }) })
      )
  })
}

/** What is known of all queues. A server that comes back without its data is told again which ones we use. */
const catalogue = (
  connection: Connection,
  prefix: string,
  fork: Fork
): Pick<PartitionStore, "open" | "partitions" | "queues"> => {
  const opened = new Map<string, JobQueue>()
  connection.onReady(() => {
    for (const queue of opened.values()) fork(Effect.ignore(open(connection, prefix, queue)))
  })
  return {
    open: (queue) =>
      Effect.tap(
        open(connection, prefix, queue),
        (partitions) => Effect.sync(() => opened.set(queue.name, { ...queue, partitions }))
      ),
    partitions: (queue) =>
      Effect.map(
        connection.call({ operation: "inspect", name: "hget", args: [Keys.queues(prefix), queue.name] }),
        (reply) => reply === null ? undefined : Reply.number(reply)
      ),
    queues: Effect.map(
      connection.call({ operation: "inspect", name: "hkeys", args: [Keys.queues(prefix)] }),
      (reply) => Reply.texts(reply).toSorted()
    )
  }
}

/** The group commits of all partitions, made when first used. `name` is this store's alone. */
const enqueues = (calls: StoreCalls.StoreCalls, name: string, fork: Fork): PartitionStore["enqueue"] => {
  const commits = new Map<string, GroupCommit>()
  const commitOf = (place: Place): GroupCommit => {
    const base = calls.baseOf(place)
    let commit = commits.get(base)
    if (commit === undefined) {
      commit = new GroupCommit(base, name, (args, done) => {
        fork(run(calls.connection, "enqueue", "enqueue", args)).addObserver(done)
      })
      commits.set(base, commit)
    }
    return commit
  }
  return (place, jobs) =>
    jobs.length === 0
      ? Effect.succeed([])
      : calls.withNow((now) => commitOf(place).enqueue(place.queue, jobs, now))
}

/** Tells a consumer of messages about its queue. After a reconnect there may be work that nobody told of. */
const wakeups = (prefix: string, listen: Subscriber.Listen): PartitionStore["wakeups"] => (queue, consumer, onWake) =>
  listen("wakeups", Keys.wakeChannel(prefix, consumer), {
    onMessage: (message) => {
      const base = message.slice(1)
      if (Keys.queueOf(prefix, base) !== queue.name) return
      onWake(message[0] === "c" ? "cancel" : "work", Keys.partitionOf(base))
    },
    onMissed: () => onWake("work", undefined)
  })

/** Makes the store over a connection. */
export const make: (
  settings: Settings,
  connection: Connection
) => Effect.Effect<PartitionStore, never, Scope.Scope> = Effect.fnUntraced(
  function*(settings: Settings, connection: Connection) {
    const { prefix } = settings
    const fork: Fork = Effect.runForkWith(yield* Effect.context<never>())
    const name = `enqueue-${crypto.randomUUID()}`
    const calls = StoreCalls.make(connection, settings)
    const listen = yield* Subscriber.make(settings)
    const awaitVerdict = yield* Verdicts.make(prefix, connection, listen)
    return {
      ...catalogue(connection, prefix, fork),
      ...RedisEvents.make(calls, listen, fork),
      enqueue: enqueues(calls, name, fork),
      exchange: (place, request) => Exchange.exchange(calls, place, request),
      extend: (place, leases, leaseMs) => Exchange.extend(calls, place, leases, leaseMs),
      progress: (place, lease, text) => Exchange.progress(calls, place, lease, text),
      wakeups: wakeups(prefix, listen),
      awaitVerdict: (place, id) => awaitVerdict(calls.baseOf(place), id),
      cancel: (place, ids, reason) => Operations.cancel(calls, place, ids, reason),
      retry: (place, ids) => Operations.retry(calls, place, ids),
      promoteJobs: (place, ids) => Operations.promoteJobs(calls, place, ids),
      remove: (place, ids) => Operations.remove(calls, place, ids),
      pause: (place) => Operations.setPaused(calls, place, true),
      resume: (place) => Operations.setPaused(calls, place, false),
      drain: (place, limit) => Operations.sweep(calls, "drain", place, limit),
      promote: (place, limit) => Operations.sweep(calls, "promote", place, limit),
      rescue: (place, limit) => Operations.sweep(calls, "rescue", place, limit),
      prune: (place, limit) => Operations.sweep(calls, "prune", place, limit),
      job: (place, id) =>
        Effect.map(calls.call("inspect", "inspectJob", place, [id]), (reply) => Views.job(place.queue.name, reply)),
      list: (place, state, cursor, limit) =>
        Effect.map(
          calls.call("inspect", "inspectList", place, [state, limit, ...Views.placeOf(cursor)]),
          (reply) => Views.page(place.queue.name, reply)
        ),
      stats: (place) =>
        Effect.map(calls.call("inspect", "inspectStats", place, []), (reply) => Views.stats(place.queue.name, reply))
    }
  }
)
