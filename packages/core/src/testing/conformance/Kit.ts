/**
 * What the cases of the conformance suite are written with: one queue of a fresh broker, a consumer, short verbs.
 *
 * Everything goes through `Broker` and `Inspector` alone, so that any implementation can be held to the cases. Each case
 * has a new broker and begins at `startMs` by the TestClock.
 */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { Broker, type ExchangeReply, type ExchangeRequest, type NewJob } from "../../broker/Broker.ts"
import { Inspector, type QueueStats } from "../../broker/Inspector.ts"
import type { ClaimedJob, Settlement } from "../../broker/Lease.ts"
import type { BrokerError } from "../../job/BrokerError.ts"
import type { Job } from "../../job/Job.ts"
import type { JobId } from "../../job/JobId.ts"
import type { JobState } from "../../job/JobState.ts"
import * as JobQueue from "../../task/JobQueue.ts"
import * as JobFactory from "../JobFactory.ts"

/** The services that every case may use. */
export type Services = Broker | Inspector | Scope.Scope
/** A step of a case. */
export type Step<A> = Effect.Effect<A, BrokerError, Broker | Inspector>

/** When every case begins: epoch milliseconds of a usual length, as short numbers hide mistakes in formatting. */
export const startMs = 1_700_000_000_123

/** Puts jobs into one partition, whatever their number, so that their order is defined. */
export const together = { key: "together" } as const

/** What one case works with: see the module. */
export interface Kit {
  readonly queue: JobQueue.JobQueue
  readonly partitions: number
  /** The same queue with other shared settings. */
  readonly queueWith: (options: Omit<JobQueue.Options, "partitions">) => JobQueue.JobQueue
  /** Enqueues jobs that have to be created; answers their ids. */
  readonly enqueue: (...jobs: ReadonlyArray<Partial<NewJob>>) => Step<ReadonlyArray<JobId>>
  /** Enqueues one job that has to be created. */
  readonly enqueueOne: (job?: Partial<NewJob>) => Step<JobId>
  /** One round of consumer "c", lane "l", next sequence, leases of 30 s, no wake-up, unless told otherwise. */
  readonly exchange: (request: Partial<ExchangeRequest>) => Step<ExchangeReply>
  /** Claims up to `claim` jobs. */
  readonly claim: (claim: number, request?: Partial<ExchangeRequest>) => Step<ReadonlyArray<ClaimedJob>>
  /** Claims one job that has to be there. */
  readonly claimOne: (request?: Partial<ExchangeRequest>) => Step<ClaimedJob>
  /** Settles, claims nothing. */
  readonly settle: (...settle: ReadonlyArray<Settlement>) => Step<ReadonlyArray<"settled" | "lost">>
  /** The job, which has to be there. */
  readonly job: (id: JobId) => Step<Job>
  /** Each job's state; "gone": there is no such job. */
  readonly states: (...ids: ReadonlyArray<JobId>) => Step<ReadonlyArray<JobState | "gone">>
  readonly stats: Step<QueueStats>
}

/** What was created, by id; anything else fails the case. */
export const createdIds = Effect.fnUntraced(function*(queue: JobQueue.JobQueue, jobs: ReadonlyArray<NewJob>) {
  const answers = yield* Broker.use((broker) => broker.enqueue(queue, jobs))
  return answers.map((answer) => {
    if (answer.answer !== "created") assert.fail(`expected "created", got ${JSON.stringify(answer)}`)
    return answer.id
  })
})

/** Makes the kit of one case. */
export const makeKit = (partitions: number): Kit => {
  const queue = JobQueue.make("conformance", { partitions })
  let sequence = 0
  const exchange: Kit["exchange"] = (request) =>
    Effect.suspend(() => {
      const full: ExchangeRequest = {
        queue,
        consumer: "c",
        lane: "l",
        sequence: ++sequence,
        settle: [],
        claim: 0,
        leaseMs: 30_000,
        wake: false,
        ...request
      }
      return Broker.use((broker) => broker.exchange(full))
    })
  const claim: Kit["claim"] = (count, request) =>
    Effect.map(exchange({ ...request, claim: count }), (reply) => reply.jobs)
  const find = (id: JobId) => Inspector.use((inspector) => inspector.job(queue, id))
  return {
    queue,
    partitions,
    queueWith: (options) => JobQueue.make(queue.name, { ...options, partitions }),
    enqueue: (...jobs) => createdIds(queue, jobs.map((job) => JobFactory.job(job))),
    enqueueOne: (job) => Effect.map(createdIds(queue, [JobFactory.job(job)]), (ids) => ids[0]!),
    exchange,
    claim,
    claimOne: (request) =>
      Effect.map(claim(1, request), (jobs) => {
        assert.strictEqual(jobs.length, 1, "jobs claimed")
        return jobs[0]!
      }),
    settle: (...settle) => Effect.map(exchange({ settle }), (reply) => reply.settled),
    job: (id) => Effect.map(find(id), (job) => Option.getOrElse(job, () => assert.fail(`there is no job ${id}`))),
    states: (...ids) =>
      Effect.forEach(
        ids,
        (id) => Effect.map(find(id), Option.match({ onNone: () => "gone" as const, onSome: (job) => job.state }))
      ),
    stats: Inspector.use((inspector) => inspector.stats(queue))
  }
}

/** A case: what it does with the kit, and what it asserts. */
export type Body = (kit: Kit) => Effect.Effect<void, BrokerError, Services>

/** Registers cases for one implementation. */
export interface Suite {
  readonly partitions: number
  /** Registers a case. */
  readonly test: (name: string, body: Body) => void
  /** Registers a case that holds for one partition only; elsewhere it is skipped, and says why. */
  readonly testOfOne: (name: string, why: string, body: Body) => void
}

/** Makes the registrar: each case gets the layer anew. */
export const makeSuite = <E>(makeLayer: () => Layer.Layer<Broker | Inspector, E>, partitions: number): Suite => {
  const run = (body: Body) => () =>
    TestClock.setTime(startMs).pipe(
      Effect.andThen(Effect.provide(Effect.suspend(() => body(makeKit(partitions))), makeLayer()))
    )
  return {
    partitions,
    test: (name, body) => it.effect(name, run(body)),
    testOfOne: (name, why, body) =>
      partitions === 1 ? it.effect(name, run(body)) : it.effect.skip(`${name} (one partition only: ${why})`, run(body))
  }
}
