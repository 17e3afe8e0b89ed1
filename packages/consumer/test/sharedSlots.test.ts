import { assert, describe, it } from "@effect/vitest"
import { SharedSlots, type Sharer } from "../src/SharedSlots.ts"

/** Slots that these queues share, all of them hungry unless they say otherwise; and what each may take now. */
const grants = (
  total: number,
  queues: ReadonlyArray<{
    readonly held?: number
    readonly priority?: number
    readonly weight?: number
    readonly concurrency?: number
    readonly isHungry?: boolean
  }>
) => {
  const shared = new SharedSlots(total, () => 0)
  const sharers = queues.map(({ concurrency = 100, held = 0, isHungry = true, priority = 0, weight = 1 }): Sharer => ({
    concurrency,
    priority,
    weight,
    held: () => held,
    isHungry: () => isHungry,
    serve: () => {}
  }))
  sharers.forEach((sharer) => shared.join(sharer))
  return sharers.map((sharer) => shared.grant(sharer).slots)
}

describe("the slots of several queues", () => {
  it("are for those of the highest priority first, whatever the order in which they came", () => {
    assert.deepStrictEqual(grants(4, [{ priority: -1 }, { priority: 1 }, {}]), [0, 4, 0])
    assert.deepStrictEqual(grants(4, [{}, { priority: 1, concurrency: 3 }]), [1, 3])
  })

  it("are shared out among the later ones as if there were only those that the first leave", () => {
    const first = { priority: 1, concurrency: 4, held: 4 }
    assert.deepStrictEqual(grants(10, [first, { weight: 3, held: 4 }, { held: 1 }]), [0, 1, 0])
    assert.deepStrictEqual(grants(10, [first, { weight: 3, held: 4 }, {}]), [0, 1, 1])
  })

  it("go to one without known work only as far as no other can use them", () => {
    assert.deepStrictEqual(grants(4, [{ isHungry: false }, { concurrency: 3 }]), [1, 3])
    assert.deepStrictEqual(grants(4, [{ isHungry: false }, {}]), [0, 4])
    assert.deepStrictEqual(grants(4, [{ isHungry: false, held: 4 }, {}]), [0, 0])
  })
})
