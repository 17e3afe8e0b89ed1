/**
 * A broker that fails on command: it is away, loses replies, hangs, is slow, or forgets to wake. For tests of whatever
 * uses a broker: engines, and apps that must hold out while Redis is away.
 *
 * It wraps a real broker, usually the memory broker; what is not told to fail is done as ever. Delays go by Effect's
 * Clock, so TestClock moves them.
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import { Broker } from "../broker/Broker.ts"
import { BrokerError, BrokerUnavailable } from "../job/BrokerError.ts"

/** A method of the broker. */
export type Verb = keyof Broker["Service"]

/**
 * How a call fails.
 * - `away`: with `BrokerUnavailable`, and nothing was done.
 * - `lostReply`: with `BrokerUnavailable`, and it was done.
 * - `hang`: not at all: it is not done before `heal`.
 * - `{ delay }`: it is done after that time.
 */
export type Fault = "away" | "lostReply" | "hang" | { readonly delay: Duration.Input }

/** The switches of a faulty broker. */
export class Faults extends Context.Service<Faults, {
  /** The next calls of a verb fail so, one by default; those that were told before go first. */
  readonly next: (verb: Verb, fault: Fault, times?: number) => Effect.Effect<void>
  /** All calls of a verb, or of all verbs, fail so until `heal`. */
  readonly always: (verb: Verb | "all", fault: Fault) => Effect.Effect<void>
  /** From now on nobody is woken, until `heal`. */
  readonly mute: Effect.Effect<void>
  /** Takes every fault back; hanging calls go on. */
  readonly heal: Effect.Effect<void>
  /** How often a verb was called, failed calls included. */
  readonly calls: (verb: Verb) => Effect.Effect<number>
}>()("@sluice/core/testing/Faults") {}

interface State {
  readonly next: Map<Verb, Array<Fault>>
  readonly always: Map<Verb | "all", Fault>
  readonly calls: Map<Verb, number>
  /** Opened by the heal after which hanging calls go on. */
  healed: Latch.Latch
  isMuted: boolean
}

/** The same layer, whose broker does as `Faults` says. */
export const over = <Provided, E, R>(
  layer: Layer.Layer<Provided | Broker, E, R>
): Layer.Layer<Provided | Broker | Faults, E, R> =>
  Layer.effectContext(Effect.map(Layer.build(layer), (context) => {
    const state: State = {
      next: new Map(),
      always: new Map(),
      calls: new Map(),
      healed: Latch.makeUnsafe(),
      isMuted: false
    }
    return context.pipe(
      Context.add(Broker, wrap(Context.get(context, Broker), state)),
      Context.add(Faults, switches(state))
    )
  }))

const switches = (state: State): Faults["Service"] => ({
  next: (verb, fault, times = 1) =>
    Effect.sync(() => {
      const planned = state.next.get(verb) ?? []
      state.next.set(verb, [...planned, ...Array.from({ length: times }, () => fault)])
    }),
  always: (verb, fault) =>
    Effect.sync(() => {
      state.always.set(verb, fault)
    }),
  mute: Effect.sync(() => {
    state.isMuted = true
  }),
  heal: Effect.suspend(() => {
    const { healed } = state
    state.next.clear()
    state.always.clear()
    state.isMuted = false
    state.healed = Latch.makeUnsafe()
    return healed.open
  }),
  calls: (verb) => Effect.sync(() => state.calls.get(verb) ?? 0)
})

const unavailable = (verb: Verb): BrokerError =>
  new BrokerError({ reason: new BrokerUnavailable({ operation: verb, detail: "the test says so" }) })

const apply = <A, R>(
  state: State,
  verb: Verb,
  fault: Fault | undefined,
  call: Effect.Effect<A, BrokerError, R>
): Effect.Effect<A, BrokerError, R> => {
  if (fault === undefined) return call
  if (fault === "away") return Effect.fail(unavailable(verb))
  if (fault === "lostReply") return Effect.andThen(call, Effect.fail(unavailable(verb)))
  return Effect.andThen(fault === "hang" ? state.healed.await : Effect.sleep(fault.delay), call)
}

const wrap = (broker: Broker["Service"], state: State): Broker["Service"] => {
  const faulty = <Args extends ReadonlyArray<unknown>, A, R>(
    verb: Verb,
    call: (...args: Args) => Effect.Effect<A, BrokerError, R>
  ) =>
  (...args: Args): Effect.Effect<A, BrokerError, R> =>
    Effect.suspend(() => {
      state.calls.set(verb, (state.calls.get(verb) ?? 0) + 1)
      const fault = state.next.get(verb)?.shift() ?? state.always.get(verb) ?? state.always.get("all")
      return apply(state, verb, fault, call(...args))
    })
  return Broker.of({
    enqueue: faulty("enqueue", broker.enqueue),
    exchange: faulty("exchange", broker.exchange),
    extend: faulty("extend", broker.extend),
    progress: faulty("progress", broker.progress),
    wakeups: faulty(
      "wakeups",
      (queue, consumer, onWake) => broker.wakeups(queue, consumer, (why) => state.isMuted ? undefined : onWake(why))
    ),
    awaitVerdict: faulty("awaitVerdict", broker.awaitVerdict),
    cancel: faulty("cancel", broker.cancel),
    retry: faulty("retry", broker.retry),
    promoteJobs: faulty("promoteJobs", broker.promoteJobs),
    remove: faulty("remove", broker.remove),
    pause: faulty("pause", broker.pause),
    resume: faulty("resume", broker.resume),
    drain: faulty("drain", broker.drain),
    promote: faulty("promote", broker.promote),
    rescue: faulty("rescue", broker.rescue),
    prune: faulty("prune", broker.prune)
  })
}
