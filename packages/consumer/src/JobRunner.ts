/**
 * Runs claimed jobs: decodes each, starts its handler in a fiber of its own, and says how it ended.
 *
 * `QueueRunner` calls `start` for each claimed job and is called back exactly once per job with its settlement, or with
 * `undefined` when nothing may be settled. It knows no broker but for progress, and decides nothing: `Admission`,
 * `Classify` and the retry policy do.
 *
 * An interrupted handler that does not end within the interrupt grace loses its slot: the job is settled as if it had
 * ended, and the fiber, which nothing can end, is counted in `stuck` until it does.
 */
import { CurrentJob } from "@sluice/core/CurrentJob"
import type { Definition } from "@sluice/core/Definition"
import type { HandlerService } from "@sluice/core/Handler"
import type { ClaimedJob, LeaseRef, Settlement } from "@sluice/core/Lease"
import * as RetryPolicy from "@sluice/core/RetryPolicy"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as References from "effect/References"
import * as Result from "effect/Result"
import * as Admission from "./Admission.ts"
import * as Classify from "./Classify.ts"
import * as Deadlines from "./Deadlines.ts"
import type { Host } from "./Host.ts"
import * as JobSpan from "./JobSpan.ts"
import type { RunningJob, Stop } from "./RunningJob.ts"

/** What a runner needs. */
export interface Options {
  readonly host: Host
  readonly queue: string
  readonly consumer: string
  readonly interruptGraceMs: number
  readonly handlers: ReadonlyArray<HandlerService>
  /** Keeps a running job's progress. */
  readonly report: (lease: LeaseRef, progress: string) => Effect.Effect<void>
  /** Called before a job's handler starts, or before it is refused. */
  readonly onStart: (job: RunningJob) => void
  /** Called once per job. `undefined`: the lease is lost, there is nothing to settle. */
  readonly onEnd: (job: RunningJob, settlement: Settlement | undefined) => void
}

/** See the module. */
export interface JobRunner {
  /** Runs a job whose lease holds until `heldUntil` (monotonic ms). `now` is epoch ms. */
  readonly start: (claimed: ClaimedJob, heldUntil: number, now: number) => RunningJob
  /** Interrupts a job's handler for a reason; what comes after is `onEnd`. */
  readonly interrupt: (job: RunningJob, stop: Stop) => void
  /** Ends every interrupted job that still runs as if its patience were over. */
  readonly abandon: (jobs: Iterable<RunningJob>) => void
  /** How many handlers go on although their slot was taken from them. */
  readonly stuck: () => number
  /** Keeps no timers any more. */
  readonly close: () => void
}

interface Listed {
  readonly definition: Definition
  readonly context: Context.Context<never>
  readonly annotations: Readonly<Record<string, unknown>>
  /** What it fails with is anything at all: `Classify` looks. */
  readonly run: (payload: unknown) => Effect.Effect<unknown, NonNullable<unknown> | null | undefined, CurrentJob>
  readonly policy: RetryPolicy.RetryPolicy.Any
  readonly timeouts: Deadlines.Deadlines<RunningJob> | undefined
}

