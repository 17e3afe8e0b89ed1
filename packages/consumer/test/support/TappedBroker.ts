/**
 * A memory broker that writes down the consumer's calls and fails them on demand. For the consumer's own tests.
 *
 * Faults by call: "away" fails it before anything happened, "lost" does it and then fails it, "hang" never answers, "die"
 * dies, "refuse" (extend only) says that all leases are lost. Wake-ups can be muted.
 */
import { Broker, BrokerError, type Inspector, MemoryBroker } from "@sluice/core"
import type { ExchangeReply, ExchangeRequest, ExtendAnswer } from "@sluice/core/Broker"
import { BrokerUnavailable } from "@sluice/core/BrokerError"
import { Context, Effect, Latch, Layer } from "effect"

export type Fault = "none" | "away" | "lost" | "hang" | "die" | "refuse"

export interface Exchange {
  readonly request: ExchangeRequest
  readonly reply: ExchangeReply | undefined
}

/** What a test sees and sets. */
export class Tap extends Context.Service<Tap, {
  readonly exchanges: Array<Exchange>
  /** How many leases each extend named. */
  readonly extends: Array<number>
  readonly faults: { exchange: Fault; extend: Fault; wakeups: Fault }
  muted: boolean
  /** The name of the queue whose exchanges are done and then fail. */
  losing: string | undefined
  /** The same, for a lane of all queues. */
  losingLane: string | undefined
  /** While it is closed, no exchange is answered. */
  readonly gate: Latch.Latch
  /** How long (ms) each exchange is under way. */
  latency: number
}>()("test/Tap") {}

const error = (operation: string) =>
  new BrokerError({ reason: new BrokerUnavailable({ operation, detail: "the test said so" }) })

const faulty = <A>(
  fault: Fault,
  operation: string,
  effect: Effect.Effect<A, BrokerError>
): Effect.Effect<A, BrokerError> => {
  switch (fault) {
    case "none":
    case "refuse":
      return effect
    case "away":
      return Effect.fail(error(operation))
    case "lost":
      return Effect.andThen(effect, Effect.fail(error(operation)))
    case "hang":
      return Effect.never
    case "die":
      return Effect.die(new Error("corrupt record"))
  }
}

const tapped = (inner: Broker["Service"], tap: Tap["Service"]): Broker["Service"] => ({
  ...inner,
  exchange: (request) =>
    Effect.suspend(() => {
      const fault = tap.losing === request.queue.name || tap.losingLane === request.lane ? "lost" : tap.faults.exchange
      if (fault !== "none" && fault !== "lost") tap.exchanges.push({ request, reply: undefined })
      const noted = Effect.tap(inner.exchange(request), (reply) => {
        tap.exchanges.push({ request, reply })
        return Effect.andThen(tap.gate.await, tap.latency > 0 ? Effect.sleep(tap.latency) : Effect.void)
      })
      return faulty(fault, "exchange", noted)
    }),
  extend: (queue, leases, leaseMs) =>
    Effect.suspend(() => {
      const fault = tap.faults.extend
      tap.extends.push(leases.length)
      const refused = Effect.succeed(leases.map((): ExtendAnswer => ({ _tag: "Lost" })))
      return faulty(fault, "extend", fault === "refuse" ? refused : inner.extend(queue, leases, leaseMs))
    }),
  wakeups: (queue, consumer, onWake) =>
    Effect.suspend(() =>
      tap.faults.wakeups === "none"
        ? inner.wakeups(queue, consumer, (why) => tap.muted || onWake(why))
        : Effect.fail(error("wakeups"))
    )
})

/** What the layer provides. */
export type Provided = Broker | Inspector | Tap

export const layer: Layer.Layer<Provided> = Layer.effectContext(Effect.gen(function*() {
  const memory = yield* Layer.build(MemoryBroker.layer)
  const tap: Tap["Service"] = {
    exchanges: [],
    extends: [],
    faults: { exchange: "none", extend: "none", wakeups: "none" },
    muted: false,
    losing: undefined,
    losingLane: undefined,
    gate: Latch.makeUnsafe(true),
    latency: 0
  }
  return memory.pipe(Context.add(Broker, tapped(Context.get(memory, Broker), tap)), Context.add(Tap, tap))
}))
