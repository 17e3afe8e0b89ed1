/**
 * Makes the record of attempts (../attempts.ts) of what the producer's events tell: when each began and when it ended, by
 * the clock of Redis. `run.ts` feeds it.
 *
 * How an attempt failed is not in the events; it is in the history of its job, which is asked for at the end.
 */
import type { EventDocument, JobDocument } from "@sluice/core/api"
import { type Attempt, delivered } from "../attempts.ts"
import { localOf } from "./Api.ts"

/** What ends an attempt. */
const ends: ReadonlySet<string> = new Set(["completed", "dead", "retrying"])

/** See the module. */
export class AttemptBook {
  /** Whether events were missed. */
  hasGap = false
  private readonly began = new Map<string, number>()
  private readonly over = new Map<string, number>()
  private readonly final = new Set<string>()

  /** Takes in one event. */
  add({ at, attempt, event, id }: EventDocument.EventDocument): void {
    if (event === "gap") this.hasGap = true
    if (id === undefined) return
    const key = `${id} ${attempt}`
    if (event === "claimed") this.began.set(key, Date.parse(at))
    if (ends.has(event)) this.over.set(key, Date.parse(at))
    if (ends.has(event) && event !== "retrying") this.final.add(localOf(id))
  }

  /** The deliveries among these whose end was not told. */
  missing(deliveries: ReadonlyArray<string>): ReadonlyArray<string> {
    return deliveries.filter((delivery) => !this.final.has(delivery))
  }

  /** The attempts of these jobs that were seen from their beginning to their end. */
  attemptsOf(jobs: ReadonlyArray<JobDocument.JobFields>): ReadonlyArray<Attempt> {
    return jobs.flatMap((job) =>
      Array.from({ length: job.attempt }, (_, index) => index + 1).flatMap((attempt) => {
        const startedMs = this.began.get(`${job.id} ${attempt}`)
        const endedMs = this.over.get(`${job.id} ${attempt}`)
        if (startedMs === undefined || endedMs === undefined) return []
        return [{
          delivery: localOf(job.id),
          attempt,
          subject: job.task,
          result: resultOf(job, attempt),
          sinceEnqueueMs: Math.max(0, startedMs - Date.parse(job.enqueuedAt)),
          runMs: endedMs - startedMs
        }]
      })
    )
  }
}

/** How an attempt ended, as the job's history tells it. */
const resultOf = ({ attempt: last, failures, outcome, state }: JobDocument.JobFields, attempt: number): string => {
  if (attempt === last && state === "completed") return delivered
  const failure = failures.find((one) => one.attempt === attempt)
  return failure === undefined ? outcome?.reason ?? state : `${failure.kind}: ${failure.message}`
}
