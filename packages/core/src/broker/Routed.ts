/**
 * Makes a `Broker` and an `Inspector` of a place that keeps jobs by partition. Every broker of ours is made here, so
 * routing, ids and the checks of new jobs are written once.
 *
 * It picks the partition of each new job, finds that of each old one in its id, splits calls by partition and joins the
 * answers in order. Calls to a queue with one partition are passed straight on. It keeps no job and decides no outcome.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { BrokerError } from "../job/BrokerError.ts"
import type { JobId } from "../job/JobId.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import { type ActAnswer, Broker, type ExtendAnswer, type Swept } from "./Broker.ts"
import { Callers } from "./Callers.ts"
import { Inspector } from "./Inspector.ts"
import * as Observed from "./Observed.ts"
import * as Openings from "./Openings.ts"
import type { PartitionStore } from "./PartitionStore.ts"
import type { Place } from "./Place.ts"
import * as RoutedEnqueue from "./RoutedEnqueue.ts"
import * as RoutedExchange from "./RoutedExchange.ts"
import * as RoutedInspector from "./RoutedInspector.ts"
import { partitionWithin, scatter } from "./Scatter.ts"

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/**
 * Ten random characters of base 62: 59 bits, so that no two brokers ever make the same id. Not from Effect's Random: two
 * lives under the same seed would make the same ids, and the second one's jobs would be taken for repeats.
 */
const makeNonce: Effect.Effect<string> = Effect.sync(() =>
  Array.from(crypto.getRandomValues(new Uint32Array(10)), (number) => digits[number % digits.length]!).join("")
)

/** Makes the two services over a store. */
export const make = Effect.fnUntraced(function*(store: PartitionStore) {
  const openings = Openings.make(store)
  const observed = Observed.make(yield* Effect.context<never>())
  const enqueueTo = RoutedEnqueue.make(store, yield* makeNonce, observed.enqueues)
  const callers = new Callers()
  const exchangeWith = RoutedExchange.make(store, callers)
  const broker = Broker.of({
    enqueue: (queue, jobs) => openings.whenOpen(queue, (count) => enqueueTo(count, queue, jobs)),
    exchange: (request) =>
      openings.whenOpen(request.queue, (count) =>
        count === 1
          ? store.exchange({ queue: request.queue, partition: 0 }, request)
          : exchangeWith(count, request)),
    ...forConsumers(store, openings, callers),
    ...forWaiters(store, openings),
    ...forOperators(store, openings),
    ...forDuties(store, openings)
  })
  return Context.make(Broker, observed.calls(broker)).pipe(
    Context.add(Inspector, RoutedInspector.make(store, openings.whenKnown))
  )
})

type Verbs<Name extends keyof Broker["Service"]> = Pick<Broker["Service"], Name>

const lost: ExtendAnswer = { _tag: "Lost" }

const forConsumers = (
  store: PartitionStore,
  { whenOpen }: Openings.Openings,
  callers: Callers
): Verbs<"extend" | "progress" | "wakeups"> => ({
  extend: (queue, leases, leaseMs) =>
    whenOpen(queue, (count) =>
      count === 1
        ? store.extend({ queue, partition: 0 }, leases, leaseMs)
        : scatter(
          leases,
          leases.map((lease) => partitionWithin(lease.id, count)),
          lost,
          (partition, own) => store.extend({ queue, partition }, own, leaseMs)
        )),
  progress: (queue, lease, progress) =>
    whenOpen(queue, (count) => {
      const partition = partitionWithin(lease.id, count)
      return partition === undefined ? Effect.succeed("lost") : store.progress({ queue, partition }, lease, progress)
    }),
  wakeups: (queue, consumer, onWake) =>
    whenOpen(queue, (count) =>
      count === 1
        ? store.wakeups(queue, consumer, (why) => onWake(why))
        : Effect.flatMap(
          Effect.acquireRelease(
            Effect.sync(() => callers.listen(queue.name, consumer)),
            () => Effect.sync(() => callers.unlisten(queue.name, consumer))
          ),
          (calling) =>
            store.wakeups(queue, consumer, (why, partition) => {
              if (partition !== undefined) calling.add(partition)
              else for (let any = 0; any < count; any++) calling.add(any)
              onWake(why)
            })
        ))
})

