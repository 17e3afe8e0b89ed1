/**
 * The leases that this process holds in one queue, and how they are kept: which to extend, until when each surely holds,
 * and which have been lost.
 *
 * `QueueRunner` enters and strikes them, `Heartbeat` extends them. A lease stays in the book until the broker has
 * answered its settlement, so that a job that waits to be settled does not lose its lease over it.
 */
import type { ExtendAnswer } from "@sluice/core/Broker"
import type { JobId } from "@sluice/core/JobId"
import type { LeaseRef } from "@sluice/core/Lease"
import type { RunningJob, Stop } from "./RunningJob.ts"

/** See the module. All times are the host's monotonic ms. */
export interface LeaseBook {
  readonly enter: (job: RunningJob) => void
  /** The broker has answered the settlement, or there will be none. */
  readonly strike: (lease: LeaseRef) => void
  readonly jobs: () => Iterable<RunningJob>
  readonly size: () => number
  /** The leases as they are now, to be extended in one call. */
  readonly snapshot: () => ReadonlyArray<RunningJob>
  /** Applies what the broker said of a snapshot; the leases it extended hold until `heldUntil`. */
  readonly extended: (jobs: ReadonlyArray<RunningJob>, answers: ReadonlyArray<ExtendAnswer>, heldUntil: number) => void
  /** Gives up the leases that have not been extended in time; answers how many. */
  readonly expire: (now: number) => number
  /** When the first lease runs out unless it is extended; `undefined`: there is none. */
  readonly earliest: () => number | undefined
  /** How many leases of running jobs were lost so far. */
  readonly lost: () => number
}

/** Makes an empty book. `interrupt` is called for each running job whose handler has to stop. */
export const make = (interrupt: (job: RunningJob, stop: Stop) => void): LeaseBook => {
  // by id, because a token names all leases of one call; a job can come back with a new token before the old one is struck
  const book = new Map<JobId, RunningJob>()
  let lost = 0
  const lose = (job: RunningJob): void => {
    // a job that has ended waits for the answer to its settlement: that answer tells
    if (job.ended) return
    book.delete(job.claimed.id)
    lost++
    interrupt(job, { _tag: "Lost" })
  }
  const apply = (job: RunningJob, answer: ExtendAnswer, heldUntil: number): void => {
    if (book.get(job.claimed.id) !== job) return
    if (answer._tag === "Lost") return lose(job)
    job.heldUntil = heldUntil
    if (answer._tag === "Cancel") interrupt(job, { _tag: "Cancel", reason: answer.reason })
  }
  return {
    enter: (job) => {
      book.set(job.claimed.id, job)
    },
    strike: ({ id, token }) => {
      if (book.get(id)?.claimed.token === token) book.delete(id)
    },
    jobs: () => book.values(),
    size: () => book.size,
    snapshot: () => [...book.values()],
    extended: (jobs, answers, heldUntil) => {
      jobs.forEach((job, index) => {
        const answer = answers[index]
        if (answer !== undefined) apply(job, answer, heldUntil)
      })
    },
    expire: (now) => {
      const before = lost
      for (const job of [...book.values()]) if (job.heldUntil <= now) lose(job)
      return lost - before
    },
    earliest: () => {
      let first: number | undefined
      for (const job of book.values()) {
        if (!job.ended && (first === undefined || job.heldUntil < first)) first = job.heldUntil
      }
      return first
    },
    lost: () => lost
  }
}
