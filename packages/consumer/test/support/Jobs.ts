/**
 * Looks at jobs through the inspector, for assertions. For the consumer's own tests.
 */
import { Inspector, JobQueue } from "@sluice/core"
import type { JobId } from "@sluice/core/JobId"
import type * as Verdict from "@sluice/core/Verdict"
import { Effect, Option } from "effect"

export const queue = JobQueue.make("default")

/** The job, which has to exist. */
export const job = (id: JobId) =>
  Inspector.use((inspector) => inspector.job(queue, id)).pipe(Effect.map(Option.getOrThrow))

/** The state of the job, or "gone". */
export const state = (id: JobId) =>
  Inspector.use((inspector) => inspector.job(queue, id)).pipe(
    Effect.map((found) => Option.isSome(found) ? found.value.state : "gone")
  )

/** How the job ended. */
export const verdict = (id: JobId) => Effect.map(job(id), (found) => found.verdict)

/** The kinds and messages of its failed attempts. */
export const failures = (id: JobId) =>
  Effect.map(
    job(id),
    (found) => found.failures.map(({ attempt, kind, message }: Verdict.Failure) => ({ attempt, kind, message }))
  )

/** How many jobs are in each state, without the states that have none. */
export const counts = Inspector.use((inspector) => inspector.stats(queue)).pipe(
  Effect.map(({ states }) => Object.fromEntries(Object.entries(states).filter(([, count]) => count > 0)))
)
