/**
 * A broker for the tests of `Task`: it records what it is given, answers "created", and ends jobs as it is told. What is
 * not of interest to a task's verbs dies.
 */
import { Broker, type Ended, type EnqueueAnswer, type NewJob } from "@sluice/core/Broker"
import type { BrokerError } from "@sluice/core/BrokerError"
import * as JobId from "@sluice/core/JobId"
import type { JobQueue } from "@sluice/core/JobQueue"
import { Effect, Layer } from "effect"

export interface Recording {
  /** One entry per call of `enqueue`. */
  readonly calls: Array<{ readonly queue: JobQueue; readonly jobs: ReadonlyArray<NewJob> }>
  /** One entry per call of `cancel`. */
  readonly cancels: Array<readonly [queue: string, id: string, reason: string]>
  readonly layer: Layer.Layer<Broker>
}

export interface Replies {
  readonly answer?: (job: NewJob, index: number) => EnqueueAnswer
  readonly failure?: BrokerError
  readonly ended?: Ended
}

const unexpected = (what: string) => () => Effect.die(new Error(`the test did not expect a call of ${what}`))

export const recordingBroker = ({ answer, ended, failure }: Replies = {}): Recording => {
  const calls: Recording["calls"] = []
  const cancels: Recording["cancels"] = []
  const created = (job: NewJob, index: number): EnqueueAnswer => ({
    answer: "created",
    id: JobId.make(0, job.id ?? `made-${index}`)
  })
  const layer = Layer.succeed(
    Broker,
    Broker.of({
      enqueue: (queue, jobs) =>
        Effect.suspend(() => {
          calls.push({ queue, jobs })
          return failure === undefined ? Effect.succeed(jobs.map(answer ?? created)) : Effect.fail(failure)
        }),
      awaitVerdict: () => failure === undefined ? Effect.succeed(ended) : Effect.fail(failure),
      cancel: (queue, ids, reason) =>
        Effect.sync(() => {
          for (const id of ids) cancels.push([queue.name, id, reason])
          return ids.map(() => "done" as const)
        }),
      exchange: unexpected("exchange"),
      extend: unexpected("extend"),
      progress: unexpected("progress"),
      wakeups: unexpected("wakeups"),
      retry: unexpected("retry"),
      promoteJobs: unexpected("promoteJobs"),
      remove: unexpected("remove"),
      pause: unexpected("pause"),
      resume: unexpected("resume"),
      drain: unexpected("drain"),
      promote: unexpected("promote"),
      rescue: unexpected("rescue"),
      prune: unexpected("prune")
    })
  )
  return { calls, cancels, layer }
}
