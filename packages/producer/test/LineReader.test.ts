import { assert, describe, it } from "@effect/vitest"
import { LineReader } from "../src/enqueue/LineReader.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

const readAll = (chunks: ReadonlyArray<Uint8Array>, limit = 100) => {
  const reader = new LineReader(limit)
  chunks.forEach((chunk) => reader.feed(chunk))
  reader.end()
  return reader.take(1000)
}

describe("cutting bytes into lines", () => {
  it("gives the same lines however the bytes are cut", () => {
    const all = bytes("eins\nzwei äöü 😀\r\n\n  \nfünf")
    const whole = readAll([all])
    assert.deepStrictEqual(whole, [
      { number: 1, text: "eins" },
      { number: 2, text: "zwei äöü 😀\r" },
      { number: 5, text: "fünf" }
    ])
    for (let size = 1; size < all.length; size++) {
      const chunks = Array.from(
        { length: Math.ceil(all.length / size) },
        (_, at) => all.slice(at * size, (at + 1) * size)
      )
      assert.deepStrictEqual(readAll(chunks), whole)
    }
  })

  it("skips a line that is too long without holding it, and goes on behind it", () => {
    const reader = new LineReader(10)
    reader.feed(bytes("short\n"))
    for (let index = 0; index < 1000; index++) reader.feed(bytes("x".repeat(1000)))
    reader.feed(bytes("\nnext\n"))
    assert.deepStrictEqual(reader.take(10), [
      { number: 1, text: "short" },
      { number: 2, fault: "too-long" },
      { number: 3, text: "next" }
    ])
    assert.strictEqual(reader.bytes, 6 + 1_000_000 + 6)
  })

  it("tells of a line that is no UTF-8", () => {
    assert.deepStrictEqual(readAll([bytes("a\n"), new Uint8Array([0xff, 0xfe, 10]), bytes("b")]), [
      { number: 1, text: "a" },
      { number: 2, fault: "not-utf8" },
      { number: 3, text: "b" }
    ])
  })

  it("gives no more lines than it is asked for, and knows which comes next", () => {
    const reader = new LineReader(10)
    reader.feed(bytes("1\n2\n3\n4"))
    assert.strictEqual(reader.nextNumber, 1)
    assert.deepStrictEqual(reader.take(2).map(({ number }) => number), [1, 2])
    assert.strictEqual(reader.nextNumber, 3)
    assert.deepStrictEqual(reader.take(2).map(({ number }) => number), [3])
    assert.strictEqual(reader.nextNumber, 4)
    reader.end()
    assert.deepStrictEqual(reader.take(2).map(({ number }) => number), [4])
    assert.strictEqual(reader.nextNumber, 5)
  })
})
