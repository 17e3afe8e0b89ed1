/**
 * A line of calls to the broker of which at most one is under way.
 *
 * `QueueRunner` gives it one call at a time; the lane repeats it, the same in every byte, until it is answered: after a
 * lost reply the broker recognises the sequence number and answers what it answered. So nothing that was settled is ever
 * dropped here, and nothing is settled or claimed twice. The call outlives the lane's fiber, so that the watchdog may
 * restart it at any time.
 */
import type { Broker, ExchangeReply, ExchangeRequest } from "@sluice/core/Broker"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Host } from "./Host.ts"

/** One call, until it is answered. Times are the host's monotonic ms. */
export interface Call {
  request: ExchangeRequest
  /** When it was sent first: leases that it brings hold at least from then on. */
  readonly firstSentAt: number
  lastSentAt: number
  tries: number
  /** How many wake-ups had come when it was sent: a later one means that its answer is old. */
  readonly wakes: number
}

/** One lane. */
export interface Lane {
  readonly name: string
  sequence: number
  call: Call | undefined
  /** Starts the lane again when it waits for a call. */
  resume: (() => void) | undefined
  fiber: Fiber.Fiber<never> | undefined
}

/** What a lane needs of the one who owns it. */
export interface Owner {
  readonly host: Host
  readonly exchange: Broker["Service"]["exchange"]
  /** The next call, if there is something to do now. */
  readonly take: (lane: Lane) => Call | undefined
  /** Finds out which of a late reply's leases still hold; `undefined`: the reply is fresh enough to trust. */
  readonly confirm: (call: Call, reply: ExchangeReply) => Effect.Effect<ReadonlyMap<string, number>> | undefined
  /** Applies a reply, with what `confirm` found. */
  readonly answered: (lane: Lane, call: Call, reply: ExchangeReply, held?: ReadonlyMap<string, number>) => void
  /** A try failed; the call will be repeated. */
  readonly failed: (detail: string) => void
}

/** After how many defects in a row of one call its sequence number is given up. */
const patienceWithDefects = 3
const firstRetryMs = 50
const lastRetryMs = 2000

/** A lane that has not made a call yet. */
export const make = (name: string): Lane => ({
  name,
  sequence: 0,
  call: undefined,
  resume: undefined,
  fiber: undefined
})

const park = (lane: Lane): Effect.Effect<void> =>
  Effect.callback((resume) => {
    lane.resume = () => {
      lane.resume = undefined
      resume(Effect.void)
    }
  })

/**
 * A broker that dies on a call (corrupt data) would die on each repeat. The settlements go again under a new number; one
 * that had been taken the first time answers "lost", which changes nothing. What the call may have claimed is rescued.
 */
const renumber = (lane: Lane, call: Call): void => {
  call.request = { ...call.request, sequence: ++lane.sequence }
}

const untilAnswered = Effect.fnUntraced(function*(owner: Owner, lane: Lane, call: Call) {
  for (let defects = 0;;) {
    call.tries++
    call.lastSentAt = owner.host.nowMs()
    const exit = yield* Effect.exit(owner.exchange(call.request))
    if (Exit.isSuccess(exit)) return exit.value
    const error = exit.cause.reasons.find(Cause.isFailReason)?.error
    owner.failed(error === undefined ? Cause.pretty(exit.cause) : error.message)
    if (error === undefined && ++defects % patienceWithDefects === 0) renumber(lane, call)
    const backoff = Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(call.tries, 10))
    yield* Effect.sleep(Math.ceil(backoff * (0.5 + owner.host.random() / 2)))
  }
})

/** The lane's life: take a call, have it answered, again; wait when there is nothing to do. */
export const run = Effect.fnUntraced(function*(owner: Owner, lane: Lane) {
  for (;;) {
    const call = lane.call ??= owner.take(lane)
    if (call === undefined) {
      yield* park(lane)
      continue
    }
    const reply = yield* untilAnswered(owner, lane, call)
    const check = owner.confirm(call, reply)
    owner.answered(lane, call, reply, check && (yield* check))
  }
})
