/**
 * One round of a consumer over all partitions of a queue: settlements go to their own partition, claims are shared out.
 *
 * The first step asks the partitions for fair shares of the free slots, those first that have woken the consumer, then
 * beginning at another one each time. As long as slots are left, further steps ask those that had their full share to
 * give; so a call that comes back short has found every partition empty, and waits for work at all of them. One that
 * comes back full comes by at the partitions that have woken the consumer and were not asked: what is there is then
 * another consumer's. Each step has a lane of its own at the partitions, and what a lane's last call asked for is
 * remembered here, so that its repeat sends exactly the same and answers the same.
 */
import * as Effect from "effect/Effect"
import type { BrokerError } from "../job/BrokerError.ts"
import type { ExchangeReply, ExchangeRequest } from "./Broker.ts"
import type { Callers } from "./Callers.ts"
import type { ClaimedJob, Settlement } from "./Lease.ts"
import type { PartitionStore } from "./PartitionStore.ts"
import { groupBy, partitionWithin } from "./Scatter.ts"

/** What one step asks of one partition; `positions` are those of the settlements in the request. */
interface Ask {
  readonly partition: number
  readonly share: number
  readonly settle: ReadonlyArray<Settlement>
  readonly positions: ReadonlyArray<number>
}

/** What a lane's last call has asked so far, step by step. */
interface Plan {
  readonly sequence: number
  readonly steps: Array<ReadonlyArray<Ask>>
  isDone: boolean
}

/** The answers so far. */
interface Joined {
  readonly settled: Array<"settled" | "lost">
  readonly jobs: Array<ClaimedJob>
  nextDueMs: number | undefined
  paused: boolean
}

/** How many lanes' last calls are remembered; a process has a few. */
const plansLimit = 1000

/** Exchanges with a queue of several partitions. */
export type ExchangeWith = (count: number, request: ExchangeRequest) => Effect.Effect<ExchangeReply, BrokerError>

/** Makes the exchange over a store. `callers`: who has woken whom. */
export const make = (store: PartitionStore, callers: Callers): ExchangeWith => {
  const plans = new Map<string, Plan>()
  const planFor = (request: ExchangeRequest): Plan | undefined => {
    const name = JSON.stringify([request.queue.name, request.consumer, request.lane])
    const last = plans.get(name)
    if (last !== undefined && last.sequence > request.sequence) return undefined
    const plan = last?.sequence === request.sequence ? last : { sequence: request.sequence, steps: [], isDone: false }
    plans.delete(name)
    plans.set(name, plan)
    for (const oldest of plans.keys()) {
      if (plans.size <= plansLimit) break
      plans.delete(oldest)
    }
    return plan
  }
  return (count, request) =>
    Effect.suspend(() => {
      const plan = planFor(request)
      if (plan === undefined) return Effect.succeed(overtaken(request))
      return exchange(store, count, request, plan, callers.of(request.queue.name, request.consumer))
    })
}

/** The answer to a call that a later one of its lane has overtaken: nothing was done. */
const overtaken = (request: ExchangeRequest): ExchangeReply => ({
  settled: request.settle.map(() => "lost"),
  jobs: [],
  nextDueMs: undefined,
  paused: false
})

const exchange = Effect.fnUntraced(function*(
  store: PartitionStore,
  count: number,
  request: ExchangeRequest,
  plan: Plan,
  calling: Set<number>
): Effect.fn.Return<ExchangeReply, BrokerError> {
  const joined: Joined = { settled: request.settle.map(() => "lost"), jobs: [], nextDueMs: undefined, paused: true }
  let candidates = inTurn(count, request.sequence % count, calling)
  for (let step = 0; step < plan.steps.length || !plan.isDone; step++) {
    const wanted = request.claim - joined.jobs.length
    const isOver = step > 0 && (wanted <= 0 || candidates.length === 0)
    // written down before it is sent: if the reply is lost, the repeat has to ask the same
    const asks = plan.steps[step] ??= step === 0
      ? firstAsks(request, count, candidates)
      : isOver
      ? [...calling].map(comeBy)
      : share(wanted, candidates)
    for (const { partition } of asks) calling.delete(partition)
    const exhausted = join(joined, asks, yield* send(store, request, step, asks))
    candidates = candidates.filter((partition) => !exhausted.has(partition))
    if (step + 1 < plan.steps.length) continue
    plan.isDone = isOver || (calling.size === 0 && (joined.jobs.length >= request.claim || candidates.length === 0))
  }
  return joined
})

/** All partitions: those first that call, then from `start` on. */
const inTurn = (count: number, start: number, calling: ReadonlySet<number>): ReadonlyArray<number> => {
  const turn = Array.from({ length: count }, (_, index) => (start + index) % count)
  return calling.size === 0
    ? turn
    : [...turn.filter((one) => calling.has(one)), ...turn.filter((one) => !calling.has(one))]
}

/** Asks for nothing: to see how things stand, and to leave what is there to others. */
const comeBy = (partition: number): Ask => ({ partition, share: 0, settle: [], positions: [] })

/** Fair shares of `claim`, the first partitions getting one more where it doesn't divide; none asks for nothing. */
const share = (claim: number, partitions: ReadonlyArray<number>): ReadonlyArray<Ask> => {
  const base = Math.floor(claim / partitions.length)
  const asks = partitions.map((partition, index): Ask => ({
    partition,
    share: base + (index < claim % partitions.length ? 1 : 0),
    settle: [],
    positions: []
  }))
  return asks.filter((ask) => ask.share > 0)
}

/** The shares, with the settlements. A call with nothing to give and nothing to take asks how things stand everywhere. */
const firstAsks = (request: ExchangeRequest, count: number, partitions: ReadonlyArray<number>): ReadonlyArray<Ask> => {
  const claim = Math.max(0, request.claim)
  const groups = groupBy(request.settle, request.settle.map((settlement) => partitionWithin(settlement.id, count)))
  if (claim === 0 && groups.length === 0) {
    return partitions.map(comeBy)
  }
  const asks = new Map(share(claim, partitions).map((ask) => [ask.partition, ask]))
  for (const { items, partition, positions } of groups) {
    asks.set(partition, { partition, share: asks.get(partition)?.share ?? 0, settle: items, positions })
  }
  return [...asks.values()]
}

/** Adds the replies of one step; answers the partitions that had less to give than they were asked for. */
const join = (joined: Joined, asks: ReadonlyArray<Ask>, replies: ReadonlyArray<ExchangeReply>): Set<number> => {
  const exhausted = new Set<number>()
  for (let index = 0; index < asks.length; index++) {
    const ask = asks[index]!
    const reply = replies[index]!
    for (const job of reply.jobs) joined.jobs.push(job)
    ask.positions.forEach((position, at) => joined.settled[position] = reply.settled[at]!)
    if (reply.nextDueMs !== undefined) joined.nextDueMs = Math.min(joined.nextDueMs ?? Infinity, reply.nextDueMs)
    joined.paused = joined.paused && reply.paused
    if (reply.jobs.length < ask.share) exhausted.add(ask.partition)
  }
  return exhausted
}

const send = (
  store: PartitionStore,
  request: ExchangeRequest,
  step: number,
  asks: ReadonlyArray<Ask>
): Effect.Effect<ReadonlyArray<ExchangeReply>, BrokerError> =>
  Effect.forEach(asks, (ask) =>
    store.exchange({ queue: request.queue, partition: ask.partition }, {
      ...request,
      lane: step === 0 ? request.lane : `${request.lane}~${step}`,
      settle: ask.settle,
      claim: ask.share
    }), { concurrency: "unbounded" })
