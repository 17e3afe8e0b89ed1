/** A small seeded source of numbers (mulberry32): the same seed gives the same sequence everywhere. */

/** Draws from one sequence. */
export interface Prng {
  /** A whole number from 0 to `below` - 1. */
  readonly below: (below: number) => number
  /** Whether something with this chance (0 to 1) happens. */
  readonly chance: (chance: number) => boolean
  /** One of the items. */
  readonly pick: <A>(items: ReadonlyArray<A>) => A
}

/** A source that begins at `seed`, any whole number. */
export const make = (seed: number): Prng => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { below, chance: (chance) => next() < chance, pick: (items) => items[below(items.length)]! }
}
