/**
 * One run of the demo, whatever keeps the jobs: enqueue everything, consume until nothing is left, check the promise.
 *
 * `main.ts` runs it on the broker that the command line asks for; the tests run it on the memory broker. It needs a
 * `Broker` and its `Inspector`, and leaves both as they are: cleaning up is for whoever provided them.
 */
import { Consumer } from "@sluice/consumer"
import { Inspector } from "@sluice/core"
import { Clock, Effect, Layer } from "effect"
import { account } from "./account.ts"
import { Attempts } from "./attempts.ts"
import { DeliverLive, Endpoint } from "./deliver.ts"
import { endings } from "./endings.ts"
import { enqueue } from "./enqueue.ts"
import type { Delivery } from "./input.ts"
import { type Screen, watch } from "./progress.ts"
import { count, time } from "./report.ts"
import { Sink, type SinkOptions } from "./sink.ts"
import * as Tasks from "./tasks.ts"

/** How a run goes. */
export interface DemoOptions {
  readonly sink: SinkOptions
  /** Deliveries at once. */
  readonly concurrency: number
  /** How long the HTTP client waits for an answer. */
  readonly timeoutMs: number
}

/** The consumer side: all tasks with their handlers, on their one queue. Runs until its scope closes. */
const ConsumerLive = (concurrency: number) =>
  Consumer.layer({
    tasks: Tasks.all,
    queues: { deliveries: { concurrency } },
    // how long the jobs of a killed process wait for the next one; short, because somebody watches
    lease: "5 seconds"
  }).pipe(Layer.provide(DeliverLive))

/** Where the handlers deliver to: the sink. */
const EndpointLive = (timeoutMs: number) =>
  Layer.effect(Endpoint, Effect.map(Sink, ({ url }) => Endpoint.of({ url, timeoutMs })))

/** Consumes until every job has ended; the consumer stops when the scope closes. */
const consume = Effect.fnUntraced(function*(options: DemoOptions, screen: Screen, total: number) {
  const startedAt = yield* Clock.currentTimeMillis
  yield* Layer.build(ConsumerLive(options.concurrency).pipe(Layer.provide(EndpointLive(options.timeoutMs))))
  const inspector = yield* Inspector
  const look = Effect.map(inspector.stats(Tasks.deliveries), ({ states }) => states)
  const counts = yield* watch(screen, total, look)
  return { counts, elapsedMs: (yield* Clock.currentTimeMillis) - startedAt }
}, Effect.scoped)

const run = Effect.fnUntraced(function*(deliveries: ReadonlyArray<Delivery>, options: DemoOptions, screen: Screen) {
  const enqueueStartedAt = yield* Clock.currentTimeMillis
  const earlier = yield* enqueue(deliveries)
  const enqueueMs = (yield* Clock.currentTimeMillis) - enqueueStartedAt
  const known = earlier.size === 0 ? "" : `; ${count(earlier.size)} of them were there already`
  screen.write(`Enqueued ${count(deliveries.length)} deliveries in ${time(enqueueMs)}${known}.\n\n`)

  const { counts, elapsedMs } = yield* consume(options, screen, deliveries.length)

  const { received } = yield* Sink
  const facts = account({
    deliveries,
    endings: yield* endings,
    received,
    earlier,
    attempts: (yield* Attempts).all,
    counts,
    elapsedMs
  })
  return { facts, received }
})

/** Delivers all the deliveries and answers what the run came to; `received` is what the sink holds at the end. */
export const demo = (deliveries: ReadonlyArray<Delivery>, options: DemoOptions, screen: Screen) =>
  run(deliveries, options, screen).pipe(
    Effect.provide(Layer.mergeAll(Sink.layer(options.sink), Attempts.layer))
  )
