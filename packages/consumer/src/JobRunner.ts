/**
 * Runs claimed jobs: starts each one's handler in a fiber of its own, and says how it ended.
 *
 * `QueueRunner` calls `start` for each claimed job; `onEnd` comes exactly once per job, with its settlement, or with
 * `undefined` when nothing may be settled. It calls no broker and decides nothing: `Admission`, `Classify` and the retry
 * policy do.
 *
 * An interrupted handler that does not end within the interrupt grace loses its slot: the job is settled as if it had
 * ended, and the fiber, which nothing can end, is counted as stuck until it does.
 */
import type { HandlerService } from "@sluice/core/Handler"
import type { ClaimedJob, Settlement } from "@sluice/core/Lease"
import * as RetryPolicy from "@sluice/core/RetryPolicy"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Admission from "./Admission.ts"
import * as Classify from "./Classify.ts"
import * as Deadlines from "./Deadlines.ts"
import type { Host } from "./Host.ts"
import * as ListedTask from "./ListedTask.ts"
import type { RunningJob, Stop } from "./RunningJob.ts"

/** What a runner needs. */
export interface Options {
  readonly host: Host
  readonly queue: string
  readonly consumer: string
  readonly interruptGraceMs: number
  readonly handlers: ReadonlyArray<HandlerService>
  /** Keeps a running job's progress. */
  readonly report: ListedTask.Options["report"]
  /** Called before a job's handler starts, or before it is refused. */
  readonly onStart: (job: RunningJob) => void
  /** Called once per job. `undefined`: the lease is lost, there is nothing to settle. */
  readonly onEnd: (job: RunningJob, settlement: Settlement | undefined) => void
}

/** See the module. */
export class JobRunner {
  private readonly options: Options
  private readonly tasks: ReadonlyMap<string, ListedTask.ListedTask>
  private readonly patience: Deadlines.Deadlines<RunningJob>
  private readonly abandoned = new Set<RunningJob>()

  constructor(options: Options) {
    const { handlers, host, queue, report } = options
    const onTimeout = (job: RunningJob) => this.interrupt(job, { _tag: "Timeout" })
    this.options = options
    this.tasks = new Map(handlers.map((handler) => [
      handler.definition.name,
      new ListedTask.ListedTask({ host, queue, handler, report, onTimeout })
    ]))
    this.patience = Deadlines.make(host, options.interruptGraceMs, (job) => this.abandon(job))
  }

  /** Runs a job whose lease holds until `heldUntil`. `now` is epoch ms; the others are the host's monotonic ms. */
  start(claimed: ClaimedJob, heldUntil: number, now: number, startedMs: number): void {
    const job: RunningJob = {
      claimed,
      startedAt: now,
      startedMs,
      heldUntil,
      stop: undefined,
      ended: false,
      fiber: undefined
    }
    this.options.onStart(job)
    const task = this.tasks.get(claimed.job.task)
    const refused = Admission.refuse(claimed, task?.definition)
    if (refused !== undefined || task === undefined) return this.end(job, refused)
    const payload = task.decode(claimed)
    if (Result.isSuccess(payload)) return this.run(task, job, payload.success)
    this.end(job, Admission.die(claimed, task.definition, "undecodable", payload.failure))
  }

  /** Interrupts a job's handler for a reason; what comes after is `onEnd`. A lost lease outdoes any earlier reason. */
  interrupt(job: RunningJob, stop: Stop): void {
    const isFirst = job.stop === undefined
    if (job.ended || !(isFirst || stop._tag === "Lost")) return
    job.stop = stop
    if (isFirst && job.fiber !== undefined) this.interruptFiber(job, job.fiber)
  }

  /** Takes the slot of a job whose handler was interrupted and has not ended. */
  abandon(job: RunningJob): void {
    const task = this.tasks.get(job.claimed.job.task)
    if (job.ended || job.stop === undefined || task === undefined) return
    this.patience.delete(job)
    if (job.fiber?.pollUnsafe() === undefined) this.abandoned.add(job)
    task.fork(Effect.logError(
      `Job ${job.claimed.id} of task "${task.definition.name}" was interrupted (${job.stop._tag}) and does not end; its ` +
        "slot goes to the next job. Look for a finalizer or an uninterruptible region that hangs."
    ))
    this.conclude(task, job, Classify.stopped(job.claimed, task.definition, job.stop))
  }

  /** How many handlers go on although their slot was taken from them. */
  stuck(): number {
    return this.abandoned.size
  }

  /** Keeps no timers any more. */
  close(): void {
    this.patience.clear()
    for (const task of this.tasks.values()) task.timeouts?.clear()
  }

  private run(task: ListedTask.ListedTask, job: RunningJob, payload: unknown): void {
    task.timeouts?.add(job)
    const fiber = task.begin(job, payload)
    job.fiber = fiber
    fiber.addObserver((exit) => this.exited(task, job, exit))
    // a handler may bring its own interruption about before it has given its first fiber away: it cancels its own job
    if (job.stop !== undefined && !job.ended) this.interruptFiber(job, fiber)
  }

  private interruptFiber(job: RunningJob, fiber: Fiber.Fiber<unknown, unknown>): void {
    this.patience.add(job)
    fiber.interruptUnsafe()
  }

  private exited(task: ListedTask.ListedTask, job: RunningJob, exit: Exit.Exit<unknown, unknown>): void {
    task.timeouts?.delete(job)
    if (this.abandoned.delete(job)) return
    if (job.stop !== undefined) this.patience.delete(job)
    const ending = classified(task, job, exit)
    if (ending !== undefined && ending._tag === "Failed" && ending.kind === "Defect") logDefect(task, job, exit)
    this.conclude(task, job, ending)
  }

  private conclude(task: ListedTask.ListedTask, job: RunningJob, ending: Classify.Ending): void {
    if (ending === undefined || ending._tag !== "Failed") return this.end(job, ending)
    const { attempt, id, job: { attempts, enqueuedAtMs, maxAgeMs }, startedAtMs } = job.claimed
    // by the broker's clock, and what has passed since the claim: this process's own may be wrong
    const ageMs = Math.max(0, startedAtMs - enqueuedAtMs + this.options.host.nowMs() - job.startedMs)
    const facts: RetryPolicy.Facts = { jobId: id, attempt, attempts, maxAgeMs, ageMs, error: ending.error }
    const by = { consumer: this.options.consumer, startedAtMs }
    task.fork(Effect.suspend(() => RetryPolicy.decide(task.policy, facts))).addObserver((exit) => {
      const decision: RetryPolicy.Decision = Exit.isSuccess(exit) ? exit.value : { _tag: "GiveUp", why: "exhausted" }
      this.end(job, Classify.settleFailed(job.claimed, task.definition, ending, decision, by))
    })
  }

  private end(job: RunningJob, settlement: Settlement | undefined): void {
    if (job.ended) return
    job.ended = true
    this.options.onEnd(job, settlement)
  }
}

const classified = (
  { definition }: ListedTask.ListedTask,
  job: RunningJob,
  exit: Exit.Exit<unknown, unknown>
): Classify.Ending => {
  try {
    return Classify.classify(job.claimed, definition, exit, job.stop)
  } catch (error) {
    return Classify.defect(error)
  }
}

const logDefect = (task: ListedTask.ListedTask, job: RunningJob, exit: Exit.Exit<unknown, unknown>): void => {
  const cause = Exit.isFailure(exit) ? [exit.cause] : []
  Effect.runForkWith(task.contextOf(job))(
    Effect.logWarning("An attempt ended with a defect; the retry policy decides what follows", ...cause)
  )
}
