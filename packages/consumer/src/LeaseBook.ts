/**
 * The leases that this process holds in one queue: until when each surely holds, and which have been lost.
 *
 * `QueueRunner` enters and strikes them, `Heartbeat` extends them. A lease stays in the book until the broker has
 * answered its settlement, so that a job that waits to be settled does not lose its lease over it. All times are the
 * host's monotonic ms.
 */
import type { ExtendAnswer } from "@sluice/core/Broker"
import type { JobId } from "@sluice/core/JobId"
import type { LeaseRef } from "@sluice/core/Lease"
import type { RunningJob, Stop } from "./RunningJob.ts"

/** See the module. */
export class LeaseBook {
  // by id: a token names all leases of one call; and a job may come back with a new token before the old one is struck
  private readonly book = new Map<JobId, RunningJob>()
  private readonly interrupt: (job: RunningJob, stop: Stop) => void
  private lostCount = 0

  /** `interrupt` is called for each running job whose handler has to stop. */
  constructor(interrupt: (job: RunningJob, stop: Stop) => void) {
    this.interrupt = interrupt
  }

  /** A job was claimed. If an earlier attempt of it still runs here, that one has lost its lease: nobody else told yet. */
  enter(job: RunningJob): void {
    const earlier = this.book.get(job.claimed.id)
    if (earlier !== undefined) this.lose(earlier)
    this.book.set(job.claimed.id, job)
  }

  /** The broker has answered the settlement, or there will be none. */
  strike({ id, token }: LeaseRef): void {
    if (this.book.get(id)?.claimed.token === token) this.book.delete(id)
  }

  /** The leases as they are now. */
  snapshot(): ReadonlyArray<RunningJob> {
    return [...this.book.values()]
  }

  /** Applies what the broker said of these leases; those that it extended hold until `heldUntil`. */
  extended(jobs: ReadonlyArray<RunningJob>, answers: ReadonlyArray<ExtendAnswer>, heldUntil: number): void {
    jobs.forEach((job, index) => {
      const answer = answers[index]
      if (answer === undefined || this.book.get(job.claimed.id) !== job) return
      if (answer._tag === "Lost") return this.lose(job)
      job.heldUntil = heldUntil
      if (answer._tag === "Cancel") this.interrupt(job, { _tag: "Cancel", reason: answer.reason })
    })
  }

  /** Gives up the leases that have not been extended in time; answers how many. */
  expire(now: number): number {
    const before = this.lostCount
    for (const job of this.snapshot()) if (job.heldUntil <= now) this.lose(job)
    return this.lostCount - before
  }

  /** When the first lease of a running job runs out unless it is extended; `undefined`: none runs. */
  earliest(): number | undefined {
    let first: number | undefined
    for (const job of this.book.values()) {
      if (!job.ended && (first === undefined || job.heldUntil < first)) first = job.heldUntil
    }
    return first
  }

  /** How many leases of running jobs were lost so far. */
  lost(): number {
    return this.lostCount
  }

  private lose(job: RunningJob): void {
    // a job that has ended waits for the answer to its settlement: that answer tells
    if (job.ended) return
    this.book.delete(job.claimed.id)
    this.lostCount++
    this.interrupt(job, { _tag: "Lost" })
  }
}
