import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { BrokerError } from "../../src/job/BrokerError.ts"
import type { JobId } from "../../src/job/JobId.ts"
import * as JobQueue from "../../src/task/JobQueue.ts"
import { job, jobs, settle } from "../../src/testing/JobFactory.ts"
import { client, connect, created, queue, reasonOf, request, server } from "./support/Brokers.ts"

const deadline = "300 millis"

/** Real milliseconds that an effect takes. */
const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const start = performance.now()
    return Effect.map(effect, (value) => ({ value, ms: performance.now() - start }))
  })

describe("while Redis is away", () => {
  it.live("every verb fails with BrokerUnavailable within the deadline", () =>
    Effect.gen(function*() {
      const redis = yield* server()
      const { broker, inspector } = yield* connect({ url: redis.url, deadline })
      const [id] = yield* created(broker, jobs(1))
      const [claimed] = (yield* broker.exchange(request(1, { claim: 1 }))).jobs
      yield* Effect.promise(() => redis.kill())
      const calls: ReadonlyArray<Effect.Effect<unknown, BrokerError>> = [
        broker.enqueue(queue, jobs(3)),
        broker.exchange(request(2, { settle: [settle.complete(claimed!)], claim: 1 })),
        broker.extend(queue, [claimed!], 1000),
        broker.progress(queue, claimed!, "1"),
        broker.awaitVerdict(queue, id!),
        broker.cancel(queue, [id!], "no"),
        broker.retry(queue, [id!]),
        broker.promoteJobs(queue, [id!]),
        broker.remove(queue, [id!]),
        broker.pause(queue),
        broker.resume(queue),
        broker.drain(queue, 1),
        broker.promote(queue, 1),
        broker.rescue(queue, 1),
        broker.prune(queue, 1),
        Effect.scoped(broker.wakeups(queue, "c", () => {})),
        inspector.job(queue, id!),
        inspector.list(queue, "available"),
        inspector.stats(queue),
        inspector.queues
      ]
      const { ms, value } = yield* timed(
        Effect.forEach(calls, (call) => Effect.flip(Effect.asVoid(call)), { concurrency: "unbounded" })
      )
      for (const { reason } of value) assert.strictEqual(reason._tag, "BrokerUnavailable")
      assert.isBelow(ms, 2_000)
    }))

  it.effect("deadlines are real time: a TestClock that stands still hangs nothing", () =>
    Effect.gen(function*() {
      const redis = yield* server()
      const { broker } = yield* connect({ url: redis.url, deadline, clock: "caller" })
      yield* created(broker, jobs(1))
      yield* Effect.promise(() => redis.kill())
      assert.strictEqual(yield* reasonOf(broker.enqueue(queue, jobs(1))), "BrokerUnavailable")
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* reasonOf(broker.exchange(request(1))), "BrokerUnavailable")
    }))

  it.live("a broker can't be built, and says why", () =>
    Effect.gen(function*() {
      const redis = yield* server()
      yield* Effect.promise(() => redis.kill())
      const { ms, value } = yield* timed(Effect.flip(Effect.scoped(connect({ url: redis.url, deadline }))))
      assert.strictEqual(value.reason._tag, "BrokerUnavailable")
      assert.include(value.message, "ECONNREFUSED")
      assert.isBelow(ms, 2_000)
    }))

  it.live("a server that is silent counts as away, and is used again when it speaks", () =>
    Effect.gen(function*() {
      const redis = yield* server()
      const { broker, inspector } = yield* connect({ url: redis.url, deadline })
      yield* created(broker, jobs(1))
      yield* Effect.promise(() => redis.kill("SIGSTOP"))
      const { ms, value } = yield* timed(reasonOf(broker.enqueue(queue, jobs(1))))
      assert.strictEqual(value, "BrokerUnavailable")
      assert.isBelow(ms, 2_000)
      assert.strictEqual(yield* reasonOf(inspector.stats(queue)), "BrokerUnavailable")
      yield* Effect.promise(() => redis.kill("SIGCONT"))
      yield* created(broker, jobs(1))
    }))
})

