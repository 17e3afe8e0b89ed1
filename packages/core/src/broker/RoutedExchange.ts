/**
 * One round of a consumer over all partitions of a queue: settlements go to their own partition, claims are shared out.
 *
 * The first round asks the partitions for fair shares of the free slots, beginning at another one each time. As long as
 * slots are left, further rounds ask those that had their full share to give; so a call that comes back short has found
 * every partition empty, and waits for work at all of them. Each round has a lane of its own, so that a repeat of the
 * call repeats every round of it.
 */
import * as Effect from "effect/Effect"
import type { BrokerError } from "../job/BrokerError.ts"
import type { ExchangeReply, ExchangeRequest } from "./Broker.ts"
import type { ClaimedJob, Settlement } from "./Lease.ts"
import type { PartitionStore } from "./PartitionStore.ts"
import { groupBy, partitionWithin } from "./Scatter.ts"

interface Call {
  readonly partition: number
  readonly share: number
  readonly settle: ReadonlyArray<Settlement>
}

/** Fair shares of `claim` for the partitions, the first ones getting one more where it doesn't divide. */
export const shares = (claim: number, partitions: ReadonlyArray<number>): ReadonlyArray<number> => {
  const base = Math.floor(claim / partitions.length)
  return partitions.map((_, index) => base + (index < claim % partitions.length ? 1 : 0))
}

/** Exchanges with a queue of several partitions. */
export const exchange = Effect.fnUntraced(function*(store: PartitionStore, count: number, request: ExchangeRequest) {
  const settles = groupBy(request.settle, request.settle.map((settlement) => partitionWithin(settlement.id, count)))
  const settled = request.settle.map((): "settled" | "lost" => "lost")
  const jobs: Array<ClaimedJob> = []
  const start = request.sequence % count
  let candidates: ReadonlyArray<number> = Array.from({ length: count }, (_, index) => (start + index) % count)
  let nextDueMs: number | undefined
  let paused = true

  for (let round = 0; candidates.length > 0; round++) {
    const given = shares(Math.max(0, request.claim - jobs.length), candidates)
    const asked = candidates.map((partition, index): Call => ({
      partition,
      share: given[index]!,
      settle: round > 0 ? [] : settles.find((group) => group.partition === partition)?.items ?? []
    }))
    // with nothing to give and nothing to take, the call asks how things stand everywhere
    const calls = request.claim <= 0 && settles.length === 0
      ? asked
      : asked.filter((call) => call.share > 0 || call.settle.length > 0)
    const replies = yield* send(store, request, round, calls)
    for (let index = 0; index < replies.length; index++) {
      const reply = replies[index]!
      for (const job of reply.jobs) jobs.push(job)
      if (reply.nextDueMs !== undefined) nextDueMs = Math.min(nextDueMs ?? Infinity, reply.nextDueMs)
      paused = paused && reply.paused
      if (calls[index]!.settle.length === 0) continue
      const group = settles.find((one) => one.partition === calls[index]!.partition)
      group!.positions.forEach((position, at) => settled[position] = reply.settled[at]!)
    }
    if (jobs.length >= request.claim) break
    const short = new Set(
      calls.filter((call, index) => replies[index]!.jobs.length < call.share)
        .map((call) => call.partition)
    )
    candidates = candidates.filter((partition) => !short.has(partition))
  }
  const reply: ExchangeReply = { settled, jobs, nextDueMs, paused }
  return reply
})

const send = (
  store: PartitionStore,
  request: ExchangeRequest,
  round: number,
  calls: ReadonlyArray<Call>
): Effect.Effect<ReadonlyArray<ExchangeReply>, BrokerError> =>
  Effect.forEach(calls, ({ partition, settle, share }) =>
    store.exchange({ queue: request.queue, partition }, {
      ...request,
      lane: round === 0 ? request.lane : `${request.lane}~${round}`,
      settle,
      claim: share
    }), { concurrency: "unbounded" })
