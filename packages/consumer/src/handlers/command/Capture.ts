/**
 * Keeps a bounded part of what a program writes: its beginning or its end. The rest is read and dropped, so that the
 * program never waits for a reader.
 */

/** See the module. */
export class Capture {
  private readonly limit: number
  private readonly part: "beginning" | "end"
  private chunks: Array<Buffer> = []
  private kept = 0
  private total = 0

  /** `limit` in bytes. */
  constructor(part: "beginning" | "end", limit: number) {
    this.part = part
    this.limit = limit
  }

  /** Takes what was written next. */
  push(chunk: Buffer): void {
    this.total += chunk.length
    if (this.part === "beginning") {
      const room = this.limit - this.kept
      if (room > 0) this.keep(chunk.subarray(0, room))
      return
    }
    this.keep(chunk)
    // compacted at twice the limit, so that many small writes stay cheap
    if (this.kept > 2 * this.limit) this.compact()
  }

  /** What is kept, as UTF-8; what is not, is replaced. */
  text(): string {
    this.compact()
    return Buffer.concat(this.chunks).toString("utf8")
  }

  /** Whether more was written than is kept. */
  truncated(): boolean {
    return this.total > this.limit
  }

  private keep(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.kept += chunk.length
  }

  private compact(): void {
    const all = Buffer.concat(this.chunks)
    const rest = this.part === "beginning"
      ? all.subarray(0, this.limit)
      : all.subarray(Math.max(0, all.length - this.limit))
    this.chunks = [rest]
    this.kept = rest.length
  }
}
