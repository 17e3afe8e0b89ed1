/**
 * A memory broker that writes down the consumer's calls and fails them on demand. For the consumer's own tests.
 *
 * Faults by call: "away" fails it before anything happened, "lost" does it and then fails it, "hang" never answers, "die"
 * dies. Wake-ups can be muted.
 */
import { Broker, BrokerError, type Inspector, MemoryBroker } from "@sluice/core"
import type { ExchangeReply, ExchangeRequest } from "@sluice/core/Broker"
import { BrokerUnavailable } from "@sluice/core/BrokerError"
import { Context, Effect, Layer } from "effect"

export type Fault = "none" | "away" | "lost" | "hang" | "die"

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

export const layer: Layer.Layer<Broker | Inspector | Tap> = Layer.effectContext(Effect.gen(function*() {
  const tap: Tap["Service"] = {
    exchanges: [],
    extends: [],
    faults: { exchange: "none", extend: "none", wakeups: "none" },
    muted: false,
    latency: 0
  }
  const memory = yield* Layer.build(MemoryBroker.layer)
  const inner = Context.get(memory, Broker)
  const broker = Broker.of({
    ...inner,
    exchange: (request) =>
      Effect.suspend(() => {
        const fault = tap.faults.exchange
        if (fault !== "none" && fault !== "lost") tap.exchanges.push({ request, reply: undefined })
        return faulty(
          fault,
          "exchange",
          Effect.tap(inner.exchange(request), (reply) => {
            tap.exchanges.push({ request, reply })
            return tap.latency > 0 ? Effect.sleep(tap.latency) : Effect.void
          })
        )
      }),
    extend: (queue, leases, leaseMs) =>
      Effect.suspend(() => {
        tap.extends.push(leases.length)
        return faulty(tap.faults.extend, "extend", inner.extend(queue, leases, leaseMs))
      }),
    wakeups: (queue, consumer, onWake) =>
      Effect.suspend(() =>
        tap.faults.wakeups === "none"
          ? inner.wakeups(queue, consumer, (why) => tap.muted || onWake(why))
          : Effect.fail(error("wakeups"))
      )
  })
  return Context.add(Context.add(memory, Broker, broker), Tap, tap)
}))
