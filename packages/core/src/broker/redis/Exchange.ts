/**
 * Exchanges and extensions: what consumers call. Requests with more settlements than a script call may carry are sent as
 * several calls, each in a lane of its own, so that a repeat of the request repeats each of them.
 */
import * as Effect from "effect/Effect"
import type { BrokerError } from "../../job/BrokerError.ts"
import type { ExchangeReply, ExchangeRequest, ExtendAnswer } from "../Broker.ts"
import type { LeaseRef, Settlement } from "../Lease.ts"
import type { Place } from "../Place.ts"
import { bytesAtMost, bytesLimit } from "./EnqueueCall.ts"
import { decode, encode, laneOf, tokenOf } from "./ExchangeCall.ts"
import * as Keys from "./Keys.ts"
import * as Reply from "./Reply.ts"
import { run } from "./Scripts.ts"
import { batchLimit, type StoreCalls } from "./StoreCalls.ts"
import { cancelReasonOf } from "./Views.ts"

const bytesOf = (settlement: Settlement): number =>
  ("verdict" in settlement ? bytesAtMost(settlement.verdict) : 0) +
  ("failure" in settlement && settlement.failure !== undefined ? bytesAtMost(settlement.failure) : 0)

/** Cuts the settlements so that each piece fits into one call; at least one piece, which may be empty. */
export const pieces = (settle: ReadonlyArray<Settlement>): ReadonlyArray<ReadonlyArray<Settlement>> => {
  const all: Array<ReadonlyArray<Settlement>> = []
  let start = 0
  let bytes = 0
  for (let index = 0; index < settle.length; index++) {
    const own = bytesOf(settle[index]!)
    if (index > start && (index - start >= batchLimit || bytes + own > bytesLimit)) {
      all.push(settle.slice(start, index))
      start = index
      bytes = 0
    }
    bytes += own
  }
  all.push(start === 0 ? settle : settle.slice(start))
  return all
}

const one = (
  calls: StoreCalls,
  place: Place,
  request: ExchangeRequest,
  lane: string
): Effect.Effect<ExchangeReply, BrokerError> =>
  calls.withNow((now) => {
    const channel = Keys.wakeChannel(calls.prefix, request.consumer)
    const { args, positions } = encode(calls.baseOf(place), channel, now, lane, request)
    return Effect.map(
      run(calls.connection, request.claim > 0 ? "claim" : "settle", "exchange", args),
      (reply) => decode(request, lane, positions, reply)
    )
  })

const several = Effect.fnUntraced(function*(
  calls: StoreCalls,
  place: Place,
  request: ExchangeRequest,
  lane: string,
  all: ReadonlyArray<ReadonlyArray<Settlement>>
) {
  const settled: Array<"settled" | "lost"> = []
  for (let index = 0; index < all.length - 1; index++) {
    const reply = yield* one(calls, place, { ...request, settle: all[index]!, claim: 0 }, `${lane}#${index}`)
    for (const answer of reply.settled) settled.push(answer)
  }
  const last = yield* one(calls, place, { ...request, settle: all.at(-1)! }, lane)
  return { ...last, settled: [...settled, ...last.settled] }
})

/** One round of a consumer. */
export const exchange = (
  calls: StoreCalls,
  place: Place,
  request: ExchangeRequest
): Effect.Effect<ExchangeReply, BrokerError> =>
  Effect.suspend(() => {
    const lane = laneOf(request)
    const all = pieces(request.settle)
    return all.length === 1 ? one(calls, place, request, lane) : several(calls, place, request, lane, all)
  })

const extended: ExtendAnswer = { _tag: "Extended" }
const lost: ExtendAnswer = { _tag: "Lost" }

const extendAnswerOf = (text: string): ExtendAnswer =>
  text === "" ? extended : text === "l" ? lost : { _tag: "Cancel", reason: cancelReasonOf(text) ?? "" }

/** Extends leases. */
export const extend = Effect.fnUntraced(function*(
  calls: StoreCalls,
  place: Place,
  leases: ReadonlyArray<LeaseRef>,
  leaseMs: number
): Effect.fn.Return<ReadonlyArray<ExtendAnswer>, BrokerError> {
  const answers: Array<ExtendAnswer> = []
  for (let from = 0; from < leases.length; from += batchLimit) {
    const batch = leases.slice(from, from + batchLimit)
    const args = [
      Math.ceil(leaseMs),
      batch.length,
      ...batch.map(({ id }) => id),
      ...batch.map(({ token }) => tokenOf(token))
    ]
    const reply = Reply.texts(yield* calls.call("extend", "extend", place, args))
    for (let index = 0; index < batch.length; index++) {
      answers.push(reply.length === 0 ? extended : extendAnswerOf(Reply.text(reply[index])))
    }
  }
  return answers
})

/** Keeps a running job's progress. */
export const progress = (
  calls: StoreCalls,
  place: Place,
  lease: LeaseRef,
  text: string
): Effect.Effect<"settled" | "lost", BrokerError> =>
  Effect.map(
    calls.call("progress", "progress", place, [lease.id, tokenOf(lease.token), text]),
    (kept) => kept === 1 ? "settled" : "lost"
  )
