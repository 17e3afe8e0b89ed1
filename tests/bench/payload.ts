/**
 * What every job of the benchmark carries, about 90 bytes as JSON, and the proof that each ran exactly once.
 * The scenarios make payloads and tally them; the systems only carry them.
 */

/** One e-mail to send. `n` numbers the jobs of a round from 0. */
export interface Payload {
  readonly n: number
  readonly to: string
  readonly subject: string
  readonly tenant: string
}

/** The payload of job `n`: 86 to 92 bytes of JSON for n < 1,000,000. */
export const payloadOf = (n: number): Payload => ({
  n,
  to: `user${n % 1000}@example.com`,
  subject: "Welcome aboard",
  tenant: `tenant-${n % 50}`
})

/** The payloads of jobs `from` to `to - 1`. */
export const payloads = (from: number, to: number): ReadonlyArray<Payload> =>
  Array.from({ length: to - from }, (_, index) => payloadOf(from + index))

/** Counts how often each of the jobs 0 to `capacity - 1` ran. */
export class Tally {
  readonly #runs: Uint8Array
  #size = 0
  #repeated = 0

  constructor(capacity: number) {
    this.#runs = new Uint8Array(capacity)
  }

  /** How many different jobs have run. */
  get size(): number {
    return this.#size
  }

  /** Throws when the job is not one of ours. */
  add({ n }: Payload): void {
    const runs = this.#runs[n]
    if (runs === undefined) throw new Error(`job ${n} ran and was never enqueued`)
    if (runs === 0) this.#size++
    else this.#repeated++
    this.#runs[n] = 1
  }

  /** Throws unless `expected` different jobs ran, each once. */
  verify(expected: number): void {
    if (this.#size === expected && this.#repeated === 0) return
    throw new Error(`${this.#size} of ${expected} jobs ran, and there were ${this.#repeated} runs too many`)
  }
}
