/**
 * Puts together what a run came to, for the report: the figures, and whether the promise was kept. Pure.
 */
import type { Ending } from "./endings.ts"
import type { Delivery } from "./input.ts"
import type { Facts } from "./report.ts"
import type { Received } from "./sink.ts"
import { problems } from "./verify.ts"

/** What is known at the end of a run; `endings` may hold those of other deliveries. */
export interface Known extends Pick<Facts, "attempts" | "counts" | "elapsedMs"> {
  readonly deliveries: ReadonlyArray<Delivery>
  readonly endings: ReadonlyArray<Ending>
  readonly received: ReadonlyMap<string, Received>
  /** Deliveries whose jobs were there before. */
  readonly earlier: ReadonlySet<string>
}

/** The facts of the run. */
export const account = ({ attempts, counts, deliveries, earlier, elapsedMs, endings, received }: Known): Facts => {
  const sent = new Set(deliveries.map(({ delivery }) => delivery))
  const ended = endings.filter(({ delivery }) => sent.has(delivery))
  return {
    counts,
    endings: ended,
    attempts,
    elapsedMs,
    deliveries: deliveries.length,
    bytes: deliveries.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0),
    refused: ended.filter(({ delivery, state }) => state === "dead" && received.has(delivery)).length,
    repeated: [...received.values()].filter(({ times }) => times > 1).length,
    problems: problems({ deliveries, endings: ended, received, earlier })
  }
}
