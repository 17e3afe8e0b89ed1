/**
 * Pub/sub: one connection for all channels of a broker, opened at the first use. Wake-ups and verdicts come through it.
 *
 * Subscriptions are renewed after a reconnect; then every listener is told that messages may have been missed. Messages
 * are hints: they can be lost, so nothing may depend on one.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BrokerError } from "../../job/BrokerError.ts"
import * as Connection from "./Connection.ts"
import type { Settings } from "./RedisConfig.ts"

/** Who listens to a channel. */
export interface Listener {
  readonly onMessage: (message: string) => void
  /** After a reconnect: messages may have been missed. */
  readonly onMissed: () => void
}

/** Listens to a channel until the scope closes; returns when the subscription stands. */
export type Listen = (
  operation: string,
  channel: string,
  listener: Listener
) => Effect.Effect<void, BrokerError, Scope.Scope>

/** Who listens to which channel. */
class Channels {
  private readonly listeners = new Map<string, Set<Listener>>()

  get names(): ReadonlyArray<string> {
    return [...this.listeners.keys()]
  }

  add(channel: string, listener: Listener): void {
    this.listeners.set(channel, (this.listeners.get(channel) ?? new Set()).add(listener))
  }

  /** Answers whether it was the channel's last one. */
  remove(channel: string, listener: Listener): boolean {
    const left = this.listeners.get(channel)
    left?.delete(listener)
    return left?.size === 0 && this.listeners.delete(channel)
  }

  readonly deliver = (channel: string, message: string): void =>
    this.listeners.get(channel)?.forEach((listener) => listener.onMessage(message))

  missed(): void {
    for (const listeners of this.listeners.values()) listeners.forEach((listener) => listener.onMissed())
  }
}

/** How long (ms) to wait before the next try to subscribe again. */
const renewMs = 500

const subscribe = (connection: Connection.Connection, operation: string, channels: ReadonlyArray<string>) =>
  connection.call({ operation, name: "subscribe", args: channels })

/** Connects; subscribes all channels again at each connection but the first, where each listener does so itself. */
const connect = Effect.fnUntraced(function*(settings: Settings, channels: Channels) {
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const scope = yield* Effect.scope
  const connection = yield* Connection.make({ ...settings, connectionName: `${settings.connectionName}:wake` })
  // until it succeeds, or the scope closes: without its channels the process would hear of nothing
  const renew: Effect.Effect<void> = Effect.matchEffect(
    Effect.suspend(() => subscribe(connection, "wakeups", channels.names)),
    {
      onFailure: (error) =>
        Effect.logWarning("could not subscribe again after a reconnect:", error.message).pipe(
          Effect.andThen(Connection.sleep(renewMs)),
          Effect.andThen(Effect.suspend(() => renew))
        ),
      onSuccess: () => Effect.sync(() => channels.missed())
    }
  )
  let isFirst = true
  connection.onMessage(channels.deliver)
  connection.onReady(() => {
    if (!isFirst && channels.names.length > 0) fork(Effect.forkIn(renew, scope))
    isFirst = false
  })
  return connection
})

/** Makes the subscriber of a broker; its connection lives as long as the scope. */
export const make: (settings: Settings) => Effect.Effect<Listen, never, Scope.Scope> = Effect.fnUntraced(
  function*(settings: Settings) {
    const channels = new Channels()
    const context = yield* Effect.context<Scope.Scope>()
    const connection = yield* Effect.cached(Effect.provideContext(connect(settings, channels), context))

    // nobody waits for it: a channel that stays subscribed a little longer does no harm
    const unsubscribe = (channel: string) =>
      Effect.forkDetach(Effect.ignore(Effect.flatMap(
        connection,
        (found) => found.call({ operation: "wakeups", name: "unsubscribe", args: [channel] })
      )))

    return (operation, channel, listener) => {
      const remove = Effect.suspend(() =>
        channels.remove(channel, listener) ? Effect.asVoid(unsubscribe(channel)) : Effect.void
      )
      return Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
        channels.add(channel, listener)
        const found = yield* connection
        yield* Effect.onError(restore(subscribe(found, operation, [channel])), () => remove)
        yield* Effect.addFinalizer(() => remove)
      }))
    }
  }
)
