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
import type { Held } from "./LateReply.ts"

/** One call, until it is answered. Times are the host's monotonic ms. */
export interface Call {
  request: ExchangeRequest
  /** When it was sent first: leases that it brings hold at least from then on. */
  readonly firstSentAt: number
  lastSentAt: number
  tries: number
  /** Whether a try has failed. */
  failed: boolean
  /** How many wake-ups and full claims had come when it was sent. */
  readonly news: number
}

/** What a lane needs of the one who owns it. */
export interface Owner {
  readonly host: Host
  /** For the log. */
  readonly queueName: string
  readonly exchange: Broker["Service"]["exchange"]
  /** The next call, if there is something to do now. */
  readonly take: (lane: Lane) => Call | undefined
  /** Finds out which leases of a late reply hold; `undefined`: the reply is fresh enough to trust. */
  readonly confirm: (call: Call, reply: ExchangeReply) => Effect.Effect<Held> | undefined
  /** Applies a reply, with what `confirm` found. */
  readonly answered: (lane: Lane, call: Call, reply: ExchangeReply, held?: Held) => void
  /** A try failed; the call will be repeated. */
  readonly failed: (call: Call, detail: string) => void
}

/** After how many defects in a row of one call its sequence number is given up. */
const patienceWithDefects = 3
const firstRetryMs = 50
const lastRetryMs = 2000

/** See the module. */
export class Lane {
  readonly name: string
  /** What is under way; `undefined`: nothing. */
  call: Call | undefined
  private readonly owner: Owner
  private sequence = 0
  private unpark: (() => void) | undefined
  private fiber: Fiber.Fiber<void> | undefined

  /** The name is unique within the consumer. */
  constructor(name: string, owner: Owner) {
    this.name = name
    this.owner = owner
  }

  /** The number of the lane's next call. */
  nextSequence(): number {
    return ++this.sequence
  }

  /** Starts the lane, again if it runs already: then it repeats the call that it had under way. */
  start(): void {
    this.fiber?.interruptUnsafe()
    this.unpark = undefined
    this.fiber = this.owner.host.fork(
      Effect.catchDefect(
        live(this.owner, this),
        (defect) =>
          Effect.logError(`Queue "${this.owner.queueName}": a lane broke; the watchdog will restart it`, defect)
      )
    )
  }

  /** Whether the lane waits for a call. */
  isParked(): boolean {
    return this.unpark !== undefined && this.call === undefined
  }

  /** Gives the waiting lane a call. */
  go(call: Call): void {
    this.call = call
    this.unpark?.()
  }

  /** Ends the lane, whatever it does. */
  close(): void {
    this.fiber?.interruptUnsafe()
  }

  /** Waits until `go`. */
  readonly park: Effect.Effect<void> = Effect.callback((resume) => {
    this.unpark = () => {
      this.unpark = undefined
      resume(Effect.void)
    }
  })
}

const untilAnswered = Effect.fnUntraced(function*(owner: Owner, lane: Lane, call: Call) {
  for (let defects = 0;;) {
    call.tries++
    call.lastSentAt = owner.host.nowMs()
    const exit = yield* Effect.exit(owner.exchange(call.request))
    if (Exit.isSuccess(exit)) return exit.value
    const error = exit.cause.reasons.find(Cause.isFailReason)?.error
    owner.failed(call, error === undefined ? Cause.pretty(exit.cause) : error.message)
    // A broker that dies on a call (corrupt data) would die on each repeat. So the settlements go again under a new
    // number; one that had been taken answers "lost", which changes nothing. What the call may have claimed is rescued.
    if (error === undefined && ++defects % patienceWithDefects === 0) {
      call.request = { ...call.request, sequence: lane.nextSequence() }
    }
    const backoff = Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(call.tries, 10))
    yield* Effect.sleep(Math.ceil(backoff * (0.5 + owner.host.random() / 2)))
  }
})

/** Takes a call, has it answered, again; waits when there is nothing to do. */
const live = Effect.fnUntraced(function*(owner: Owner, lane: Lane) {
  for (;;) {
    const call = lane.call ??= owner.take(lane)
    if (call === undefined) {
      yield* lane.park
      continue
    }
    const reply = yield* untilAnswered(owner, lane, call)
    const check = owner.confirm(call, reply)
    owner.answered(lane, call, reply, check && (yield* check))
  }
})
