/**
 * One broker under random commands: does what a command says, and tells the answer and the whole state in words that can
 * be compared between brokers (lease tokens become numbers in order of appearance).
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Broker, ExchangeReply, ExchangeRequest } from "../../broker/Broker.ts"
import type { Inspector, QueueStats } from "../../broker/Inspector.ts"
import type { LeaseRef, Settlement } from "../../broker/Lease.ts"
import type { BrokerError } from "../../job/BrokerError.ts"
import type { Job } from "../../job/Job.ts"
import type { JobId } from "../../job/JobId.ts"
import { all as allStates, isFinal } from "../../job/JobState.ts"
import * as Verdict from "../../job/Verdict.ts"
import type { JobQueue } from "../../task/JobQueue.ts"
import * as JobFactory from "../JobFactory.ts"
import type { Command, LeaseNumber, Outcome } from "./Command.ts"

/** What a broker answered, comparable. */
export type Answer = unknown

/** All that the Inspector shows of the queue. */
export interface Snapshot {
  readonly stats: QueueStats
  /** In the order of the lists, state after state. */
  readonly jobs: ReadonlyArray<Job>
}

/** One broker: see the module. */
export interface World {
  /** Does everything but `wait`. */
  readonly run: (command: Command, now: number) => Effect.Effect<Answer, BrokerError>
  readonly snapshot: Effect.Effect<Snapshot, BrokerError>
}

interface Memory {
  readonly leases: Array<LeaseRef>
  /** Those of them that nobody has settled. */
  readonly open: Array<LeaseRef>
  readonly tokens: Map<string, number>
  readonly ids: Array<JobId>
  readonly lanes: Map<string, ExchangeRequest>
}

/** A world over a broker that is empty. */
export const make = (broker: Broker["Service"], inspector: Inspector["Service"], queue: JobQueue): World => {
  const memory: Memory = { leases: [], open: [], tokens: new Map(), ids: [], lanes: new Map() }
  return {
    run: (command, now) => run(broker, inspector, queue, memory, command, now),
    snapshot: snapshot(inspector, queue, memory)
  }
}

const nobody: LeaseRef = { id: "0:nobody" as JobId, token: "none" }

const leaseAt = (memory: Memory, { among, back }: LeaseNumber): LeaseRef =>
  (among === "open" ? memory.open : memory.leases).at(-1 - back) ?? nobody

const idAt = (memory: Memory, index: number): JobId =>
  memory.ids.length === 0 || index === 19 ? nobody.id : memory.ids[index % memory.ids.length]!

const run = (
  broker: Broker["Service"],
  inspector: Inspector["Service"],
  queue: JobQueue,
  memory: Memory,
  command: Command,
  now: number
): Effect.Effect<Answer, BrokerError> => {
  switch (command._tag) {
    case "enqueue": {
      const jobs = command.jobs.map(({ runInMs, ...job }) => ({
        ...job,
        runAtMs: runInMs === undefined ? undefined : now + runInMs
      }))
      return Effect.map(broker.enqueue(queue, jobs), (answers) =>
        answers.map((answer) => {
          if (answer.answer === "refused") return answer.reason._tag
          if (!memory.ids.includes(answer.id)) memory.ids.push(answer.id)
          return [answer.answer, answer.id]
        }))
    }
    case "exchange": {
      const request = requestOf(queue, memory, command)
      return Effect.map(broker.exchange(request), (reply) => comparable(memory, request, reply))
    }
    case "extend":
      return broker.extend(queue, command.leases.map((index) => leaseAt(memory, index)), command.leaseMs)
    case "progress":
      return broker.progress(queue, leaseAt(memory, command.lease), command.text)
    case "cancel":
      return broker.cancel(queue, command.jobs.map((index) => idAt(memory, index)), command.reason)
    case "retry":
    case "promoteJobs":
    case "remove":
      return broker[command._tag](queue, command.jobs.map((index) => idAt(memory, index)))
    case "pause":
    case "resume":
      return broker[command._tag](queue)
    case "drain":
    case "promote":
    case "rescue":
    case "prune":
      return broker[command._tag](queue, command.limit)
    case "await":
      return awaitEnded(broker, inspector, queue, idAt(memory, command.job))
    case "wait":
      return Effect.void
  }
}

