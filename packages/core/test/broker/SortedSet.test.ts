import { assert, describe, it } from "@effect/vitest"
import { compare, type Entry, SortedSet } from "../../src/broker/memory/SortedSet.ts"
import * as Prng from "../../src/testing/random/Prng.ts"

const all = (set: SortedSet) => set.upTo(Infinity, Infinity)

describe("SortedSet", () => {
  it("orders by score, then by the member's bytes", () => {
    const set = new SortedSet()
    const members = ["b", "a", "ab", "", "\u00e9", "\u{1F600}", "\uFFFD", "\uD7FF", "\uE000"]
    for (const member of members) set.add(member, 1)
    set.add("z", 0)
    set.add("A", -1)
    const bytes = members.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    assert.deepStrictEqual(all(set).map(({ member }) => member), ["A", "z", ...bytes])
  })

  it("moves a member that is added again", () => {
    const set = new SortedSet()
    set.add("a", 1)
    set.add("b", 2)
    set.add("a", 3)
    assert.strictEqual(set.size, 2)
    assert.strictEqual(set.scoreOf("a"), 3)
    assert.deepStrictEqual(set.first(), { score: 2, member: "b" })
  })

  it("is empty when all are taken out", () => {
    const set = new SortedSet()
    set.add("a", 1)
    assert.isTrue(set.delete("a"))
    assert.isFalse(set.delete("a"))
    assert.strictEqual(set.size, 0)
    assert.strictEqual(set.first(), undefined)
    assert.deepStrictEqual(set.after({ score: 0, member: "" }, 5), [])
  })

  it("agrees with a sorted list on any sequence of changes, over many chunks", () => {
    const prng = Prng.make(42)
    const set = new SortedSet()
    const model = new Map<string, number>()
    for (let step = 0; step < 20_000; step++) {
      const member = String(prng.below(4000))
      if (prng.chance(step < 12_000 ? 0.2 : 0.7)) {
        assert.strictEqual(set.delete(member), model.delete(member))
      } else {
        const score = prng.below(500)
        set.add(member, score)
        model.set(member, score)
      }
      if (step % 1000 !== 0) continue
      const expected = [...model].map(([member, score]): Entry => ({ member, score })).toSorted(compare)
      assert.deepStrictEqual(all(set), expected)
      assert.strictEqual(set.size, model.size)
      assert.deepStrictEqual(set.first(), expected[0])
      assert.deepStrictEqual(set.upTo(250, 7), expected.filter(({ score }) => score <= 250).slice(0, 7))
      const cursor: Entry = { score: prng.below(500), member: String(prng.below(4000)) }
      assert.deepStrictEqual(set.after(cursor, 9), expected.filter((one) => compare(one, cursor) > 0).slice(0, 9))
      if (expected.length > 5) assert.deepStrictEqual(set.after(expected[3], 2), expected.slice(4, 6))
    }
  })
})
