/**
 * Puts new jobs where they belong: checks each, picks its partition, makes its id if the caller gave none, and sends
 * them on. The hot path of producers: one partition and no refusal costs one small object per job and nothing else.
 */
import * as Effect from "effect/Effect"
import { BrokerError } from "../job/BrokerError.ts"
import { QueueFull, type Refusal } from "../job/EnqueueError.ts"
import * as JobId from "../job/JobId.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import { refusalOf } from "./Admission.ts"
import type { EnqueueAnswer, NewJob } from "./Broker.ts"
import type { EnqueueObserver } from "./Observed.ts"
import { partFailureOf } from "./PartFailure.ts"
import * as Partition from "./Partition.ts"
import type { PartitionStore, PlacedJob, Stored } from "./PartitionStore.ts"
import { scatter } from "./Scatter.ts"

/** Enqueues to a queue that is known to have `count` partitions. */
export type EnqueueTo = (
  count: number,
  queue: JobQueue,
  jobs: ReadonlyArray<NewJob>
) => Effect.Effect<ReadonlyArray<EnqueueAnswer>, BrokerError>

/** `nonce` is what sets this broker's ids apart from those of all others: 10 random characters. */
export const make = (store: PartitionStore, nonce: string, observer: EnqueueObserver): EnqueueTo => {
  let made = 0
  let turn = 0

  const placeAll = (count: number, queue: JobQueue, jobs: ReadonlyArray<NewJob>): Placed => {
    const placed: Placed = { jobs: [], partitions: [], refusals: undefined }
    for (let index = 0; index < jobs.length; index++) {
      const job = jobs[index]!
      const refusal = refusalOf(queue, job)
      if (refusal !== undefined) {
        placed.refusals = (placed.refusals ?? new Map<number, Refusal>()).set(index, refusal)
        continue
      }
      const text = job.key ?? job.id
      const partition = count === 1 ? 0 : text === undefined ? turn++ % count : Partition.ofText(text, count)
      if (count > 1) placed.partitions.push(partition)
      placed.jobs.push({ jobId: JobId.make(partition, job.id ?? nonce + (made++).toString(36)), job: timed(job) })
    }
    return placed
  }

  return (count, queue, jobs) =>
    Effect.suspend(() => {
      if (jobs.length === 0) return Effect.succeed([])
      const from = observer.now()
      const placed = placeAll(count, queue, jobs)
      return Effect.matchCauseEffect(send(store, count, queue, placed), {
        onSuccess: (stored) => {
          const answers = join(queue, jobs.length, placed, stored)
          return observer.answered(queue, answers, from) ?? Effect.succeed(answers)
        },
        onFailure: (cause) => observer.failed(queue, jobs.length, cause, from)
      })
    })
}

/** What is left of a call once each job is checked and has its place; refusals by their position in the call. */
interface Placed {
  readonly jobs: Array<PlacedJob>
  /** Empty where the queue has one partition. */
  readonly partitions: Array<number>
  refusals: Map<number, Refusal> | undefined
}

/** Most jobs are to run at once and stay the object that came: 300 bytes less for each that waits to be sent. */
const timed = (job: NewJob): PlacedJob["job"] => {
  if (job.delayMs === 0 && job.runAtMs === undefined) return job
  const delayMs = Math.ceil(job.delayMs)
  const runAtMs = job.runAtMs === undefined ? undefined : Math.ceil(job.runAtMs)
  return {
    ...job,
    delayMs,
    runAtMs,
    delayedMs: delayMs > 0 && runAtMs === undefined ? delayMs : undefined,
    notBeforeMs: runAtMs
  }
}

const send = (
  store: PartitionStore,
  count: number,
  queue: JobQueue,
  { jobs, partitions }: Placed
): Effect.Effect<ReadonlyArray<Stored>, BrokerError> => {
  if (jobs.length === 0) return Effect.succeed([])
  if (count === 1) return store.enqueue({ queue, partition: 0 }, jobs)
  const toPart = (partition: number, own: ReadonlyArray<PlacedJob>) =>
    Effect.catch(store.enqueue({ queue, partition }, own), (error) => {
      const failure = partFailureOf(error)
      return failure === undefined ? Effect.fail(error) : Effect.succeed(own.map((): Stored => failure))
    })
  return Effect.flatMap(scatter<PlacedJob, Stored>(jobs, partitions, "full", toPart), unlessAllFailed)
}

/** A call of which no part was answered fails. */
const unlessAllFailed = (stored: ReadonlyArray<Stored>): Effect.Effect<ReadonlyArray<Stored>, BrokerError> => {
  const first = stored[0]
  return typeof first === "object" && stored.every((one) => typeof one === "object")
    ? Effect.fail(new BrokerError({ reason: first }))
    : Effect.succeed(stored)
}

const answerOf = (queue: JobQueue, { job, jobId }: PlacedJob, stored: Stored): EnqueueAnswer => {
  if (typeof stored === "object") {
    return stored._tag === "BrokerUnavailable"
      ? { answer: "unknown", id: jobId, reason: stored }
      : { answer: "refused", reason: stored }
  }
  return stored === "full"
    // only a queue with a limit is ever full
    ? { answer: "refused", reason: new QueueFull({ queue: queue.name, limit: queue.maxJobs! }) }
    // an id that was made for this call can only be known because the call was repeated after a lost reply
    : { answer: job.id === undefined ? "created" : stored, id: jobId }
}

const join = (
  queue: JobQueue,
  length: number,
  { jobs, refusals }: Placed,
  stored: ReadonlyArray<Stored>
): ReadonlyArray<EnqueueAnswer> => {
  if (refusals === undefined) return jobs.map((job, index) => answerOf(queue, job, stored[index]!))
  const answers: Array<EnqueueAnswer> = []
  for (let index = 0, at = 0; index < length; index++) {
    const refusal = refusals.get(index)
    answers.push(
      refusal === undefined ? answerOf(queue, jobs[at]!, stored[at++]!) : { answer: "refused", reason: refusal }
    )
  }
  return answers
}