/** Asks for the verdict only of a job that has ended or is unknown: it would wait for the others. */
const awaitEnded = (
  broker: Broker["Service"],
  inspector: Inspector["Service"],
  queue: JobQueue,
  id: JobId
): Effect.Effect<Answer, BrokerError> =>
  Effect.flatMap(inspector.job(queue, id), (found) =>
    Option.isSome(found) && !isFinal(found.value.state)
      ? Effect.succeed<Answer>("would wait")
      : Effect.map(broker.awaitVerdict(queue, id), (ended): Answer =>
        ended && [ended.state, Verdict.decode(ended.verdict)]))

const requestOf = (
  queue: JobQueue,
  memory: Memory,
  command: Extract<Command, { readonly _tag: "exchange" }>
): ExchangeRequest => {
  const { claim, consumer, lane, leaseMs, sequence, settle, wake } = command
  const name = `${consumer} ${lane}`
  const last = memory.lanes.get(name)
  if (last !== undefined && sequence === "again") return last
  const isLate = last !== undefined && sequence === "late"
  const number = (last?.sequence ?? 0) + (isLate ? -1 : 1)
  const request: ExchangeRequest = {
    queue,
    consumer,
    lane,
    sequence: number,
    settle: settle.map((outcome) => settlementOf(memory, outcome)),
    claim,
    leaseMs,
    wake
  }
  if (!isLate) memory.lanes.set(name, request)
  return request
}

const settlementOf = (memory: Memory, { how, lease, ms, wrongToken }: Outcome): Settlement => {
  const { id, token } = leaseAt(memory, lease)
  const claimed = { id, token: wrongToken ? "wrong" : token, attempt: 1, handedBack: 0 }
  switch (how) {
    case "complete":
      return JobFactory.settle.complete(claimed, ms)
    case "cancel":
      return JobFactory.settle.cancel(claimed, ms)
    case "die":
      return { _tag: "die", id, token: claimed.token, keepMs: ms, verdict: JobFactory.dead(), failure: failureOf(ms) }
    case "retry":
      return { _tag: "retry", id, token: claimed.token, delayMs: ms, failure: JobFactory.failure(1, `retry in ${ms}`) }
    case "snooze":
      return JobFactory.settle.snooze(claimed, ms)
    case "release":
      return JobFactory.settle.release(claimed)
    case "handBack":
      return JobFactory.settle.handBack(claimed, ms)
  }
}

const failureOf = (ms: number): string | undefined => ms === 1 ? undefined : JobFactory.failure(1, "gave up")

/** The number of a token: that of the claim that gave it first. */
const numberOf = (memory: Memory, id: JobId, token: string): number => {
  const name = `${id} ${token}`
  const known = memory.tokens.get(name)
  if (known !== undefined) return known
  memory.tokens.set(name, memory.leases.length)
  memory.leases.push({ id, token })
  memory.open.push({ id, token })
  return memory.leases.length - 1
}

const comparable = (memory: Memory, request: ExchangeRequest, reply: ExchangeReply): Answer => {
  reply.settled.forEach((settled, index) => {
    const { id, token } = request.settle[index]!
    const at = memory.open.findIndex((lease) => lease.id === id && lease.token === token)
    if (settled === "settled" && at !== -1) memory.open.splice(at, 1)
  })
  return {
    ...reply,
    jobs: reply.jobs.map((claimed) => ({ ...claimed, token: numberOf(memory, claimed.id, claimed.token) }))
  }
}

const snapshot = (
  inspector: Inspector["Service"],
  queue: JobQueue,
  memory: Memory
): Effect.Effect<Snapshot, BrokerError> =>
  Effect.gen(function*() {
    const stats = yield* inspector.stats(queue)
    const jobs: Array<Job> = []
    for (const state of allStates) {
      if (stats.states[state] === 0) continue
      let cursor: string | undefined
      do {
        const page = yield* inspector.list(queue, state, { cursor, limit: 7 })
        for (const job of page.jobs) jobs.push(withNumber(memory, job))
        cursor = page.cursor
      } while (cursor !== undefined)
    }
    return { stats, jobs }
  })

const withNumber = (memory: Memory, job: Job): Job =>
  job.lease === undefined
    ? job
    : { ...job, lease: { ...job.lease, token: String(numberOf(memory, job.id, job.lease.token)) } }
