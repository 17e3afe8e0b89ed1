/**
 * How free slots are shared out among the queues of one consumer. Pure; `SharedSlots` asks.
 *
 * A queue's share is its weight's part of all slots, as far as it can use it: what a queue without work leaves goes to the
 * others by their weights. The whole slots of a share are sure; those left over because shares are no whole numbers go to
 * whoever has had least of its fraction of them. No slot is left while a queue that may have work has room for it. Nothing
 * is taken from running jobs.
 */

/** How one queue stands. */
export interface Standing {
  readonly weight: number
  /** The most slots it may hold. */
  readonly concurrency: number
  /** The slots it holds: with a job, or with a claim under way. */
  readonly held: number
  /** Whether it may have jobs to claim. */
  readonly hungry: boolean
  /** How much it is owed (above 0) of the slots left over. */
  readonly credit: number
}

/** What one queue may take now, and how it stands after that. */
export interface Allotment {
  /** Free slots that are its own. */
  readonly sure: number
  /** Free slots of those left over: 0 or 1. */
  readonly extra: number
  /** The whole slots of its share. */
  readonly whole: number
  /** The part of a slot that its share has beyond them; 0 when it has no work. */
  readonly fraction: number
}

const accuracy = 1e-9
const wholeOf = (share: number): number => Math.floor(share + accuracy)
const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

/** What a queue can use: everything it may hold while it has work, else what it holds. */
const demandOf = ({ concurrency, held, hungry }: Standing): number => hungry ? concurrency : held

/** Each queue's share of the slots, not rounded. What one can't use is shared out among the others. */
export const sharesOf = (slots: number, queues: ReadonlyArray<Standing>): ReadonlyArray<number> => {
  const shares = queues.map(demandOf)
  let open = queues.map((_, index) => index)
  let left = slots
  while (open.length > 0) {
    const weights = sum(open.map((index) => queues[index]!.weight))
    const short = open.filter((index) => shares[index]! * weights > left * queues[index]!.weight)
    if (short.length === open.length) {
      for (const index of open) shares[index] = left * queues[index]!.weight / weights
      break
    }
    left -= sum(open.filter((index) => !short.includes(index)).map((index) => shares[index]!))
    open = short
  }
  return shares
}

/** The whole slots that each queue lacks, as far as there are free ones: first to those that have least of their share. */
const sureSlots = (free: number, queues: ReadonlyArray<Standing>, shares: ReadonlyArray<number>): Array<number> => {
  const lacking = queues.map(({ held, hungry }, index) => hungry ? Math.max(0, wholeOf(shares[index]!) - held) : 0)
  if (sum(lacking) <= free) return lacking
  const given = queues.map(() => 0)
  for (let slot = 0; slot < free; slot++) {
    const filled = (index: number) => (queues[index]!.held + given[index]!) / shares[index]!
    const candidates = lacking.flatMap((lacks, index) => given[index]! < lacks ? [index] : [])
    given[candidates.reduce((least, index) => filled(index) < filled(least) ? index : least)]!++
  }
  return given
}

/** Shares out the free ones of these slots among queues of the same priority. */
export const allot = (slots: number, free: number, queues: ReadonlyArray<Standing>): ReadonlyArray<Allotment> => {
  const shares = sharesOf(slots, queues)
  const sure = sureSlots(free, queues, shares)
  const fractions = shares.map((share, index) => {
    const fraction = share - wholeOf(share)
    return queues[index]!.hungry && fraction > accuracy ? fraction : 0
  })
  const extra = queues.map(() => 0)
  fractions
    .flatMap((fraction, index) => {
      const has = queues[index]!.held + sure[index]!
      return fraction > 0 && has === wholeOf(shares[index]!) ? [index] : []
    })
    .toSorted((one, other) => queues[other]!.credit - queues[one]!.credit)
    .slice(0, free - sum(sure))
    .forEach((index) => extra[index] = 1)
  return queues.map((_, index) => ({
    sure: sure[index]!,
    extra: extra[index]!,
    whole: wholeOf(shares[index]!),
    fraction: fractions[index]!
  }))
}
