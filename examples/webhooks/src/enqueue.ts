/**
 * The producer side: makes jobs of deliveries, each kind of event in its own task.
 *
 * A delivery's name is its job's id, so enqueuing the same input again changes nothing: the answer is "existing".
 */
import { JobId } from "@sluice/core"
import { Array as Arr, Effect, Schema } from "effect"
import * as Document from "./documents.ts"
import type { Delivery } from "./input.ts"
import * as Tasks from "./tasks.ts"

/** Reads the facts out of bodies. Dies when a document is not what its schema says; a test holds all of them to it. */
const withFacts = <F>(document: Schema.ConstraintDecoder<F>, deliveries: ReadonlyArray<Delivery>) => {
  const read = Schema.decodeUnknownEffect(Schema.fromJsonString(document))
  return Effect.orDie(
    Effect.forEach(deliveries, (delivery) => Effect.map(read(delivery.body), (facts) => ({ ...delivery, facts })))
  )
}

/** The delivery's name becomes the job's id. */
const named = ({ delivery }: Delivery) => ({ id: delivery })

/** Somebody sets a webhook up and looks at the screen: that goes before everything else. */
const namedAndUrgent = ({ delivery }: Delivery) => ({ id: delivery, priority: 10 })

/** One slice of the input: the facts are read, and each task takes its own kind with one call. */
const enqueueSlice = Effect.fnUntraced(function*(slice: ReadonlyArray<Delivery>) {
  const { issues = [], ping = [], pull_request = [], push = [], release = [], star = [], ...others } = Arr.groupBy(
    slice,
    ({ event }) => event
  )
  return [
    yield* Tasks.DeliverPush.enqueueAll(yield* withFacts(Document.Push, push), named),
    yield* Tasks.DeliverIssues.enqueueAll(yield* withFacts(Document.Issues, issues), named),
    yield* Tasks.DeliverPullRequest.enqueueAll(yield* withFacts(Document.PullRequest, pull_request), named),
    yield* Tasks.DeliverRelease.enqueueAll(yield* withFacts(Document.Release, release), named),
    yield* Tasks.DeliverStar.enqueueAll(yield* withFacts(Document.Star, star), named),
    yield* Tasks.DeliverPing.enqueueAll(yield* withFacts(Document.Ping, ping), namedAndUrgent),
    yield* Tasks.DeliverOther.enqueueAll(Object.values(others).flat(), named)
  ].flat()
})

/** How many deliveries are read and sent at once: a few megabytes. */
const sliceLength = 500

/**
 * Enqueues all deliveries and answers the names of those that were there already. Fails with the reason when one is
 * refused: the demo has no use for a part of its input.
 */
export const enqueue = Effect.fnUntraced(function*(deliveries: ReadonlyArray<Delivery>) {
  const earlier = new Set<string>()
  for (const slice of Arr.chunksOf(deliveries, sliceLength)) {
    for (const enqueued of yield* enqueueSlice(slice)) {
      if (enqueued.answer === "refused") return yield* enqueued.reason
      if (enqueued.answer === "existing") earlier.add(JobId.localOf(enqueued.id))
    }
  }
  return earlier
})
