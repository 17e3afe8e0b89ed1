import { assert, describe, it } from "@effect/vitest"
import { Consumer } from "@sluice/consumer"
import { Broker, CurrentJob, JobQueue, Task } from "@sluice/core"
import type { PartitionMismatch } from "@sluice/core/BrokerError"
import { Deferred, Effect, Exit, Latch, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Jobs from "./support/Jobs.ts"
import * as TappedBroker from "./support/TappedBroker.ts"

class Greet extends Task.make("Greet", { payload: { name: Schema.String }, success: Schema.String }) {}
class Work extends Task.make("Work", { payload: { n: Schema.Int } }) {}

const greeting = Greet.toLayer(({ name }) => Effect.succeed(`hello ${name}`))
const App = Consumer.layer({ tasks: [Greet], queues: { default: { concurrency: 4 } } }).pipe(
  Layer.provide(greeting),
  Layer.provideMerge(TappedBroker.layer)
)
const working = (run: (n: number) => Effect.Effect<void>, concurrency: number, lanes?: number) =>
  Consumer.layer({ tasks: [Work], queues: { default: { concurrency, lanes } }, grace: 0 }).pipe(
    Layer.provide(Work.toLayer(({ n }) => run(n))),
    Layer.provideMerge(TappedBroker.layer)
  )
const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ n }))

describe("a consumer", () => {
  it.effect("runs a job and answers with its result", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Greet.run({ name: "ada" }), "hello ada")
    }).pipe(Effect.provide(App)))

  it.effect("runs what was enqueued before it started", () =>
    Effect.gen(function*() {
      const { id } = yield* Greet.enqueue({ name: "ada" })
      yield* Effect.provide(
        Effect.gen(function*() {
          assert.strictEqual(yield* Greet.await(id), "hello ada")
        }),
        Consumer.layer({ tasks: [Greet], queues: { default: { concurrency: 1 } } }).pipe(Layer.provide(greeting))
      )
    }).pipe(Effect.provide(TappedBroker.layer)))

  it.effect("runs as many jobs at once as it has slots, never more, and claims no more than it can start", () => {
    let running = 0
    let most = 0
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* Work.enqueueAll(numbers(50))
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual(most, 7)
      for (const { reply, request } of tap.exchanges) assert.isAtMost(reply?.jobs.length ?? 0, request.claim)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Jobs.counts, { completed: 50 })
      assert.strictEqual(most, 7)
    }).pipe(Effect.provide(working(
      () =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            most = Math.max(most, ++running)
          }),
          () => Effect.sleep("1 second"),
          () => Effect.sync(() => running--)
        ),
      7
    )))
  })

  it.effect("splits many slots over lanes and still fills exactly them", () => {
    let running = 0
    let most = 0
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      tap.latency = 5
      yield* Work.enqueueAll(numbers(400))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Jobs.counts, { completed: 400 })
      assert.strictEqual(most, 40)
      assert.isAbove(new Set(tap.exchanges.map(({ request }) => request.lane)).size, 1)
    }).pipe(Effect.provide(working(
      (n) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            most = Math.max(most, ++running)
          }),
          () => Effect.sleep(100 + n),
          () => Effect.sync(() => running--)
        ),
      40,
      4
    )))
  })

  it.effect("settles what ends in the same turn in one call, together with the next claim", () => {
    const gate = Latch.makeUnsafe(false)
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* Work.enqueueAll(numbers(10))
      yield* TestClock.adjust("1 millis")
      const before = tap.exchanges.length
      yield* gate.release
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(
        tap.exchanges.slice(before).map(({ request }) => [request.settle.length, request.claim]),
        [[5, 5]]
      )
    }).pipe(Effect.provide(working(() => gate.await, 5)))
  })

  it.effect("tells the handler which job it runs", () =>
    Effect.gen(function*() {
      const seen = yield* Deferred.make<unknown>()
      class Timed extends Task.make("Timed", { timeout: "30 seconds" }) {}
      yield* TestClock.setTime(1000)
      yield* Effect.provide(
        Effect.gen(function*() {
          const { id } = yield* Timed.enqueue()
          assert.deepStrictEqual(yield* Deferred.await(seen), {
            id,
            task: "Timed",
            queue: "default",
            attempt: 1,
            attempts: 10,
            deadline: 31_000,
            enqueuedAt: 1000
          })
        }),
        Consumer.layer({ tasks: [Timed], queues: { default: { concurrency: 1 } } }).pipe(
          Layer.provide(Timed.toLayer(() =>
            Effect.gen(function*() {
              const { report: _, ...job } = yield* CurrentJob
              yield* Deferred.succeed(seen, job)
            })
          ))
        )
      )
    }).pipe(Effect.provide(TappedBroker.layer)))

  it.effect("keeps a running job's progress", () => {
    class Copy extends Task.make("Copy", { progress: Schema.Struct({ percent: Schema.Int }) }) {}
    return Effect.gen(function*() {
      const { id } = yield* Copy.enqueue()
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Jobs.job(id)).progress, `{"percent":40}`)
    }).pipe(Effect.provide(
      Consumer.layer({ tasks: [Copy], queues: { default: { concurrency: 1 } }, grace: 0 }).pipe(
        Layer.provide(Copy.toLayer(() => Effect.andThen(Copy.progress({ percent: 40 }), Effect.sleep("1 hour")))),
        Layer.provideMerge(TappedBroker.layer)
      )
    ))
  })
})

