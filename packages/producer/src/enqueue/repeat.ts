/**
 * Whether a job that was there already is the one that was sent now. Asked only for ids that came from an
 * `Idempotency-Key`: such a key stands for one request, and another job under it would be lost without a word.
 *
 * An `id` in the job itself is a name: whoever enqueues under it again wants one job, whatever the payload says now.
 */
import { Problems } from "@sluice/core/api"
import type { EnqueueAnswer } from "@sluice/core/Broker"
import type { BrokerError } from "@sluice/core/BrokerError"
import { Inspector } from "@sluice/core/Inspector"
import type { Job } from "@sluice/core/Job"
import type { JobId } from "@sluice/core/JobId"
import type { JobQueue } from "@sluice/core/JobQueue"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import type { Origin } from "./newJob.ts"
import type { Item } from "./parseItem.ts"

/** Whether two JSON texts mean the same: the order of an object's members and white space do not count. */
const isSameJson = (stored: string, { payload, value }: Item): boolean => {
  if (stored === payload) return true
  try {
    return Equal.equals(JSON.parse(stored), value)
  } catch {
    return false
  }
}

/** The same task, version and payload. What else a job has may be computed anew for a repeat, such as its time. */
const isRepeat = (stored: Job, item: Item): boolean =>
  stored.task === item.options.task && stored.version === (item.options.version ?? 1) &&
  isSameJson(stored.payload, item)

const reused = (id: JobId) =>
  new Problems.IdempotencyKeyReused({
    id,
    detail: `The Idempotency-Key belongs to job ${id}, which is another one. This job was not enqueued. Take a new key.`
  })

/** Whether an answer of the broker calls for a look at the job that is there. Most do not, and then nothing is asked. */
export const isInDoubt = ({ key }: Origin, item: Item, { answer }: EnqueueAnswer): boolean =>
  answer === "existing" && key !== undefined && item.options.id === undefined

/** The problem of a job under a used key; `undefined`: it is that very job. */
export const reuseOf = (
  queue: JobQueue,
  id: JobId,
  item: Item
): Effect.Effect<Problems.IdempotencyKeyReused | undefined, BrokerError, Inspector> =>
  Effect.map(
    Inspector.use((inspector) => inspector.job(queue, id)),
    // one that has gone meanwhile was there: its id is as good as used
    (found) => Option.isSome(found) && !isRepeat(found.value, item) ? reused(id) : undefined
  )