const forWaiters = (store: PartitionStore, { whenKnown }: Openings.Openings): Verbs<"awaitVerdict"> => ({
  awaitVerdict: (queue, id) =>
    whenKnown(queue, undefined, (count) => {
      const partition = partitionWithin(id, count)
      return partition === undefined ? Effect.undefined : store.awaitVerdict({ queue, partition }, id)
    })
})

const forOperators = (
  store: PartitionStore,
  { whenKnown, whenOpen }: Openings.Openings
): Verbs<"cancel" | "retry" | "promoteJobs" | "remove" | "pause" | "resume"> => {
  type ActOn = (place: Place, ids: ReadonlyArray<JobId>) => Effect.Effect<ReadonlyArray<ActAnswer>, BrokerError>
  const act = (queue: JobQueue, ids: ReadonlyArray<JobId>, actOn: ActOn) =>
    whenKnown(
      queue,
      ids.map((): ActAnswer => "not-found"),
      (count) =>
        scatter<JobId, ActAnswer>(
          ids,
          ids.map((id) => partitionWithin(id, count)),
          "not-found",
          (partition, own) => actOn({ queue, partition }, own)
        )
    )
  const everywhere = (queue: JobQueue, call: (place: Place) => Effect.Effect<void, BrokerError>) =>
    whenOpen(
      queue,
      (count) =>
        Effect.forEach(Array.from({ length: count }, (_, partition) => ({ queue, partition })), call, {
          concurrency: "unbounded",
          discard: true
        })
    )
  return {
    cancel: (queue, ids, reason) => act(queue, ids, (place, own) => store.cancel(place, own, reason)),
    retry: (queue, ids) => act(queue, ids, store.retry),
    promoteJobs: (queue, ids) => act(queue, ids, store.promoteJobs),
    remove: (queue, ids) => act(queue, ids, store.remove),
    pause: (queue) => everywhere(queue, store.pause),
    resume: (queue) => everywhere(queue, store.resume)
  }
}

type Sweep = (place: Place, limit: number) => Effect.Effect<Swept, BrokerError>

const forDuties = (
  store: PartitionStore,
  { whenKnown }: Openings.Openings
): Verbs<"drain" | "promote" | "rescue" | "prune"> => {
  let turn = 0
  const sweep = (queue: JobQueue, limit: number, one: Sweep) =>
    whenKnown(
      queue,
      { count: 0, more: false },
      (count) => count === 1 ? one({ queue, partition: 0 }, limit) : sweepAll(queue, count, turn++ % count, limit, one)
    )
  return {
    drain: (queue, limit) => sweep(queue, limit, store.drain),
    promote: (queue, limit) => sweep(queue, limit, store.promote),
    rescue: (queue, limit) => sweep(queue, limit, store.rescue),
    prune: (queue, limit) => sweep(queue, limit, store.prune)
  }
}

/**
 * Sweeps partition after partition until the limit is used up, beginning at another one each time so that none is
 * always last. `more` is true as well when some partitions were not looked at.
 */
const sweepAll = Effect.fnUntraced(function*(
  queue: JobQueue,
  count: number,
  start: number,
  limit: number,
  one: Sweep
): Effect.fn.Return<Swept, BrokerError> {
  let swept = 0
  let more = false
  for (let index = 0; index < count; index++) {
    if (swept >= limit) return { count: swept, more: true }
    const found = yield* one({ queue, partition: (start + index) % count }, limit - swept)
    swept += found.count
    more = found.more
  }
  return { count: swept, more }
})