describe("the maintenance duties", () => {
  const abandoned = Effect.gen(function*() {
    const { id } = yield* Work.enqueue({ n: 1 })
    const { exchange } = yield* Broker
    // a consumer that vanishes with its lease
    yield* exchange({
      queue: Jobs.queue,
      consumer: "vanished",
      lane: "0",
      sequence: 1,
      settle: [],
      claim: 1,
      leaseMs: 1000,
      wake: false
    })
    return id
  })
  const consumer = (maintenance: boolean) =>
    Consumer.layer({ tasks: [Work], queues: { default: { concurrency: 1 } }, maintenance }).pipe(
      Layer.provide(Work.toLayer(() => Effect.void))
    )

  it.effect("run along, so that the job of a vanished consumer is run again", () =>
    Effect.gen(function*() {
      const id = yield* abandoned
      yield* Effect.andThen(TestClock.adjust("1 minute"), Jobs.state(id)).pipe(
        Effect.tap((state) => Effect.sync(() => assert.strictEqual(state, "completed"))),
        Effect.provide(consumer(true))
      )
    }).pipe(Effect.provide(TappedBroker.layer)))

  it.effect("can be left to others", () =>
    Effect.gen(function*() {
      const id = yield* abandoned
      yield* Effect.andThen(TestClock.adjust("1 minute"), Jobs.state(id)).pipe(
        Effect.tap((state) => Effect.sync(() => assert.strictEqual(state, "running"))),
        Effect.provide(consumer(false))
      )
    }).pipe(Effect.provide(TappedBroker.layer)))
})

describe("several queues", () => {
  class Slow extends Task.make("Slow", { queue: "slow" }) {}
  class Quick extends Task.make("Quick", { queue: "quick" }) {}

  it.effect("run independently of each other", () => {
    let quick = 0
    return Effect.gen(function*() {
      yield* Slow.enqueueAll([undefined, undefined, undefined])
      yield* Quick.enqueueAll([undefined, undefined, undefined])
      yield* TestClock.adjust("1 second")
      assert.strictEqual(quick, 3)
    }).pipe(Effect.provide(
      Consumer.layer({
        tasks: [Slow, Quick],
        queues: { slow: { concurrency: 1 }, quick: { concurrency: 1 } },
        grace: 0
      }).pipe(
        Layer.provide(Slow.toLayer(() => Effect.sleep("1 hour"))),
        Layer.provide(Quick.toLayer(() => Effect.asVoid(Effect.sync(() => quick++)))),
        Layer.provideMerge(TappedBroker.layer)
      )
    ))
  })
})

describe("options", () => {
  const failure = (layer: Layer.Layer<never, PartitionMismatch>) =>
    Effect.scoped(Layer.build(layer)).pipe(
      Effect.exit,
      Effect.map((exit) => Exit.isFailure(exit) ? String(exit.cause) : "built")
    )

  it.effect("out of range are refused by name when the layer is built", () =>
    Effect.gen(function*() {
      const broken = (options: object) =>
        failure(
          Consumer.layer({ tasks: [Greet], queues: { default: { concurrency: 1 } }, ...options }).pipe(
            Layer.provide(greeting),
            Layer.provide(TappedBroker.layer)
          )
        )
      assert.include(yield* broken({ queues: { default: { concurrency: 0 } } }), "concurrency is 0")
      assert.include(yield* broken({ queues: { default: { concurrency: 1, lanes: 17 } } }), "lanes is 17")
      assert.include(yield* broken({ lease: "10 millis" }), "lease is 10 ms")
      assert.include(yield* broken({ queues: {} }), `no options for queue "default"`)
    }))

  it.effect("of one queue that its tasks give differently are refused", () =>
    Effect.gen(function*() {
      class One extends Task.make("One", { queue: JobQueue.make("shared", { maxJobs: 1 }) }) {}
      class Two extends Task.make("Two", { queue: JobQueue.make("shared", { maxJobs: 2 }) }) {}
      const said = yield* failure(
        Consumer.layer({ tasks: [One, Two], queues: { shared: { concurrency: 1 } } }).pipe(
          Layer.provide([One.toLayer(() => Effect.void), Two.toLayer(() => Effect.void)]),
          Layer.provide(TappedBroker.layer)
        )
      )
      assert.include(said, `queue "shared" give it different settings`)
    }))

  it.effect("of one queue may come from one task, beside others that give just its name", () =>
    Effect.gen(function*() {
      class One extends Task.make("One", { queue: "shared" }) {}
      class Two extends Task.make("Two", { queue: JobQueue.make("shared", { keepCompleted: 2 }) }) {}
      yield* Effect.gen(function*() {
        const tap = yield* TappedBroker.Tap
        yield* One.run()
        assert.deepStrictEqual([...new Set(tap.exchanges.map(({ request }) => request.queue.keepCompleted))], [2])
      }).pipe(Effect.provide(
        Consumer.layer({ tasks: [One, Two], queues: { shared: { concurrency: 1 } } }).pipe(
          Layer.provide([One.toLayer(() => Effect.void), Two.toLayer(() => Effect.void)]),
          Layer.provideMerge(TappedBroker.layer)
        )
      ))
    }))

  it.effect("that list two tasks of one name are refused; the same task twice is not", () =>
    Effect.gen(function*() {
      class Other extends Task.make("Greet") {}
      const app = (tasks: ReadonlyArray<typeof Greet | typeof Other>) =>
        failure(
          Consumer.layer({ tasks, queues: { default: { concurrency: 1 } } }).pipe(
            Layer.provide(greeting),
            Layer.provide(TappedBroker.layer)
          )
        )
      assert.include(yield* app([Greet, Other]), `two tasks are named "Greet"`)
      assert.strictEqual(yield* app([Greet, Greet]), "built")
    }))
})
