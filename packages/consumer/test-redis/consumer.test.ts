/**
 * The consumer on a real Redis, end to end: what depends on real time, real messages and more than one connection. All
 * else is held under the test clock in `test`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Consumer, ConsumerHealth } from "@sluice/consumer"
import { type Broker, Inspector, JobQueue, RetryPolicy, Task } from "@sluice/core"
import type { BrokerError } from "@sluice/core/BrokerError"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { Clock, Deferred, Effect, Layer, Schema } from "effect"
import { inject } from "vitest"
import { uniquePrefix } from "../../../tests/support/uniquePrefix.ts"
import { A, B, backlog, consumer, Seen } from "../test/support/Sharing.ts"

class Odd extends Schema.TaggedError<Odd>()("Odd", { n: Schema.Int }) {}

const redis = (prefix = uniquePrefix("consumer")): Layer.Layer<Broker | Inspector, BrokerError> =>
  RedisBroker.layer({ url: inject("redisUrl"), prefix })

for (const partitions of [1, 3]) {
  describe(`a consumer on Redis with ${partitions} partition(s)`, () => {
    const queue = JobQueue.make("default", { partitions })
    class Double extends Task.make("Double", {
      queue,
      payload: { n: Schema.Int },
      success: Schema.Int,
      error: Odd,
      retry: RetryPolicy.fixed({ delay: "20 millis", attempts: 3, jitter: 0 })
    }) {}

    it.live("runs every job once, retries by policy, and answers whoever waits", () => {
      const runs = new Map<number, number>()
      return Effect.gen(function*() {
        const answers = yield* Effect.forEach(
          Array.from({ length: 300 }, (_, n) => n),
          (n) => Effect.result(Double.run({ n })),
          { concurrency: "unbounded" }
        )
        answers.forEach((answer, n) => {
          if (n % 50 === 7) assert.deepInclude(answer, { _tag: "Failure", failure: new Odd({ n }) })
          else assert.deepInclude(answer, { _tag: "Success", success: 2 * n })
          assert.strictEqual(runs.get(n), n % 50 === 7 ? 3 : 1)
        })
        const { states } = yield* Inspector.use((inspector) => inspector.stats(queue))
        assert.deepInclude(states, { completed: 294, dead: 6, running: 0, available: 0, retryable: 0 })
      }).pipe(Effect.provide(
        Consumer.layer({ tasks: [Double], queues: { default: { concurrency: 50 } } }).pipe(
          Layer.provide(Double.toLayer(({ n }) => {
            runs.set(n, (runs.get(n) ?? 0) + 1)
            return n % 50 === 7 ? new Odd({ n }) : Effect.succeed(2 * n)
          })),
          Layer.provideMerge(redis())
        )
      ))
    })
  })
}

describe("a consumer on Redis", () => {
  class Work extends Task.make("Work", { payload: { n: Schema.Int } }) {}
  const working = (run: (n: number) => Effect.Effect<void>) =>
    Consumer.layer({
      tasks: [Work],
      // nothing is ever found by polling here
      queues: { default: { concurrency: 2, poll: "1 hour" } },
      grace: 0
    }).pipe(Layer.provide(Work.toLayer(({ n }) => run(n))))

  it.live("is woken for new work, and polls for none of it", () =>
    Effect.gen(function*() {
      for (let n = 0; n < 20; n++) yield* Work.run({ n })
    }).pipe(Effect.provide(working(() => Effect.void).pipe(Layer.provideMerge(redis())))))

  it.live("is woken by another process for work that is due sooner than it knew, and starts each in time", () => {
    const started: Array<readonly [n: number, at: number]> = []
    const prefix = uniquePrefix("consumer")
    return Effect.gen(function*() {
      const producer = yield* Layer.build(redis(prefix))
      const enqueue = (n: number, delay: number) => Work.enqueue({ n }, { delay }).pipe(Effect.provideContext(producer))
      yield* Work.run({ n: 0 })
      const before = yield* Clock.currentTimeMillis
      const delays = [600, 200, 400]
      const jobs = yield* Effect.forEach(delays, (delay) => enqueue(delay, delay))
      yield* Effect.forEach(jobs, ({ id }) => Work.await(id))
      assert.deepStrictEqual(started.slice(1).map(([n]) => n), [200, 400, 600])
      for (const [n, at] of started.slice(1)) {
        assert.isAtLeast(at - before, n - 1)
        assert.isBelow(at - before, n + 200)
      }
    }).pipe(
      Effect.scoped,
      Effect.provide(
        working((n) => Effect.map(Clock.currentTimeMillis, (at) => void started.push([n, at]))).pipe(
          Layer.provideMerge(redis(prefix))
        )
      )
    )
  })

  it.live("interrupts a job that another process cancels", () => {
    const running = Deferred.makeUnsafe<void>()
    const prefix = uniquePrefix("consumer")
    return Effect.gen(function*() {
      const operator = yield* Layer.build(redis(prefix))
      const { id } = yield* Work.enqueue({ n: 1 })
      yield* Deferred.await(running)
      const before = yield* Clock.currentTimeMillis
      assert.strictEqual(yield* Work.cancel(id, "not wanted").pipe(Effect.provideContext(operator)), "requested")
      const { reason } = yield* Effect.flip(Work.await(id))
      assert.deepInclude(reason, { _tag: "JobCancelled", by: "operator", reason: "not wanted" })
      assert.isBelow((yield* Clock.currentTimeMillis) - before, 1000)
    }).pipe(
      Effect.scoped,
      Effect.provide(
        working(() => Effect.andThen(Deferred.succeed(running, undefined), Effect.never)).pipe(
          Layer.provideMerge(redis(prefix))
        )
      )
    )
  })

  it.live("releases what it runs when it stops, and another one takes it at once", () => {
    const prefix = uniquePrefix("consumer")
    const first = Deferred.makeUnsafe<void>()
    let attempt = 0
    return Effect.gen(function*() {
      const context = yield* Effect.context<Broker>()
      const { id } = yield* Work.enqueue({ n: 1 })
      const stuck = working(() => Effect.andThen(Deferred.succeed(first, undefined), Effect.never))
      yield* Effect.scoped(Effect.andThen(Layer.build(stuck), Deferred.await(first))).pipe(
        Effect.provideContext(context)
      )
      yield* Work.await(id).pipe(Effect.provide(working(() =>
        Effect.sync(() => {
          attempt++
        })
      )))
      assert.strictEqual(attempt, 1)
      const job = yield* Inspector.use((inspector) => inspector.job(JobQueue.make("default"), id))
      assert.strictEqual(job._tag === "Some" ? job.value.attempt : 0, 1)
    }).pipe(Effect.provide(redis(prefix)))
  })

  it.live("is healthy", () =>
    Effect.gen(function*() {
      yield* Work.run({ n: 1 })
      const { check } = yield* ConsumerHealth
      assert.deepStrictEqual(yield* check, { live: true, ready: true, reasons: [] })
    }).pipe(Effect.provide(working(() => Effect.void).pipe(Layer.provideMerge(redis())))))
})

describe("queues that share slots, on Redis", () => {
  it.live("run by their weights while all have work, and use all slots when one has none left", () => {
    const seen = new Seen()
    const takes = "5 millis"
    return Effect.gen(function*() {
      const jobs = (yield* Effect.all([backlog(A, 400), backlog(B, 400)])).flat()
      const ended = Effect.forEach(jobs, ({ id, task }) => task.await(id), { concurrency: "unbounded", discard: true })
      yield* Effect.provide(ended, consumer(seen, 8, [{ weight: 3, takes }, { takes }]))
      assert.deepStrictEqual(seen.started, [400, 400, 0])
      assert.strictEqual(seen.most, 8)
      // 3 to 1 until the first has nothing left, after some 533 starts
      const early = seen.order.slice(0, 400)
      assert.closeTo(early.filter((queue) => queue === "a").length, 300, 30)
    }).pipe(Effect.provide(redis()))
  })
})
