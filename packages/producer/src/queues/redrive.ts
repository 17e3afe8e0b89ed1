/**
 * Brings dead jobs back: looks through the dead jobs of a queue, picks those that are meant, and retries them.
 *
 * Bounded: about 10,000 jobs are looked at in one call, in pages; then the answer has a cursor to go on from. Jobs that
 * others move meanwhile may be missed, and a further call without a cursor finds them.
 */
import { Broker } from "@sluice/core/Broker"
import type { BrokerError } from "@sluice/core/BrokerError"
import { Inspector } from "@sluice/core/Inspector"
import type { Job } from "@sluice/core/Job"
import type { JobId } from "@sluice/core/JobId"
import type { JobQueue } from "@sluice/core/JobQueue"
import type { QueueDocument } from "@sluice/core/api"
import * as Effect from "effect/Effect"

/** The most dead jobs that one call looks at. */
const examinedLimit = 10_000
const defaultLimit = 1000
const pageSize = 500

const isMeant = (job: Job, { key, kind, reason, task }: QueueDocument.RedriveBody): boolean =>
  (task === undefined || job.task === task) &&
  (key === undefined || job.key === key) &&
  (reason === undefined || (job.verdict?._tag === "Dead" && job.verdict.reason === reason)) &&
  (kind === undefined || job.failures.at(-1)?.kind === kind)

interface Picked {
  readonly ids: ReadonlyArray<JobId>
  readonly examined: number
  readonly cursor: string | undefined
}

/** Looks page by page until enough are found, enough were looked at, or there are no more. */
const pick = Effect.fnUntraced(function*(
  queue: JobQueue,
  body: QueueDocument.RedriveBody
): Effect.fn.Return<Picked, BrokerError, Inspector> {
  const inspector = yield* Inspector
  const limit = body.limit ?? defaultLimit
  const ids: Array<JobId> = []
  let examined = 0
  let cursor = body.cursor
  do {
    const page = yield* inspector.list(queue, "dead", { cursor, limit: pageSize })
    const meant = page.jobs.flatMap((job, index) => isMeant(job, body) ? [{ id: job.id, index }] : [])
      .slice(0, limit - ids.length)
    ids.push(...meant.map(({ id }) => id))
    const last = meant.at(-1)
    if (ids.length === limit && last !== undefined && last.index < page.jobs.length - 1) {
      // the same page, cut behind the last one picked: its cursor is where to go on
      const upToLast = yield* inspector.list(queue, "dead", { cursor, limit: last.index + 1 })
      return { ids, examined: examined + last.index + 1, cursor: upToLast.cursor }
    }
    examined += page.jobs.length
    cursor = page.cursor
  } while (cursor !== undefined && ids.length < limit && examined < examinedLimit)
  return { ids, examined, cursor }
})

const chunks = <A>(all: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size))

/** Redrives, or with `dryRun` only tells which jobs are meant. */
export const redrive = Effect.fnUntraced(function*(
  queue: JobQueue,
  body: QueueDocument.RedriveBody
): Effect.fn.Return<QueueDocument.Redriven, BrokerError, Broker | Inspector> {
  const broker = yield* Broker
  const { cursor, examined, ids } = yield* pick(queue, body)
  const isDryRun = body.dryRun ?? false
  const answers = yield* Effect.forEach(isDryRun ? [] : chunks(ids, pageSize), (some) => broker.retry(queue, some))
  return {
    queue: queue.name,
    dryRun: isDryRun,
    examined,
    matched: ids.length,
    redriven: answers.flat().filter((answer) => answer === "done").length,
    ids,
    ...(cursor === undefined ? {} : { cursor })
  }
})
