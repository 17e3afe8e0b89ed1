/**
 * The broker on Redis 7 or newer, or any Valkey: a layer of `Broker`, `Inspector`, `Events` and `Registry`.
 *
 * Building it connects, within the deadline, and refuses a server that is too old or may throw jobs away; its scope
 * closes the connections. At most two connections: one for commands, and one for messages, opened when first needed.
 * Once built, it outlives Redis: calls fail with `BrokerUnavailable` while it is away, and go on when it is back.
 */
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { BrokerError } from "../../job/BrokerError.ts"
import type { Broker } from "../Broker.ts"
import { Events } from "../Events.ts"
import type { Inspector } from "../Inspector.ts"
import { Registry } from "../Registry.ts"
import * as Routed from "../Routed.ts"
import * as RoutedEvents from "../RoutedEvents.ts"
import * as Connection from "./Connection.ts"
import * as RedisConfig from "./RedisConfig.ts"
import * as RedisRegistry from "./RedisRegistry.ts"
import * as RedisStore from "./RedisStore.ts"
import * as Reply from "./Reply.ts"
import * as ServerCheck from "./ServerCheck.ts"

export type { Options } from "./RedisConfig.ts"

/** Refuses a server that can't keep jobs. One that does not let us ask is trusted, with a warning. */
const check = Effect.fnUntraced(function*(connection: Connection.Connection, evictionPolicy: "refuse" | "warn") {
  const facts = yield* connection.call({ operation: "connect", name: "info", args: [] }).pipe(
    Effect.map((reply) => ServerCheck.factsOf(Reply.text(reply))),
    Effect.catchReason("BrokerError", "BrokerRefused", (refused) =>
      refused.detail.startsWith("NOPERM")
        ? Effect.as(
          Effect.logWarning("Redis does not allow INFO: its version and maxmemory-policy could not be checked"),
          ServerCheck.factsOf("")
        )
        : Effect.fail(new BrokerError({ reason: refused })))
  )
  const tooOld = ServerCheck.tooOld(facts)
  if (tooOld !== undefined) return yield* new BrokerError({ reason: tooOld })
  const mayEvict = ServerCheck.mayEvict(facts)
  if (mayEvict === undefined) return
  if (evictionPolicy === "refuse") return yield* new BrokerError({ reason: mayEvict })
  yield* Effect.logWarning(mayEvict.message)
})

const makeWith = Effect.fnUntraced(function*(settings: RedisConfig.Settings) {
  const connection = yield* Connection.make(settings)
  yield* check(connection, settings.evictionPolicy)
  const store = yield* RedisStore.make(settings, connection)
  return (yield* Routed.make(store)).pipe(
    Context.add(Registry, RedisRegistry.make(settings, connection)),
    Context.add(Events, RoutedEvents.make(store))
  )
})

/** What a broker provides. */
type Services = Broker | Inspector | Events | Registry

/** Connects, and makes the services. Options out of range are a defect: a `RangeError` that names the option. */
export const make = (
  options: RedisConfig.Options = {}
): Effect.Effect<Context.Context<Services>, BrokerError, Scope.Scope> =>
  Effect.suspend(() => makeWith(RedisConfig.settings(options)))

/** The services, from options. Fails when Redis can't be reached within the deadline, or is not fit. */
export const layer = (options: RedisConfig.Options = {}): Layer.Layer<Services, BrokerError> =>
  Layer.effectContext(make(options))

/** The same from the environment: see `RedisConfig.config` for the variables and their defaults. */
export const layerConfig: Layer.Layer<Services, BrokerError | Config.ConfigError> = Layer.effectContext(
  Effect.flatMap(Effect.suspend(() => RedisConfig.config), makeWith)
)
