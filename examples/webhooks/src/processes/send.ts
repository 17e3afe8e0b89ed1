/**
 * Sends deliveries to the producer over HTTP, in both of its ways: one by one, and many as a stream of lines.
 *
 * A delivery's name is its job's id (in the header `Idempotency-Key`, or in the line), so sending the same again changes
 * nothing. Fails when anything is refused: the demo has no use for a part of its input.
 */
import { EnqueueBody } from "@sluice/core/api"
import { Array as Arr, Effect, Schema } from "effect"
import type { Delivery } from "../input.ts"
import { type Api, ApiFailed, localOf, post } from "./Api.ts"
import { isKnown, jobOf, lineOf } from "./requests.ts"

const path = "/v1/queues/deliveries/jobs"

/** What was sent, and how. */
export interface Sent {
  readonly singly: number
  readonly asLines: number
  /** The names of deliveries whose jobs were there already. */
  readonly earlier: ReadonlySet<string>
}

/** One POST for one job. */
const sendOne = (api: Api, delivery: Delivery) =>
  post(api, path, jobOf(delivery), {
    "content-type": "application/json",
    "idempotency-key": delivery.delivery
  })

const readLine = Schema.decodeUnknownSync(Schema.fromJsonString(EnqueueBody.LineAnswer))

/** The names of those that were there already; fails with the first that was refused. */
const answersOf = Effect.fnUntraced(function*(text: string) {
  const earlier: Array<string> = []
  for (const answer of text.trimEnd().split("\n").map((line) => readLine(line))) {
    if ("problem" in answer) {
      return yield* new ApiFailed({
        call: `line ${answer.line} of POST ${path}`,
        detail: JSON.stringify(answer.problem)
      })
    }
    if (answer.answer === "existing") earlier.push(localOf(answer.id))
  }
  return earlier
})

/** One POST for many jobs: a line for each, and a line of the answer for each. */
const sendLines = Effect.fnUntraced(function*(api: Api, deliveries: ReadonlyArray<Delivery>) {
  const body = deliveries.map(lineOf).join("")
  const { text } = yield* post(api, path, body, { "content-type": "application/x-ndjson" })
  return yield* answersOf(text)
})

/** Lines of one POST: some tens of megabytes, so that a large input is never held as one text. */
const linesPerPost = 2000

/** Single POSTs at once. */
const callers = 8

/** Sends all: those of a known kind singly, the others as lines, both at the same time. */
export const send = Effect.fnUntraced(function*(api: Api, deliveries: ReadonlyArray<Delivery>) {
  const [known, others] = [deliveries.filter(isKnown), deliveries.filter((delivery) => !isKnown(delivery))]
  const [statuses, earlier] = yield* Effect.all([
    Effect.forEach(
      known,
      (delivery) => Effect.map(sendOne(api, delivery), ({ status }) => status === 200 ? [delivery.delivery] : []),
      {
        concurrency: callers
      }
    ),
    Effect.forEach(Arr.chunksOf(others, linesPerPost), (some) => sendLines(api, some))
  ], { concurrency: 2 })
  return {
    singly: known.length,
    asLines: others.length,
    earlier: new Set([...statuses, ...earlier].flat())
  } satisfies Sent
})
