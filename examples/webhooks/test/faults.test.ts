/** The sink's unreliability is a function of the seed, not of chance. */
import { assert, describe, it } from "@effect/vitest"
import { faultFor, fraction, latencyFor } from "../src/faults.ts"

const names = Array.from({ length: 2000 }, (_, index) => `delivery-${index}`)
const faults = (seed: number, rate: number, call = 1) => names.map((name) => faultFor({ seed, rate }, name, call))
const share = (all: ReadonlyArray<string>, fault: string) => all.filter((one) => one === fault).length / all.length

describe("faults", () => {
  it("fails the same calls for the same seed, whatever the order", () => {
    const backwards = names.toReversed().map((name) => faultFor({ seed: 1, rate: 0.3 }, name, 1)).toReversed()
    assert.deepStrictEqual(backwards, faults(1, 0.3))
  })

  it("fails other calls for another seed, and for the next call of a delivery", () => {
    assert.notDeepEqual(faults(2, 0.3), faults(1, 0.3))
    assert.notDeepEqual(faults(1, 0.3, 2), faults(1, 0.3))
  })

  it("fails about the share of calls that it is told, in all ways", () => {
    const drawn = faults(1, 0.5)
    assert.closeTo(share(drawn, "none"), 0.5, 0.04)
    assert.closeTo(share(drawn, "error"), 0.225, 0.04)
    assert.closeTo(share(drawn, "limit"), 0.15, 0.04)
    assert.closeTo(share(drawn, "silence"), 0.05, 0.03)
    assert.closeTo(share(drawn, "reset"), 0.075, 0.03)
    assert.closeTo(share(drawn, "gone"), 0.015, 0.01)
  })

  it("fails nothing at a rate of 0 and everything at 1", () => {
    assert.strictEqual(share(faults(1, 0), "none"), 1)
    assert.strictEqual(share(faults(1, 1), "none"), 0)
  })

  it("is gone for every call of a delivery or for none", () => {
    for (const [index, fault] of faults(1, 0.9).entries()) {
      const later = [2, 3, 4].map((call) => faultFor({ seed: 1, rate: 0.9 }, names[index] ?? "", call))
      assert.strictEqual(later.every((one) => one === "gone"), fault === "gone")
    }
  })

  it("draws between 0 and 1, and latencies between their bounds", () => {
    for (const name of names) {
      assert.isTrue(fraction(name) >= 0 && fraction(name) < 1)
      const latency = latencyFor({ seed: 1, rate: 0 }, name, 1, 20, 30)
      assert.isTrue(latency >= 20 && latency <= 30 && Number.isInteger(latency))
    }
  })
})
