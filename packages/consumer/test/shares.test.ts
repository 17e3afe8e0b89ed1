import { assert, describe, it } from "@effect/vitest"
import { allot, type Allotment, sharesOf, type Standing } from "../src/Shares.ts"

const standing = (given: Partial<Standing>): Standing => ({
  weight: 1,
  concurrency: 100,
  held: 0,
  hungry: true,
  credit: 0,
  ...given
})

const slotsOf = ({ extra, sure }: Allotment) => sure + extra

describe("the share of a queue", () => {
  it("is its weight's part of all slots", () => {
    assert.deepStrictEqual(sharesOf(10, [3, 1, 1].map((weight) => standing({ weight }))), [6, 2, 2])
  })

  it("goes to the others by their weights as far as it can't be used", () => {
    const queues = [standing({ weight: 5, concurrency: 2 }), standing({ weight: 3 }), standing({ weight: 1 })]
    assert.deepStrictEqual(sharesOf(10, queues), [2, 6, 2])
    const resting = [standing({ weight: 5, hungry: false, held: 1 }), standing({}), standing({ weight: 2 })]
    assert.deepStrictEqual(sharesOf(10, resting), [1, 3, 6])
  })

  it("is what it can use, where there is enough for all", () => {
    assert.deepStrictEqual(sharesOf(10, [standing({ concurrency: 2 }), standing({ concurrency: 3 })]), [2, 3])
  })
})

describe("free slots", () => {
  it("fill the whole slots of each share first", () => {
    const given = allot(10, 10, [3, 2, 1].map((weight) => standing({ weight })))
    assert.deepStrictEqual(given.map(({ sure }) => sure), [5, 3, 1])
    assert.deepStrictEqual(given.map(({ extra }) => extra), [0, 1, 0])
  })

  it("go to those that have least of their share, when there are too few", () => {
    const queues = [standing({ held: 1 }), standing({ held: 0 }), standing({ held: 8, hungry: false })]
    assert.deepStrictEqual(allot(12, 3, queues).map(slotsOf), [1, 2, 0])
  })

  it("are not given to one that has its share already, however many it holds", () => {
    assert.deepStrictEqual(allot(10, 1, [standing({ held: 9 }), standing({})]).map(slotsOf), [0, 1])
  })

  it("that are left over go to the one whose turn it is", () => {
    const queues = [standing({ credit: -0.5 }), standing({ credit: 0.5 })]
    assert.deepStrictEqual(allot(1, 1, queues).map(({ extra }) => extra), [0, 1])
  })

  it("are all given to those who can use them, and never more than there are", () => {
    let seed = 42
    const below = (limit: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return Math.floor(seed / 2 ** 31 * limit)
    }
    for (let round = 0; round < 5000; round++) {
      const slots = 1 + below(20)
      let left = slots
      const queues = Array.from({ length: 1 + below(6) }, () => {
        const concurrency = 1 + below(12)
        const held = below(Math.min(left, concurrency) + 1)
        left -= held
        return standing({ weight: [0.01, 0.1, 1, 2, 3, 7, 100][below(7)]!, concurrency, held, hungry: below(3) > 0 })
      })
      const given = allot(slots, left, queues).map(slotsOf)
      const usable = queues.map(({ concurrency, held, hungry }) => hungry ? concurrency - held : 0)
      const message = JSON.stringify({ slots, queues, given })
      assert.strictEqual(
        given.reduce((a, b) => a + b, 0),
        Math.min(left, usable.reduce((a, b) => a + b, 0)),
        message
      )
      given.forEach((count, index) => assert.isAtMost(count, usable[index]!, message))
    }
  })
})
