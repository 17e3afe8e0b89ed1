import { assert, describe, it } from "@effect/vitest"
import { Consumer, ConsumerHealth } from "@sluice/consumer"
import { Broker, JobQueue, Task } from "@sluice/core"
import { PartitionMismatch } from "@sluice/core/BrokerError"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Stopping from "./support/Stopping.ts"
import * as TappedBroker from "./support/TappedBroker.ts"

class Work extends Task.make("Work") {}
class Split extends Task.make("Split", { queue: JobQueue.make("split", { partitions: 2 }) }) {}

const App = Consumer.layer({
  tasks: [Work, Split],
  queues: { default: { concurrency: 1 }, split: { concurrency: 1 } },
  grace: 0,
  maintenance: false
}).pipe(Layer.provide(Layer.merge(Work.toLayer(() => Effect.void), Split.toLayer(() => Effect.void))))

/** Another process has used the queue first. */
const usedWith = (partitions: number) => Broker.use((broker) => broker.pause(JobQueue.make("split", { partitions })))

describe("a consumer that starts", () => {
  it.effect("is refused where a queue has another number of partitions, before it claims from any", () =>
    Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* usedWith(3)
      const error = yield* Effect.flip(Effect.scoped(Layer.build(App)))
      assert.instanceOf(error, PartitionMismatch)
      assert.deepInclude(error, { queue: "split", stored: 3, given: 2 })
      assert.deepStrictEqual(tap.exchanges, [])
    }).pipe(Effect.provide(TappedBroker.layer)))

  it.effect("is not where it has the same number, or was never used", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 second")
      assert.isTrue((yield* ConsumerHealth.use(({ check }) => check)).ready)
    }).pipe(Stopping.provide(App.pipe(Layer.provideMerge(TappedBroker.layer)))))

  for (const fault of ["away", "die"] as const) {
    it.effect(`waits for a broker that is ${fault === "away" ? "away" : "dying"}, and is not ready when it differs`, () =>
      Effect.gen(function*() {
        const tap = yield* TappedBroker.Tap
        yield* usedWith(3)
        tap.faults.extend = fault
        yield* Effect.gen(function*() {
          tap.faults.extend = "none"
          yield* TestClock.adjust("10 seconds")
          const early = yield* ConsumerHealth.use(({ check }) => check)
          assert.deepInclude(early, { live: true, ready: false })
          assert.include(early.reasons.join(), "has 3 partition(s), but this process was told 2")
          yield* TestClock.adjust("2 minutes")
          assert.isFalse((yield* ConsumerHealth.use(({ check }) => check)).live)
        }).pipe(Stopping.provide(App))
      }).pipe(Effect.provide(TappedBroker.layer)))
  }
})