/** Makes the runner of one queue. */
export const make = (options: Options): JobRunner => {
  const { consumer, host, onEnd, onStart, queue } = options
  const patience = Deadlines.make<RunningJob>(host, options.interruptGraceMs, (job) => abandon(job))
  const tasks = new Map(options.handlers.map((handler) => [handler.definition.name, listed(handler)]))
  const abandoned = new Set<RunningJob>()

  function listed({ context, definition, run }: HandlerService): Listed {
    return {
      definition,
      context,
      annotations: { ...Context.get(context, References.CurrentLogAnnotations), queue, task: definition.name },
      run,
      policy: definition.retry ?? Context.get(context, RetryPolicy.Default),
      timeouts: definition.timeoutMs === undefined
        ? undefined
        : Deadlines.make<RunningJob>(host, definition.timeoutMs, (job) => interrupt(job, { _tag: "Timeout" }))
    }
  }

  const end = (job: RunningJob, settlement: Settlement | undefined): void => {
    if (job.ended) return
    job.ended = true
    onEnd(job, settlement)
  }

  const contextOf = ({ annotations, context, definition }: Listed, job: RunningJob): Context.Context<CurrentJob> => {
    const { attempt, id, job: record } = job.claimed
    const annotated = Context.add(context, References.CurrentLogAnnotations, { ...annotations, job: id, attempt })
    return Context.add(annotated, CurrentJob, {
      id,
      task: record.task,
      queue,
      attempt,
      attempts: record.attempts,
      deadline: definition.timeoutMs === undefined ? undefined : job.startedAt + definition.timeoutMs,
      enqueuedAt: record.enqueuedAtMs,
      report: (progress) => options.report(job.claimed, progress)
    })
  }

  const conclude = (task: Listed, job: RunningJob, ending: Classify.Ending): void => {
    if (ending === undefined || ending._tag !== "Failed") return end(job, ending)
    const { attempt, id, job: record } = job.claimed
    const facts: RetryPolicy.Facts = {
      jobId: id,
      attempt,
      attempts: record.attempts,
      maxAgeMs: record.maxAgeMs,
      ageMs: Math.max(0, host.wallMs() - record.enqueuedAtMs),
      error: ending.error
    }
    const by = { consumer, startedAtMs: job.startedAt }
    Effect.runForkWith(task.context)(Effect.suspend(() => RetryPolicy.decide(task.policy, facts))).addObserver(
      (exit) => {
        const decision: RetryPolicy.Decision = Exit.isSuccess(exit) ? exit.value : { _tag: "GiveUp", why: "exhausted" }
        end(job, Classify.settleFailed(job.claimed, task.definition, ending, decision, by))
      }
    )
  }

  const exited = (task: Listed, job: RunningJob, exit: Exit.Exit<unknown, unknown>): void => {
    task.timeouts?.delete(job)
    if (abandoned.delete(job)) return
    if (job.stop !== undefined) patience.delete(job)
    const ending = classified(task, job, exit)
    if (ending !== undefined && ending._tag === "Failed" && ending.kind === "Defect") logDefect(task, job, exit)
    conclude(task, job, ending)
  }

  const classified = (task: Listed, job: RunningJob, exit: Exit.Exit<unknown, unknown>): Classify.Ending => {
    try {
      return Classify.classify(job.claimed, task.definition, exit, job.stop)
    } catch (error) {
      return Classify.defect(error)
    }
  }

  const logDefect = (task: Listed, job: RunningJob, exit: Exit.Exit<unknown, unknown>): void => {
    const cause = Exit.isFailure(exit) ? [exit.cause] : []
    const said = Effect.logWarning("An attempt ended with a defect; the retry policy decides what follows", ...cause)
    Effect.runForkWith(contextOf(task, job))(said)
  }

  const run = (task: Listed, job: RunningJob, payload: unknown): void => {
    task.timeouts?.add(job)
    const attempt = JobSpan.wrap(task.run(payload), job.claimed, queue)
    const fiber = Effect.runForkWith(contextOf(task, job))(attempt)
    job.fiber = fiber
    fiber.addObserver((exit) => exited(task, job, exit))
  }

  const interrupt = (job: RunningJob, stop: Stop): void => {
    if (job.ended || job.stop?._tag === "Lost") return
    const first = job.stop === undefined
    if (!first && stop._tag !== "Lost") return
    job.stop = stop
    if (!first || job.fiber === undefined) return
    patience.add(job)
    job.fiber.interruptUnsafe()
  }

  const abandon = (job: RunningJob): void => {
    const task = tasks.get(job.claimed.job.task)
    if (job.ended || job.stop === undefined || task === undefined) return
    patience.delete(job)
    if (job.fiber?.pollUnsafe() === undefined) abandoned.add(job)
    host.fork(Effect.logError(
      `Job ${job.claimed.id} of task "${job.claimed.job.task}" was interrupted (${job.stop._tag}) and does not end; ` +
        "its slot goes to the next job. Look for a finalizer or an uninterruptible region that hangs."
    ))
    conclude(task, job, Classify.stopped(job.claimed, task.definition, job.stop))
  }

  return {
    start: (claimed, heldUntil, now) => {
      const job: RunningJob = { claimed, startedAt: now, heldUntil, stop: undefined, ended: false, fiber: undefined }
      onStart(job)
      const task = tasks.get(claimed.job.task)
      const refused = Admission.refuse(claimed, task?.definition, now)
      if (refused !== undefined || task === undefined) {
        end(job, refused)
        return job
      }
      const payload = decode(task.definition, claimed)
      if (Result.isFailure(payload)) {
        end(job, Admission.die(claimed, task.definition, "undecodable", payload.failure))
      } else {
        run(task, job, payload.success)
      }
      return job
    },
    interrupt,
    abandon: (jobs) => {
      for (const job of jobs) abandon(job)
    },
    stuck: () => abandoned.size,
    close: () => {
      patience.clear()
      for (const task of tasks.values()) task.timeouts?.clear()
    }
  }
}

/** A migration is user code: one that throws makes its payload undecodable. */
const decode = (definition: Definition, { job }: ClaimedJob): Result.Result<unknown, string> => {
  try {
    return definition.decodePayload(job.version, job.payload)
  } catch (error) {
    return Result.fail(Cause.pretty(Cause.die(error)))
  }
}
