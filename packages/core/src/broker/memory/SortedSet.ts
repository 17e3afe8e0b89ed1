/**
 * Members ordered by a score, ties by the member's UTF-8 bytes: what a Redis sorted set is, for the memory broker.
 *
 * Entries lie in sorted chunks of at most 512, so that adding and deleting move little memory whatever the size, and
 * reading from the head is a walk. It knows nothing of jobs.
 */

/** One member with its score. */
export interface Entry {
  readonly score: number
  readonly member: string
}

const chunkLimit = 512

/** Code units so mapped that comparing them orders texts as their UTF-8 bytes: surrogates after all other units. */
const rank = (unit: number): number => unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800

const compareText = (left: string, right: string): number => {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const difference = rank(left.charCodeAt(index)) - rank(right.charCodeAt(index))
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** Negative when `left` comes before `right`. */
export const compare = (left: Entry, right: Entry): number =>
  left.score - right.score || compareText(left.member, right.member)

/** A sorted set: see the module. */
export class SortedSet {
  private readonly scores = new Map<string, number>()
  private readonly chunks: Array<Array<Entry>> = []

  /** How many members there are. */
  get size(): number {
    return this.scores.size
  }

  /** The member's score; `undefined`: not a member. */
  scoreOf(member: string): number | undefined {
    return this.scores.get(member)
  }

  /** Adds a member, or moves it to another score. */
  add(member: string, score: number): void {
    this.delete(member)
    this.scores.set(member, score)
    const entry: Entry = { score, member }
    if (this.chunks.length === 0) {
      this.chunks.push([entry])
      return
    }
    const at = Math.min(this.chunkFor(entry), this.chunks.length - 1)
    const chunk = this.chunks[at]!
    chunk.splice(lowerBound(chunk, entry), 0, entry)
    if (chunk.length > chunkLimit) this.chunks.splice(at + 1, 0, chunk.splice(chunkLimit / 2))
  }

  /** Takes a member out; answers whether it was one. */
  delete(member: string): boolean {
    const score = this.scores.get(member)
    if (score === undefined) return false
    this.scores.delete(member)
    const entry: Entry = { score, member }
    const at = this.chunkFor(entry)
    const chunk = this.chunks[at]!
    chunk.splice(lowerBound(chunk, entry), 1)
    if (chunk.length === 0) this.chunks.splice(at, 1)
    return true
  }

  /** The entry with the lowest score. */
  first(): Entry | undefined {
    return this.chunks[0]?.[0]
  }

  /** Up to `limit` entries with a score of at most `maximum`, lowest first. */
  upTo(maximum: number, limit: number): ReadonlyArray<Entry> {
    return this.walk(0, 0, maximum, limit)
  }

  /** Up to `limit` entries that come after a given one, whether or not that one is still a member. */
  after(entry: Entry | undefined, limit: number): ReadonlyArray<Entry> {
    if (entry === undefined) return this.walk(0, 0, Infinity, limit)
    const at = this.chunkFor(entry)
    const chunk = this.chunks[at]
    if (chunk === undefined) return []
    const index = lowerBound(chunk, entry)
    const isMember = index < chunk.length && compare(chunk[index]!, entry) === 0
    return this.walk(at, isMember ? index + 1 : index, Infinity, limit)
  }

  private walk(at: number, index: number, maximum: number, limit: number): ReadonlyArray<Entry> {
    const found: Array<Entry> = []
    for (let start = index; at < this.chunks.length; at++, start = 0) {
      const chunk = this.chunks[at]!
      for (let position = start; position < chunk.length; position++) {
        const entry = chunk[position]!
        if (found.length >= limit || entry.score > maximum) return found
        found.push(entry)
      }
    }
    return found
  }

  /** The first chunk whose last entry is not before `entry`; the number of chunks when there is none. */
  private chunkFor(entry: Entry): number {
    let low = 0
    let high = this.chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compare(this.chunks[middle]!.at(-1)!, entry) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

const lowerBound = (chunk: ReadonlyArray<Entry>, entry: Entry): number => {
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(chunk[middle]!, entry) < 0) low = middle + 1
    else high = middle
  }
  return low
}
