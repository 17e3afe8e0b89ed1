import { assert, describe, it } from "@effect/vitest"
import { next, type Situation } from "../src/RoundPlan.ts"

/** A busy consumer of 100 slots over 4 lanes, with all lanes waiting. */
const situation = (changes: Partial<Situation>): Situation => ({
  unsent: 0,
  free: 0,
  hungry: true,
  flowing: true,
  passOn: false,
  busy: 0,
  lanes: 4,
  concurrency: 100,
  ...changes
})

describe("a round", () => {
  it("is not needed when there is nothing to settle, and nothing to claim or no slot for it", () => {
    assert.isUndefined(next(situation({})))
    assert.isUndefined(next(situation({ hungry: false, free: 100 })))
  })

  it("goes at once, however small, when no other is under way", () => {
    assert.deepStrictEqual(next(situation({ unsent: 1, free: 1 })), { settle: 1, claim: 1 })
    assert.deepStrictEqual(next(situation({ free: 3 })), { settle: 0, claim: 3 })
  })

  it("waits for a full share beside another", () => {
    assert.isUndefined(next(situation({ unsent: 24, free: 24, busy: 1 })))
    assert.deepStrictEqual(next(situation({ unsent: 25, free: 25, busy: 1 })), { settle: 25, claim: 25 })
  })

  it("takes one share while jobs flow, so that the lanes share the work, and the last lane takes all", () => {
    assert.deepStrictEqual(next(situation({ unsent: 100, free: 100 })), { settle: 25, claim: 25 })
    assert.deepStrictEqual(next(situation({ unsent: 70, free: 25, busy: 3 })), { settle: 70, claim: 25 })
  })

  it("asks for every free slot when it is not known that there are so many jobs", () => {
    assert.deepStrictEqual(next(situation({ flowing: false, free: 100 })), { settle: 0, claim: 100 })
  })

  it("claims along with what it settles even when there was nothing before", () => {
    assert.deepStrictEqual(next(situation({ hungry: false, flowing: false, unsent: 2, free: 100 })), {
      settle: 2,
      claim: 100
    })
  })

  it("is made empty only to pass a wake-up on", () => {
    assert.deepStrictEqual(next(situation({ passOn: true, hungry: false })), { settle: 0, claim: 0 })
    assert.isUndefined(next(situation({ passOn: true, hungry: false, busy: 1 })))
  })

  it("never carries more than a call may", () => {
    const huge = { concurrency: 10_000, lanes: 1, unsent: 5000, free: 5000, flowing: false }
    assert.deepStrictEqual(next(situation(huge)), { settle: 1000, claim: 1000 })
  })
})
