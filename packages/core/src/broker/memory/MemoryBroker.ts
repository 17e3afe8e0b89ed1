/**
 * The embedded broker: jobs are kept in this process's memory, with the same semantics as Redis, under Effect's Clock
 * (so under TestClock in tests). For tests, demos and single-process apps whose jobs may be lost with the process.
 *
 * Each time the layer is built it is a new, empty broker.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Broker } from "../Broker.ts"
import { Events } from "../Events.ts"
import type { Inspector } from "../Inspector.ts"
import { Registry } from "../Registry.ts"
import * as Routed from "../Routed.ts"
import * as RoutedEvents from "../RoutedEvents.ts"
import * as MemoryRegistry from "./MemoryRegistry.ts"
import * as MemoryStore from "./MemoryStore.ts"

/** A broker, its inspector, its events and its registry, empty when built. Nothing can fail. */
export const layer: Layer.Layer<Broker | Inspector | Events | Registry> = Layer.effectContext(
  Effect.suspend(() => {
    const store = MemoryStore.make()
    return Effect.map(
      Routed.make(store),
      (routed) =>
        routed.pipe(Context.add(Registry, MemoryRegistry.make()), Context.add(Events, RoutedEvents.make(store)))
    )
  })
)
