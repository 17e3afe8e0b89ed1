/**
 * What the verbs of a task do, with the types erased. Internal; `Task.make` gives them their types.
 *
 * Closures over the definition, never methods. The enqueueing ones are on the hot path: one effect per call, whatever
 * the number of jobs, and no generator.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constant } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { Broker, type EnqueueAnswer, type NewJob } from "../broker/Broker.ts"
import type { BrokerError } from "../job/BrokerError.ts"
import { EnqueueError, type Reason, type Refusal } from "../job/EnqueueError.ts"
import { JobError } from "../job/JobError.ts"
import type { JobId } from "../job/JobId.ts"
import * as EnqueueSpan from "../observability/EnqueueSpan.ts"
import type { JobTrace } from "../observability/Propagation.ts"
import { CurrentJob } from "./CurrentJob.ts"
import type { Definition } from "./Definition.ts"
import * as Enqueue from "./Enqueue.ts"
import { type HandlerService, key } from "./Handler.ts"
import * as JobResult from "./JobResult.ts"
import type { JsonCodec } from "./JsonCodec.ts"

const nothingEnqueued = (reason: Reason): Effect.Effect<never, EnqueueError> =>
  Effect.fail(new EnqueueError({ reason }))

const brokerFailed = (error: BrokerError): Effect.Effect<never, EnqueueError> => nothingEnqueued(error.reason)

const single = {
  // what is not a failure of the broker stays what it is
  onFailure: (cause: Cause.Cause<BrokerError>): Effect.Effect<never, EnqueueError> =>
    Effect.failCause(Cause.map(cause, ({ reason }) => new EnqueueError({ reason }))),
  onSuccess: ([answer]: ReadonlyArray<EnqueueAnswer>): Effect.Effect<Enqueue.Enqueued, EnqueueError> =>
    answer === undefined
      ? Effect.die(new Error("the broker gave no answer to an enqueue"))
      : "reason" in answer
      ? nothingEnqueued(answer.reason)
      : Effect.succeed(answer)
}

/** Enqueues one job; `awaited` tells the broker to keep its verdict for whoever is about to ask. */
export const enqueue =
  (definition: Definition, awaited: boolean) =>
  (payload: unknown, options?: Enqueue.Options): Effect.Effect<Enqueue.Enqueued, EnqueueError, Broker> =>
    Effect.withFiber((fiber) => {
      const timing = Enqueue.timing(options)
      if (Result.isFailure(timing)) return nothingEnqueued(timing.failure)
      const send = (trace: JobTrace) => {
        const job = Enqueue.newJob(Enqueue.call(definition, fiber, awaited, trace), payload, timing.success)
        if (Result.isFailure(job)) return nothingEnqueued(job.failure)
        // the broker is looked up here and not by an effect of its own: one step and two closures less for each job
        const broker = Context.getUnsafe(fiber.context, Broker)
        return Effect.matchCauseEffect(broker.enqueue(definition.queue, [job.success]), single)
      }
      return EnqueueSpan.within(fiber, definition.queue.name, 1, send)
    })

type EachOptions = (payload: unknown, index: number) => Enqueue.Options | undefined

/** Sends what can be sent in one call, and puts the answers back into the places of their payloads. */
const sendAll = (definition: Definition, prepared: ReadonlyArray<Result.Result<NewJob, Refusal>>) => {
  const jobs: Array<NewJob> = []
  for (const one of prepared) if (Result.isSuccess(one)) jobs.push(one.success)
  const merge = (answers: ReadonlyArray<EnqueueAnswer>): ReadonlyArray<EnqueueAnswer> => {
    if (answers.length === prepared.length) return answers
    let next = 0
    return prepared.map((one) => Result.isFailure(one) ? { answer: "refused", reason: one.failure } : answers[next++]!)
  }
  if (jobs.length === 0) return Effect.succeed(merge([]))
  return Broker.use((broker) =>
    Effect.matchEffect(broker.enqueue(definition.queue, jobs), {
      onFailure: brokerFailed,
      onSuccess: (answers) => Effect.succeed(merge(answers))
    })
  )
}

/** Enqueues many jobs in one call. */
export const enqueueAll = (definition: Definition) =>
(
  payloads: ReadonlyArray<unknown>,
  options?: Enqueue.SharedOptions | EachOptions
): Effect.Effect<ReadonlyArray<EnqueueAnswer>, EnqueueError, Broker> =>
  Effect.withFiber((fiber) => {
    const optionsOf = typeof options === "function"
      ? (payload: unknown, index: number) => Enqueue.timing(options(payload, index))
      : constant(Enqueue.timing(options))
    return EnqueueSpan.within(fiber, definition.queue.name, payloads.length, (trace) => {
      const call = Enqueue.call(definition, fiber, false, trace)
      const prepared = payloads.map((payload, index): Result.Result<NewJob, Refusal> => {
        const timing = optionsOf(payload, index)
        return Result.isSuccess(timing) ? Enqueue.newJob(call, payload, timing.success) : Result.fail(timing.failure)
      })
      return sendAll(definition, prepared)
    })
  })

/** Waits for the end of a job and answers as its task would have. */
export const awaitResult = <A, E>(definition: Definition) => (id: JobId): Effect.Effect<A, E | JobError, Broker> =>
  Broker.use((broker) =>
    Effect.matchEffect(broker.awaitVerdict(definition.queue, id), {
      onFailure: ({ reason }) => Effect.fail(new JobError({ reason })),
      onSuccess: (ended) => JobResult.read<A, E>(definition, id, ended)
    })
  )

/** Enqueues one job and waits for its end. */
export const run = <A, E>(definition: Definition) => {
  const send = enqueue(definition, true)
  const wait = awaitResult<A, E>(definition)
  return (payload: unknown, options?: Enqueue.Options): Effect.Effect<A, E | JobError | EnqueueError, Broker> =>
    Effect.flatMap(send(payload, options), ({ id }) => wait(id))
}

/** Asks for one job to be cancelled. */
export const cancel = (definition: Definition) => (id: JobId, reason = "cancelled by the application") =>
  Broker.use((broker) => Effect.map(broker.cancel(definition.queue, [id], reason), ([answer]) => answer ?? "not-found"))

/** Keeps the progress of the job that is being run. Best effort: what can't be kept is logged, and the job goes on. */
export const progress = (definition: Definition, codec: JsonCodec) => (value: unknown) =>
  CurrentJob.use((job) => {
    if (job.task !== definition.name) {
      return Effect.logWarning(
        `Progress of task "${definition.name}" was told in a job of "${job.task}"; it is not kept`
      )
    }
    const encoded = codec.encode(value)
    return Result.isSuccess(encoded)
      ? job.report(encoded.success)
      : Effect.logWarning(`The progress of job ${job.id} does not fit its schema and is not kept: ${encoded.failure}`)
  })

/** Provides a handler, with the services that it has where the layer is built. */
export const toLayer =
  (definition: Definition) => (handler: (payload: unknown) => Effect.Effect<unknown, unknown, CurrentJob>) =>
    Layer.effect(
      key(definition.name),
      Effect.map(Effect.context(), (context): HandlerService => ({
        definition,
        context,
        // a handler that throws before it gives its effect dies like one that throws in it; its types are erased from here on
        // @effect-diagnostics-next-line anyUnknownInErrorContext:off
        run: (payload) => Effect.suspend(() => handler(payload))
      }))
    )
