/**
 * Cuts a stream of bytes into lines, as they come, holding no more than one unfinished line.
 *
 * The enqueue of lines feeds it. A line longer than the limit is told as such and skipped, without being held; a line that
 * is no UTF-8 likewise. Blank lines are counted and left out. It parses nothing.
 */

/** A line, numbered from 1: its text, or why it can't be read. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly fault: "too-long" | "not-utf8" }

const newline = 10

/** See the module. */
export class LineReader {
  readonly #maxLineBytes: number
  readonly #decoder = new TextDecoder("utf-8", { fatal: true })
  #ready: Array<Line> = []
  #next = 0
  #parts: Array<Uint8Array> = []
  #partBytes = 0
  #isTooLong = false
  #count = 0
  #bytes = 0
  #hasEnded = false

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes
  }

  /** How many bytes it was fed. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether it was told that no more bytes come. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** The number of the line that would come next. */
  get nextNumber(): number {
    return this.#next < this.#ready.length ? this.#ready[this.#next]!.number : this.#count + 1
  }

  /** Takes in bytes. */
  feed(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    let start = 0
    for (;;) {
      const end = bytes.indexOf(newline, start)
      if (end === -1) break
      this.#hold(bytes.subarray(start, end))
      this.#close()
      start = end + 1
    }
    if (start < bytes.length) this.#hold(bytes.subarray(start))
  }

  /** Takes what is left as the last line: the stream has ended, with or without a newline. */
  end(): void {
    this.#hasEnded = true
    if (this.#partBytes > 0 || this.#isTooLong) this.#close()
  }

  /** Up to `limit` lines, in order; none when no line is whole. */
  take(limit: number): ReadonlyArray<Line> {
    const taken = this.#ready.slice(this.#next, this.#next + limit)
    this.#next += taken.length
    if (this.#next === this.#ready.length) {
      this.#ready = []
      this.#next = 0
    }
    return taken
  }

  #hold(part: Uint8Array): void {
    if (this.#isTooLong) return
    this.#partBytes += part.length
    if (this.#partBytes > this.#maxLineBytes) {
      this.#isTooLong = true
      this.#parts = []
    } else this.#parts.push(part)
  }

  #close(): void {
    const number = ++this.#count
    if (this.#isTooLong) this.#ready.push({ number, fault: "too-long" })
    else this.#read(number)
    this.#parts = []
    this.#partBytes = 0
    this.#isTooLong = false
  }

  #read(number: number): void {
    try {
      const text = this.#decoder.decode(
        this.#parts.length === 1 ? this.#parts[0] : joined(this.#parts, this.#partBytes)
      )
      if (text.trim() !== "") this.#ready.push({ number, text })
    } catch {
      this.#ready.push({ number, fault: "not-utf8" })
    }
  }
}

const joined = (parts: ReadonlyArray<Uint8Array>, length: number): Uint8Array => {
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
