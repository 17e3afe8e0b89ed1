/**
 * The embedded broker: jobs are kept in this process's memory, with the same semantics as Redis, under Effect's Clock
 * (so under TestClock in tests). For tests, demos and single-process apps whose jobs may be lost with the process.
 *
 * Each time the layer is built it is a new, empty broker.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Broker } from "../Broker.ts"
import type { Inspector } from "../Inspector.ts"
import * as Routed from "../Routed.ts"
import * as MemoryStore from "./MemoryStore.ts"

/** A broker and its inspector, empty when built. Nothing can fail. */
export const layer: Layer.Layer<Broker | Inspector> = Layer.effectContext(
  Effect.suspend(() => Routed.make(MemoryStore.make()))
)
