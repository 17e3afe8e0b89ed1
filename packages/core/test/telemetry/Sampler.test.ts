import { assert, describe, it } from "@effect/vitest"
import { Context, Option, Tracer } from "effect"
import { isWithin, type Sampler, samplers, sampling } from "../../src/telemetry/Sampler.ts"

/** How many of a thousand spans are recorded. */
const recorded = (sampler: Sampler, ratio: number, parent: Option.Option<Tracer.AnySpan>, sampled = true): number => {
  const tracer = sampling(Tracer.make({ span: (options) => new Tracer.NativeSpan(options) }), sampler, ratio)
  const one = () =>
    tracer.span({
      name: "span",
      parent,
      annotations: Context.empty(),
      links: [],
      startTime: 0n,
      kind: "internal",
      root: false,
      sampled
    })
  return Array.from({ length: 1000 }, one).filter((span) => span.sampled).length
}

const none = Option.none<Tracer.AnySpan>()
const remote = (sampled: boolean, traceId = "0af7651916cd43dd8448eb211c80319c") =>
  Option.some(Tracer.externalSpan({ traceId, spanId: "b7ad6b7169203331", sampled }))

describe("a sampler", () => {
  it("decides on new traces", () => {
    assert.strictEqual(recorded("parentbased_always_on", 0, none), 1000)
    assert.strictEqual(recorded("always_off", 1, none), 0)
    assert.strictEqual(recorded("parentbased_always_off", 1, none), 0)
    const kept = recorded("parentbased_traceidratio", 0.25, none)
    assert.isTrue(kept > 150 && kept < 350, String(kept))
    assert.strictEqual(recorded("traceidratio", 0, none), 0)
    assert.strictEqual(recorded("traceidratio", 1, none), 1000)
  })

  it("follows the parent where it is based on it", () => {
    assert.strictEqual(recorded("parentbased_always_off", 0, remote(true)), 1000)
    assert.strictEqual(recorded("parentbased_always_on", 1, remote(false), false), 0)
    assert.strictEqual(recorded("parentbased_traceidratio", 0, remote(true)), 1000)
  })

  it("asks its own rule of other processes' traces where it is not", () => {
    assert.strictEqual(recorded("always_on", 1, remote(false), false), 1000)
    assert.strictEqual(recorded("always_off", 1, remote(true)), 0)
  })

  it("never records what its own process left out", () => {
    for (const sampler of samplers) assert.strictEqual(recorded(sampler, 1, none, false), 0, sampler)
  })

  it("keeps the same traces as everyone with the same ratio", () => {
    assert.isTrue(isWithin(0.5, "00000000000000000080000000000000"))
    assert.isFalse(isWithin(0.5, "ffffffffffffffffff7fffffffffffff"))
    assert.isTrue(isWithin(1, "ffffffffffffffffff00000000000000"))
    assert.isFalse(isWithin(0, "ffffffffffffffffffffffffffffffff"))
  })
})
