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
import type { Inspector } from "../Inspector.ts"
import { Registry } from "../Registry.ts"
import * as Routed from "../Routed.ts"
import * as MemoryRegistry from "./MemoryRegistry.ts"
import * as MemoryStore from "./MemoryStore.ts"

/** A broker, its inspector and its registry, empty when built. Nothing can fail. */
export const layer: Layer.Layer<Broker | Inspector | Registry> = Layer.effectContext(
  Effect.suspend(() => Effect.map(Routed.make(MemoryStore.make()), Context.add(Registry, MemoryRegistry.make())))
)
