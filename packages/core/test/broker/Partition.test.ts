import { assert, describe, it } from "@effect/vitest"
import * as Partition from "../../src/broker/Partition.ts"

describe("Partition", () => {
  it("hashes to fixed values: they are part of what is stored", () => {
    const vectors: ReadonlyArray<readonly [string, number]> = [
      ["", 2166136261],
      ["a", 723832900],
      ["ab", 2174188438],
      ["order-42", 676253328],
      ["tenant:acme", 2108231801],
      ["\u00e9", 1509650188],
      ["\u{1F600}", 3007978922],
      ["\ud800", 3111624773]
    ]
    for (const [text, hash] of vectors) assert.strictEqual(Partition.hash(text), hash, JSON.stringify(text))
  })

  it("picks a partition within the count, and the same one each time", () => {
    for (const count of [1, 2, 3, 16, 1000]) {
      for (const text of ["", "a", "order-42", "\u{1F600}"]) {
        const partition = Partition.ofText(text, count)
        assert.isTrue(Number.isInteger(partition) && partition >= 0 && partition < count)
        assert.strictEqual(Partition.ofText(text, count), partition)
      }
    }
  })

  it("spreads texts that look alike evenly", () => {
    for (const count of [2, 3, 8, 10]) {
      const sizes = Array.from({ length: count }, () => 0)
      for (let index = 0; index < 10_000; index++) sizes[Partition.ofText(`order-${index}`, count)]! += 1
      for (const size of sizes) assert.closeTo(size, 10_000 / count, 1000 / count + 100)
    }
  })
})
