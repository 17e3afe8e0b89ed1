/**
 * A named kind of work, shared by those who enqueue it and those who run it.
 *
 * `class SendEmail extends Task.make("SendEmail", { ... }) {}` defines one; its verbs are functions on the class that
 * need a `Broker`, and its handler is a layer (`toLayer`) that a consumer asks for. A task holds nothing, connects to
 * nothing and is never instantiated: the class is there for its name in types (`SendEmail["Payload"]`). Do not read its
 * `name`, which is the class's own: the task's name is `_tag`.
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { ActAnswer, Broker } from "../broker/Broker.ts"
import type { BrokerError } from "../job/BrokerError.ts"
import type { EnqueueError } from "../job/EnqueueError.ts"
import type { JobError } from "../job/JobError.ts"
import type { JobId } from "../job/JobId.ts"
import type { CurrentJob } from "./CurrentJob.ts"
import * as Definition from "./Definition.ts"
import type { Enqueued, Options as EnqueueOptions, Refused, SharedOptions, Unknown } from "./Enqueue.ts"
import type { Handler } from "./Handler.ts"
import type { JobQueue } from "./JobQueue.ts"
import * as JsonCodec from "./JsonCodec.ts"
import type { Outcome } from "./Outcome.ts"
import type * as Versions from "./Payload.ts"
import type { RetryPolicy } from "./RetryPolicy.ts"
import * as Verbs from "./Verbs.ts"

export type { Enqueued, EnqueueOptions, Handler, Refused, SharedOptions, Unknown }

/** A task: what `make` answers. The parameters are its name, its queue's name, and what its schemas hold. */
export interface Task<Name extends string, Queue extends string, Payload, Success, Error, Progress> {
  /** For the type of the class only: a task is never instantiated. */
  new(_: never): { readonly Payload: Payload; readonly Success: Success; readonly Error: Error }
  /** The task's name. */
  readonly _tag: Name
  readonly queue: JobQueue<Queue>
  readonly definition: Definition.Definition
  /**
   * Puts one job in. Answers its id, and "existing" when the caller's own id was there already and nothing changed. Fails
   * with nothing enqueued.
   */
  readonly enqueue: (payload: Payload, options?: EnqueueOptions) => Effect.Effect<Enqueued, EnqueueError, Broker>
  /**
   * Puts many jobs in with one call; answers positionally, and never fails for one job. Options are for all of them, or a
   * function from a payload to its own. Very many jobs travel in parts: where the broker took some parts and not others,
   * the jobs of those are "refused", or "unknown" where it went away. Fails with nothing enqueued (after
   * `BrokerUnavailable`: with that unknown).
   */
  readonly enqueueAll: (
    payloads: ReadonlyArray<Payload>,
    options?: SharedOptions | ((payload: Payload, index: number) => EnqueueOptions | undefined)
  ) => Effect.Effect<ReadonlyArray<Enqueued | Refused | Unknown>, EnqueueError, Broker>
  /** Enqueues one job and waits for its end, however long that takes. Interrupting the wait leaves the job as it is. */
  readonly run: (
    payload: Payload,
    options?: EnqueueOptions
  ) => Effect.Effect<Success, Error | JobError | EnqueueError, Broker>
  /**
   * Waits for the end of a job of this task, or reads how it ended. Fails with the task's own error where the job died of
   * it, with `JobError` where it ended otherwise or is not there (any more).
   */
  readonly await: (id: JobId) => Effect.Effect<Success, Error | JobError, Broker>
  /** Ends a waiting job, or asks the consumer of a running one to interrupt it ("requested"). Any process may. */
  readonly cancel: (id: JobId, reason?: string) => Effect.Effect<ActAnswer, BrokerError, Broker>
  /** Inside a handler of this task: keeps what inspect shows as the job's progress, replacing the last. Best effort. */
  readonly progress: (value: Progress) => Effect.Effect<void, never, CurrentJob>
  /**
   * The handler as a layer. It may end with the task's success or one of its errors, or with an `Outcome`, returned or
   * yielded; `CurrentJob` is provided for each attempt. In a task that answers nothing, end with `Effect.asVoid` what
   * gives a value: a forgotten `yield*` would otherwise go unnoticed.
   */
  readonly toLayer: <R>(
    handler: (payload: Payload) => Effect.Effect<Success | Outcome, Error | Outcome, R>
  ) => Layer.Layer<Handler<Name>, never, Exclude<R, CurrentJob>>
}