describe("when Redis comes back", () => {
  it.live("calls that still wait are done, and everything goes on where it was", () =>
    Effect.gen(function*() {
      const redis = yield* server({ appendonly: true })
      const { broker, inspector } = yield* connect({ url: redis.url, deadline: "20 seconds" })
      yield* created(broker, jobs(3))
      const [claimed] = (yield* broker.exchange(request(1, { claim: 1 }))).jobs
      yield* Effect.promise(() => redis.kill())
      const waiting = yield* Effect.forkChild(Effect.all([
        broker.enqueue(queue, jobs(2)),
        broker.exchange(request(2, { settle: [settle.complete(claimed!)], claim: 1 }))
      ], { concurrency: 2 }))
      yield* Effect.promise(() => redis.restart())
      const [answers, reply] = yield* Fiber.join(waiting)
      assert.deepStrictEqual(answers.map(({ answer }) => answer), ["created", "created"])
      assert.deepStrictEqual(reply.settled, ["settled"])
      assert.strictEqual(reply.jobs.length, 1)
      const { states } = yield* inspector.stats(queue)
      assert.deepStrictEqual([states.completed, states.running, states.available], [1, 1, 3])
    }))

  it.live("nothing is sent whose caller was told of a failure, or was interrupted", () =>
    Effect.gen(function*() {
      const redis = yield* server({ appendonly: true })
      const { broker, inspector } = yield* connect({ url: redis.url, deadline })
      yield* created(broker, [job({ id: "before" })])
      yield* Effect.promise(() => redis.kill())
      const interrupted = yield* Effect.forkChild(broker.enqueue(queue, [job({ id: "interrupted" })]), {
        startImmediately: true
      })
      yield* Fiber.interrupt(interrupted)
      const removing = yield* Effect.forkChild(broker.remove(queue, ["0:before" as JobId]), { startImmediately: true })
      yield* Fiber.interrupt(removing)
      assert.strictEqual(yield* reasonOf(broker.enqueue(queue, [job({ id: "failed" })])), "BrokerUnavailable")
      yield* Effect.promise(() => redis.restart())
      // how long it takes to connect again is not the point; the id makes the repeats safe
      yield* Effect.retry(created(broker, [job({ id: "after" })]), { while: () => true })
      const found = yield* inspector.list(queue, "available")
      assert.deepStrictEqual(found.jobs.map(({ id }) => id), ["0:before", "0:after"])
    }))

  it.live("without its data, it learns again which queues there are", () =>
    Effect.gen(function*() {
      const redis = yield* server()
      const { broker } = yield* connect({ url: redis.url, deadline: "20 seconds" })
      const three = JobQueue.make("three", { partitions: 3 })
      yield* broker.enqueue(three, jobs(1))
      yield* Effect.promise(() => redis.restart())
      yield* broker.enqueue(three, jobs(9))
      const { inspector } = yield* connect({ url: redis.url })
      assert.deepStrictEqual(yield* inspector.queues, ["three"])
      const stats = yield* inspector.stats(JobQueue.make("three"))
      assert.deepStrictEqual([stats.partitions, stats.states.available], [3, 9])
    }))

  it.live("an await that spans the outage answers", () =>
    Effect.gen(function*() {
      const redis = yield* server({ appendonly: true })
      const { broker } = yield* connect({ url: redis.url, deadline: "20 seconds" })
      const [id] = yield* created(broker, jobs(1))
      const waiting = yield* Effect.forkChild(broker.awaitVerdict(queue, id!), { startImmediately: true })
      const [claimed] = (yield* broker.exchange(request(1, { claim: 1 }))).jobs
      yield* Effect.promise(() => redis.restart())
      yield* broker.exchange(request(2, { settle: [settle.complete(claimed!, 0)] }))
      assert.strictEqual((yield* Fiber.join(waiting))?.state, "completed")
    }))

  it.live("connections that an operator kills are replaced, wake-ups included", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker } = yield* connect({ url, deadline: "20 seconds" })
      const woken = new Woken()
      yield* broker.wakeups(queue, "c", woken.wake)
      yield* broker.exchange(request(1, { claim: 1, wake: true }))
      yield* Effect.promise(() => redis.call("CLIENT", "KILL", "TYPE", "pubsub"))
      // messages may have been missed: everybody is told to look
      yield* woken.next
      yield* Effect.promise(() => redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
      yield* broker.exchange(request(2, { claim: 1, wake: true }))
      yield* created(broker, jobs(1))
      yield* woken.next
    }))
})

/** Counts wake-ups; `next` waits for one that was not waited for yet. */
class Woken {
  private count = 0
  private resume: (() => void) | undefined

  readonly wake = (): void => {
    this.count++
    this.resume?.()
  }

  readonly next: Effect.Effect<void> = Effect.callback((resume) => {
    this.resume = () => {
      if (this.count === 0) return
      this.count--
      this.resume = undefined
      resume(Effect.void)
    }
    this.resume()
  })
}
