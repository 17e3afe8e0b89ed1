/**
 * How every job of the run has ended, as the broker tells it: read through the Inspector, the side that changes nothing.
 *
 * `verify.ts` and `report.ts` work on what is found here. It includes jobs that an earlier run of the same name ended.
 */
import { Inspector, type Job, JobId } from "@sluice/core"
import { Effect, Schema } from "effect"
import { deliveries, Receipt } from "./tasks.ts"

/** The end of one job. */
export type Ending =
  & {
    readonly delivery: string
    /** How many attempts it took. */
    readonly attempts: number
  }
  & (
    | { readonly state: "completed"; readonly receipt: typeof Receipt.Type }
    /** `reason` is the queue's word for it, `message` the last error's. */
    | { readonly state: "dead" | "cancelled"; readonly reason: string; readonly message: string }
  )

const readReceipt = Schema.decodeSync(Schema.fromJsonString(Receipt))

/** The verdict is the queue's; what stands in it as success is text in the task's own schema. */
const endingOf = ({ attempt, id, verdict }: Job): Ending => {
  const ended = { delivery: JobId.localOf(id), attempts: attempt }
  switch (verdict?._tag) {
    case "Completed":
      return { ...ended, state: "completed", receipt: readReceipt(verdict.success ?? "") }
    case "Dead":
      return { ...ended, state: "dead", reason: verdict.reason, message: verdict.message }
    case "Cancelled":
      return { ...ended, state: "cancelled", reason: verdict.by, message: verdict.reason }
    case undefined:
      return { ...ended, state: "dead", reason: "unknown", message: "ended without a verdict" }
  }
}

/** All ended jobs of the queue, page by page. */
export const endings = Effect.gen(function*() {
  const inspector = yield* Inspector
  const found: Array<Ending> = []
  for (const state of ["completed", "dead", "cancelled"] as const) {
    let cursor: string | undefined
    do {
      const page = yield* inspector.list(deliveries, state, { cursor, limit: 1000 })
      found.push(...page.jobs.map(endingOf))
      cursor = page.cursor
    } while (cursor !== undefined)
  }
  return found
})
