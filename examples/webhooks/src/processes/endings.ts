/**
 * How every job of the run has ended, as the producer tells it over HTTP: `verify.ts` and `report.ts` work on it.
 */
import type { JobDocument } from "@sluice/core/api"
import { Effect, Schema } from "effect"
import type { Ending } from "../endings.ts"
import { Receipt } from "../tasks.ts"
import { type Api, jobsIn, localOf } from "./Api.ts"

type Document = typeof JobDocument.JobDocument.Type

/** What the endpoint answered: the handlers of the module keep its receipt, those without code keep the answer's text. */
const Result = Schema.Union([Receipt, Schema.Struct({ body: Schema.fromJsonString(Receipt) })])
const readResult = Schema.decodeUnknownSync(Result)

const receiptOf = (result: unknown): typeof Receipt.Type => {
  const read = readResult(result)
  return "body" in read ? read.body : read
}

/** One job's. */
export const endingOf = ({ attempt, id, outcome, result }: Document): Ending => {
  const ended = { delivery: localOf(id), attempts: attempt }
  if (outcome?.state === "completed") return { ...ended, state: "completed", receipt: receiptOf(result) }
  const { by, message, reason = "unknown", state } = outcome ?? { state: "dead" }
  return state === "cancelled"
    ? { ...ended, state, reason: by ?? "unknown", message: reason }
    : { ...ended, state: "dead", reason, message: message ?? "ended without a verdict" }
}

/** All jobs of the queue that have ended. */
export const ended = Effect.fnUntraced(function*(api: Api) {
  const found: Array<Document> = []
  for (const state of ["completed", "dead", "cancelled"]) found.push(...(yield* jobsIn(api, "deliveries", state)))
  return found
})
