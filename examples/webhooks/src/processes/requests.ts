/**
 * How deliveries are written as jobs of the HTTP API: JSON text, as any client in any language would write it. Pure.
 *
 * Of the kinds that have a task in tasks.ts, the payload is an object of that task: its schema is published by the consumer,
 * and the producer checks it. Of all others, the payload is the document itself, put in as the text that it is.
 */
import { Schema } from "effect"
import * as Document from "../documents.ts"
import type { Delivery } from "../input.ts"
import * as Tasks from "../tasks.ts"

/** The attempts that a job has in all; as in tasks.ts. */
const attempts = 8

/** A kind of event that has a task of its own: how its facts are read, and how urgent it is. */
const kind = <F>(task: string, document: Schema.ConstraintDecoder<F>, priority = 0) => {
  const read = Schema.decodeUnknownSync(Schema.fromJsonString(document))
  return { task, factsOf: (body: string): unknown => read(body), priority }
}

const kinds: ReadonlyMap<string, ReturnType<typeof kind>> = new Map([
  ["push", kind(Tasks.DeliverPush._tag, Document.Push)],
  ["issues", kind(Tasks.DeliverIssues._tag, Document.Issues)],
  ["pull_request", kind(Tasks.DeliverPullRequest._tag, Document.PullRequest)],
  ["release", kind(Tasks.DeliverRelease._tag, Document.Release)],
  ["star", kind(Tasks.DeliverStar._tag, Document.Star)],
  // somebody sets a webhook up and looks at the screen: that goes before everything else
  ["ping", kind(Tasks.DeliverPing._tag, Document.Ping, 10)]
])

/** Whether a delivery has a task of its own. */
export const isKnown = ({ event }: Delivery): boolean => kinds.has(event)

/** The task of a delivery. */
export const taskOf = ({ event }: Delivery): string => kinds.get(event)?.task ?? `webhook/${event}`

/** The tasks of all other deliveries, each with the header that tells the kind, as GitHub does. */
export const targetsOf = (deliveries: ReadonlyArray<Delivery>): ReadonlyMap<string, Readonly<Record<string, string>>> =>
  new Map(
    deliveries.filter((delivery) => !isKnown(delivery)).map((delivery) => [
      taskOf(delivery),
      { "x-github-event": delivery.event }
    ])
  )

/** A job of a known kind, without an id: the header `Idempotency-Key` says it. Throws when a document lacks a fact. */
export const jobOf = (delivery: Delivery): string => {
  const { factsOf, priority, task } = kinds.get(delivery.event) ?? kind(taskOf(delivery), Schema.Unknown)
  return JSON.stringify({ task, attempts, priority, payload: { ...delivery, facts: factsOf(delivery.body) } })
}

/** A job of any other kind, as one line: the body stands in it byte for byte. */
export const lineOf = (delivery: Delivery): string =>
  `{"task":${JSON.stringify(taskOf(delivery))},"id":${JSON.stringify(delivery.delivery)},"attempts":${attempts}` +
  `,"payload":${delivery.body}}\n`