/** Any task: its plain fields. For lists of tasks and for functions that take one. */
export interface Any {
  readonly _tag: string
  readonly queue: JobQueue
  readonly definition: Definition.Definition
}

/** The names of tasks. */
export type Name<T extends Any> = T["_tag"]
/** The names of the queues of tasks. */
export type QueueName<T extends Any> = T["queue"]["name"]
/** The handlers of tasks, as requirements: what `toLayer` of each provides. */
export type HandlerOf<T extends Any> = T extends Any ? Handler<T["_tag"]> : never
/** What a task takes. */
export type Payload<T> = T extends { new(_: never): { readonly Payload: infer P } } ? P : never
/** What a task answers. */
export type Success<T> = T extends { new(_: never): { readonly Success: infer A } } ? A : never
/** What a task may fail with. */
export type Error<T> = T extends { new(_: never): { readonly Error: infer E } } ? E : never

/** What a payload option holds: of its newest version where it has several. */
export type PayloadOf<P> = P extends Versions.Payload<infer Newest> ? Newest : Versions.Value<P>

/** The tags of errors, for the rules of a retry policy. */
export type TagOf<E> = E extends { readonly _tag: infer Tag extends string } ? Tag : never

/** The options of `make`. Schemas must need no services: any process has to be able to read the task's jobs. */
export interface Options<Queue extends string, P, S extends JsonCodec.AnyCodec, E extends JsonCodec.AnyCodec, G> {
  /** A queue's name, or one with settings of its own. Default "default". */
  readonly queue?: Queue | JobQueue<Queue> | undefined
  /** A record of fields, any schema, or versions (`Payload.make`). Default: nothing. */
  readonly payload?: P | undefined
  /** What the handler answers, kept with the job for whoever awaits it. Default: nothing. */
  readonly success?: S | undefined
  /** What the handler may fail with. Default: it never fails. */
  readonly error?: E | undefined
  /** What `progress` takes. Default: there is none. */
  readonly progress?: G | undefined
  /** Default: `RetryPolicy.Default` of the process that enqueues (limits) and of the one that runs (delays). */
  readonly retry?: RetryPolicy<TagOf<E["Type"]>, E["Type"]> | undefined
  /** How long one attempt may take: 1 ms to a year. Default: as long as it likes. */
  readonly timeout?: Duration.Input | undefined
  /** How long ended jobs are kept. */
  readonly retention?: Definition.RetentionOptions | undefined
  /**
   * What routes the job to its partition and is stored with it: 1 to 256 characters. Jobs of one key share a partition.
   * Default: the job's id routes it.
   */
  readonly key?: ((payload: PayloadOf<P>) => string) | undefined
}

/**
 * Defines a task. Throws a `RangeError` that names the task and the option when one is out of range, or when the name is
 * not 1 to 128 characters of `A-Z a-z 0-9 . _ - / :`. Names are for ever: jobs that wait carry them.
 */
export const make = <
  const Name extends string,
  const Queue extends string = "default",
  const P extends Versions.Source | Versions.Payload<unknown> = Schema.Void,
  S extends JsonCodec.AnyCodec = Schema.Void,
  E extends JsonCodec.AnyCodec = Schema.Never,
  G extends JsonCodec.AnyCodec = Schema.Never
>(
  name: Name,
  options: Options<Queue, P, S, E, G> = {}
): Task<Name, Queue, PayloadOf<P>, S["Type"], E["Type"], G["Type"]> => {
  const definition = Definition.make(name, options)
  const progress = JsonCodec.make(options.progress ?? Schema.Never)
  class Erased {
    static readonly _tag = name
    static readonly queue = definition.queue
    static readonly definition = definition
    static readonly enqueue = Verbs.enqueue(definition, false)
    static readonly enqueueAll = Verbs.enqueueAll(definition)
    static readonly run = Verbs.run(definition)
    static readonly await = Verbs.awaitResult(definition)
    static readonly cancel = Verbs.cancel(definition)
    static readonly progress = Verbs.progress(definition, progress)
    static readonly toLayer = Verbs.toLayer(definition)
  }
  // the one place where the verbs get their types: each is right for what the definition's codecs read and write
  return Erased as unknown as Task<Name, Queue, PayloadOf<P>, S["Type"], E["Type"], G["Type"]>
}
