/**
 * The promise of the demo, checked: every payload arrived byte for byte, and none is missing. Pure.
 *
 * Three witnesses have to agree: what was sent, the receipt that each completed job carries, and what the sink received.
 * A delivery may be missing only if its job is dead; the report names those.
 */
import { createHash } from "node:crypto"
import type { Ending } from "./endings.ts"
import type { Delivery } from "./input.ts"
import type { Received } from "./sink.ts"

/** What the witnesses say. */
export interface Evidence {
  readonly deliveries: ReadonlyArray<Delivery>
  readonly endings: ReadonlyArray<Ending>
  /** By delivery: what this run's sink received. */
  readonly received: ReadonlyMap<string, Received>
  /** Deliveries whose jobs were there before this run, so that an earlier sink may have received them. */
  readonly earlier: ReadonlySet<string>
}

interface Digest {
  readonly sha256: string
  readonly bytes: number
}

const digestOf = (body: string): Digest => {
  const bytes = Buffer.from(body, "utf8")
  return { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length }
}

const isSame = (one: Digest, other: Digest): boolean => one.sha256 === other.sha256 && one.bytes === other.bytes

const problemWith = (sent: Delivery, ending: Ending | undefined, evidence: Evidence): string | undefined => {
  const digest = digestOf(sent.body)
  const received = evidence.received.get(sent.delivery)
  if (received !== undefined && !(received.isSame && isSame(received, digest))) return "arrived with other bytes"
  if (ending === undefined) return "has no ended job"
  if (ending.state === "cancelled") return `was cancelled: ${ending.message}`
  if (ending.state !== "completed") return undefined // dead: allowed, and named in the report
  if (!isSame(ending.receipt, digest)) return "has a receipt for other bytes"
  if (received === undefined && !evidence.earlier.has(sent.delivery)) return "has a receipt, but never arrived"
  return undefined
}

/** A sentence for each delivery that broke the promise; none: the promise was kept. */
export const problems = (evidence: Evidence): ReadonlyArray<string> => {
  const endings = new Map(evidence.endings.map((ending) => [ending.delivery, ending]))
  const known = new Set([...evidence.deliveries.map(({ delivery }) => delivery), ...endings.keys()])
  const broken = evidence.deliveries.flatMap((delivery) => {
    const problem = problemWith(delivery, endings.get(delivery.delivery), evidence)
    return problem === undefined ? [] : [`${delivery.delivery} ${problem}`]
  })
  const strangers = [...evidence.received.keys()].filter((delivery) => !known.has(delivery))
  return [...broken, ...strangers.map((delivery) => `${delivery} arrived, but was never sent`)]
}
