/**
 * The Inspector over a store's partitions: sums of counts, and lists that go on from partition to partition.
 *
 * It never opens a queue: a queue that was never used has no jobs, and looking at it leaves no trace.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { BrokerError } from "../job/BrokerError.ts"
import type { Job } from "../job/Job.ts"
import type { JobState } from "../job/JobState.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import { Inspector, type Page, type QueueStats, type Totals } from "./Inspector.ts"
import type { PartitionStore } from "./PartitionStore.ts"
import type { WhenKnown } from "./Openings.ts"
import { partitionWithin } from "./Scatter.ts"

/** The most jobs of one page. */
const pageLimit = 1000

/** Makes the inspector. */
export const make = (store: PartitionStore, whenKnown: WhenKnown): Inspector["Service"] =>
  Inspector.of({
    job: (queue, id) =>
      whenKnown(queue, Option.none(), (count) => {
        const partition = partitionWithin(id, count)
        return partition === undefined
          ? Effect.succeed(Option.none())
          : Effect.map(store.job({ queue, partition }, id), Option.fromUndefinedOr)
      }),
    list: (queue, state, options) =>
      whenKnown(queue, lastPage, (count) => {
        const limit = Math.min(Math.max(1, Math.floor(options?.limit ?? 100)), pageLimit)
        const from = options?.cursor === undefined ? { partition: 0, cursor: undefined } : readCursor(options.cursor)
        return from === undefined ? Effect.succeed(lastPage) : list(store, count, queue, state, from, limit)
      }),
    stats: (queue) =>
      whenKnown(queue, emptyStats(queue.name, queue.partitions ?? 1), (count) =>
        Effect.map(
          Effect.forEach(Array.from({ length: count }, (_, partition) => ({ queue, partition })), store.stats, {
            concurrency: "unbounded"
          }),
          (all) => all.length === 1 ? all[0]! : all.reduce(add)
        )),
    queues: Effect.map(store.queues, (names) => names.toSorted())
  })

const lastPage: Page = { jobs: [], cursor: undefined }

interface Position {
  readonly partition: number
  readonly cursor: string | undefined
}

/** `<partition> <the store's cursor>`; a text that no page gave ends the list. */
const readCursor = (text: string): Position | undefined => {
  const found = /^(\d{1,4}) (.*)$/s.exec(text)
  return found === null ? undefined : { partition: Number(found[1]), cursor: found[2] === "" ? undefined : found[2] }
}

const writeCursor = ({ cursor, partition }: Position): string => `${partition} ${cursor ?? ""}`

const list = Effect.fnUntraced(function*(
  store: PartitionStore,
  count: number,
  queue: JobQueue,
  state: JobState,
  from: Position,
  limit: number
): Effect.fn.Return<Page, BrokerError> {
  const jobs: Array<Job> = []
  let position = from
  while (position.partition < count) {
    // full exactly where a partition ended: the next page begins at the next partition, which may be empty
    if (jobs.length === limit) return { jobs, cursor: writeCursor(position) }
    const page = yield* store.list(
      { queue, partition: position.partition },
      state,
      position.cursor,
      limit - jobs.length
    )
    for (const job of page.jobs) jobs.push(job)
    if (page.next !== undefined) {
      return { jobs, cursor: writeCursor({ partition: position.partition, cursor: page.next }) }
    }
    position = { partition: position.partition + 1, cursor: undefined }
  }
  return { jobs, cursor: undefined }
})

const noStates: QueueStats["states"] = {
  scheduled: 0,
  blocked: 0,
  available: 0,
  running: 0,
  retryable: 0,
  completed: 0,
  cancelled: 0,
  dead: 0
}

const noTotals: Totals = {
  enqueued: 0,
  completed: 0,
  cancelled: 0,
  dead: 0,
  retried: 0,
  rescued: 0,
  pruned: 0,
  removed: 0
}

const emptyStats = (queue: string, partitions: number): QueueStats => ({
  queue,
  partitions,
  paused: false,
  states: noStates,
  totals: noTotals,
  oldestWaitMs: undefined,
  nextDueMs: undefined
})

const sum = <Name extends string>(
  left: { readonly [Key in Name]: number },
  right: { readonly [Key in Name]: number },
  names: ReadonlyArray<Name>
): { readonly [Key in Name]: number } => {
  const total: { [Key in Name]: number } = { ...left }
  for (const name of names) total[name] += right[name]
  return total
}

const pick = (
  choose: (left: number, right: number) => number,
  left: number | undefined,
  right: number | undefined
): number | undefined => left === undefined ? right : right === undefined ? left : choose(left, right)

const stateNames = Object.keys(noStates) as ReadonlyArray<JobState>
const totalNames = Object.keys(noTotals) as ReadonlyArray<keyof Totals>

const add = (left: QueueStats, right: QueueStats): QueueStats => ({
  queue: left.queue,
  partitions: left.partitions + right.partitions,
  paused: left.paused && right.paused,
  states: sum(left.states, right.states, stateNames),
  totals: sum(left.totals, right.totals, totalNames),
  oldestWaitMs: pick(Math.max, left.oldestWaitMs, right.oldestWaitMs),
  nextDueMs: pick(Math.min, left.nextDueMs, right.nextDueMs)
})
