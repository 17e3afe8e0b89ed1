/**
 * One task of a consumer, with all that can be prepared before its first job: codecs, policy, context, time limit.
 *
 * `JobRunner` makes one per task and uses it for each job.
 */
import { CurrentJob } from "@sluice/core/CurrentJob"
import type { Definition } from "@sluice/core/Definition"
import type { HandlerService } from "@sluice/core/Handler"
import type { ClaimedJob, LeaseRef } from "@sluice/core/Lease"
import { Propagation } from "@sluice/core/Propagation"
import * as RetryPolicy from "@sluice/core/RetryPolicy"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as References from "effect/References"
import * as Result from "effect/Result"
import * as Tracer from "effect/Tracer"
import * as Deadlines from "./Deadlines.ts"
import type { Host } from "./Host.ts"
import * as JobSpan from "./JobSpan.ts"
import type { RunningJob } from "./RunningJob.ts"

/** What a listed task needs of the consumer. */
export interface Options {
  readonly host: Host
  readonly queue: string
  readonly handler: HandlerService
  /** Keeps a running job's progress. */
  readonly report: (lease: LeaseRef, progress: string) => Effect.Effect<void>
  /** An attempt has reached the task's time limit. */
  readonly onTimeout: (job: RunningJob) => void
}

/** See the module. */
export class ListedTask {
  readonly definition: Definition
  readonly policy: RetryPolicy.RetryPolicy.Any
  /** Counts the time limit; `undefined`: there is none. */
  readonly timeouts: Deadlines.Deadlines<RunningJob> | undefined
  private readonly context: Context.Context<never>
  private readonly annotations: Readonly<Record<string, unknown>>
  private readonly queue: string
  private readonly run: HandlerService["run"]
  private readonly report: Options["report"]

  constructor({ handler, host, onTimeout, queue, report }: Options) {
    this.definition = handler.definition
    this.run = handler.run
    // one flat map: each job's context is this one with two overlays. The span that the app was built in is not the
    // parent of what its jobs do
    const services = new Map(handler.context.mapUnsafe)
    services.delete(Tracer.ParentSpan.key)
    this.context = Context.makeUnsafe(services)
    this.policy = handler.definition.retry ?? Context.get(this.context, RetryPolicy.Default)
    this.timeouts = this.definition.timeoutMs === undefined
      ? undefined
      : Deadlines.make(host, this.definition.timeoutMs, onTimeout)
    this.annotations = {
      ...Context.get(this.context, References.CurrentLogAnnotations),
      queue,
      task: this.definition.name
    }
    this.queue = queue
    this.report = report
  }

  /** Forks something of this task that is no attempt: the policy's decision, a log line. */
  fork<A, E>(effect: Effect.Effect<A, E>) {
    return Effect.runForkWith(this.context)(effect)
  }

  /** Starts the handler on a decoded payload, in a fiber of its own. */
  begin(job: RunningJob, payload: unknown): Fiber.Fiber<unknown, unknown> {
    // what a handler fails with is anything at all: `Classify` looks
    // @effect-diagnostics-next-line anyUnknownInErrorContext:off
    return Effect.runForkWith(this.contextOf(job))(JobSpan.wrap(this.run(payload), job.claimed, this.queue))
  }

  /** The context of one attempt: the handler's, with the job to read and on every log line. */
  contextOf({ claimed, startedAt }: RunningJob): Context.Context<CurrentJob> {
    const { attempt, id, job } = claimed
    const { timeoutMs } = this.definition
    const annotated = Context.add(this.context, References.CurrentLogAnnotations, {
      ...this.annotations,
      job: id,
      attempt
    })
    const { baggage, tracestate } = job
    const carrying = baggage === undefined && tracestate === undefined
      ? annotated
      : Context.add(annotated, Propagation, { baggage, tracestate })
    return Context.add(carrying, CurrentJob, {
      id,
      task: job.task,
      queue: this.queue,
      attempt,
      attempts: job.attempts,
      deadline: timeoutMs === undefined ? undefined : startedAt + timeoutMs,
      enqueuedAt: job.enqueuedAtMs,
      report: (progress) => this.report(claimed, progress)
    })
  }

  /** The payload; a migration is user code, and one that throws makes its payload undecodable. */
  decode({ job }: ClaimedJob): Result.Result<unknown, string> {
    try {
      return this.definition.decodePayload(job.version, job.payload)
    } catch (error) {
      return Result.fail(Cause.pretty(Cause.die(error)))
    }
  }
}
