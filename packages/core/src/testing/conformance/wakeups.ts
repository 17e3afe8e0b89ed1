/**
 * Conformance: who is woken, when, and for what.
 *
 * Wake-ups may come from elsewhere and take a moment, so cases wait for those that have to come. That one does not come
 * is told by a bell: each listener runs a job of its own, whose cancel wakes it too, after everything before.
 */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import type { JobId } from "../../job/JobId.ts"
import { jobs, settle } from "../JobFactory.ts"
import { type Kit, type Suite, together } from "./Kit.ts"

interface Listener {
  readonly consumer: string
  readonly heard: Queue.Queue<"work" | "cancel">
  readonly bell: JobId
}

/** Makes a consumer that listens and runs one job, its bell; a far-off lease keeps the bell its own. */
const listen = Effect.fnUntraced(function*(kit: Kit, consumer: string) {
  const heard = yield* Queue.unbounded<"work" | "cancel">()
  yield* kit.enqueue({ ...together, priority: 100 })
  const bell = yield* kit.claimOne({ consumer, leaseMs: 3_600_000 })
  yield* Broker.use((broker) => broker.wakeups(kit.queue, consumer, (why) => void Queue.offerUnsafe(heard, why)))
  const listener: Listener = { consumer, heard, bell: bell.id }
  return listener
})

/** Asks for jobs that are not there, and waits in `idle` from then on. */
const idle = (kit: Kit, { consumer }: Listener, claim = 1) =>
  Effect.map(kit.exchange({ consumer, lane: consumer, claim, wake: true }), (reply) => {
    assert.deepStrictEqual(reply.jobs, [])
  })

const nextOf = (listener: Listener) => Queue.take(listener.heard)

/** How often it was woken for work so far: rings the bell and counts until it is heard. */
const timesWoken = Effect.fnUntraced(function*(kit: Kit, listener: Listener) {
  yield* Broker.use((broker) => broker.cancel(kit.queue, [listener.bell], "ring"))
  let times = 0
  while ((yield* nextOf(listener)) === "work") times++
  return times
})

const timesAllWoken = (kit: Kit, listeners: ReadonlyArray<Listener>) =>
  Effect.map(Effect.forEach(listeners, (one) => timesWoken(kit, one)), (times) => times.reduce((sum, one) => sum + one))

export const wakeupCases = ({ test, testOfOne }: Suite): void => {
  test("wakes an idle consumer when a job comes in", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit, "a")
      yield* idle(kit, listener)
      yield* kit.enqueueOne()
      assert.strictEqual(yield* nextOf(listener), "work")
    }))

  test("wakes an idle consumer wherever the job comes in", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit, "a")
      for (let turn = 0; turn < kit.partitions * 2; turn++) {
        yield* idle(kit, listener)
        const id = yield* kit.enqueueOne()
        assert.strictEqual(yield* nextOf(listener), "work")
        const claimed = yield* kit.claimOne({ consumer: "a", lane: "a" })
        assert.strictEqual(claimed.id, id)
      }
    }))

  test("wakes as many as there are new jobs, and no more", (kit) =>
    Effect.gen(function*() {
      const listeners = yield* Effect.forEach(["a", "b", "c", "d"], (consumer) => listen(kit, consumer))
      for (const listener of listeners) yield* idle(kit, listener)
      yield* kit.enqueue(together, together)
      assert.strictEqual(yield* timesAllWoken(kit, listeners), 2)
      yield* kit.enqueue(...jobs(10, () => together))
      assert.strictEqual(yield* timesAllWoken(kit, listeners), 2)
    }))

  test("wakes nobody who was woken before and has not asked since", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit, "a")
      yield* idle(kit, listener)
      yield* kit.enqueueOne(together)
      yield* kit.enqueueOne(together)
      assert.strictEqual(yield* timesWoken(kit, listener), 1)
    }))

  test("wakes nobody for a job that was there already", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit, "a")
      yield* kit.enqueueOne({ id: "x", delayMs: 5000 })
      yield* idle(kit, listener)
      yield* Broker.use((broker) => broker.enqueue(kit.queue, jobs(1, () => ({ id: "x" }))))
      assert.strictEqual(yield* timesWoken(kit, listener), 0)
    }))

  test("wakes nobody who did not want to be woken", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit, "a")
      yield* kit.exchange({ consumer: "a", lane: "a", claim: 1, wake: false })
      yield* kit.enqueueOne()
      assert.strictEqual(yield* timesWoken(kit, listener), 0)
    }))

  test("wakes nobody who has asked not to be woken any more", (kit) =>
    Effect.gen(function*() {
      const stopping = yield* listen(kit, "a")
      yield* idle(kit, stopping)
      yield* kit.exchange({ consumer: "a", lane: "a", claim: 0, wake: false })
      yield* kit.enqueueOne()
      assert.strictEqual(yield* timesWoken(kit, stopping), 0)
    }))

  testOfOne(
    "wakes nobody who got all it asked for",
    "it may have found other partitions empty",
    (kit) =>
      Effect.gen(function*() {
        const listener = yield* listen(kit, "a")
        yield* kit.enqueueOne()
        yield* kit.claimOne({ consumer: "a", lane: "a", wake: true })
        yield* kit.enqueueOne()
        assert.strictEqual(yield* timesWoken(kit, listener), 0)
      })
  )

  test("wakes those who got less than they asked for", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit, "a")
      yield* kit.enqueueOne()
      const got = yield* kit.claim(2, { consumer: "a", lane: "a", wake: true })
      assert.strictEqual(got.length, 1)
      yield* kit.enqueueOne()
      assert.strictEqual(yield* nextOf(listener), "work")
    }))

  test("wakes one for a job that is due sooner than any before, and none for a later one", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit, "a")
      yield* idle(kit, listener)
      yield* kit.enqueueOne({ ...together, delayMs: 5000 })
      assert.strictEqual(yield* timesWoken(kit, listener), 1)
      yield* idle(kit, listener)
      yield* kit.enqueueOne({ ...together, delayMs: 5000 })
      yield* kit.enqueueOne({ ...together, delayMs: 6000 })
      assert.strictEqual(yield* timesWoken(kit, listener), 0)
      yield* kit.enqueueOne({ ...together, delayMs: 4999 })
      assert.strictEqual(yield* timesWoken(kit, listener), 1)
    }))

  test("wakes one more for a job due sooner that comes together with new work", (kit) =>
    Effect.gen(function*() {
      const listeners = yield* Effect.forEach(["a", "b", "c"], (consumer) => listen(kit, consumer))
      for (const listener of listeners) yield* idle(kit, listener)
      yield* kit.enqueue(together, { ...together, delayMs: 60_000 })
      assert.strictEqual(yield* timesAllWoken(kit, listeners), 2)
    }))

  test("spends no wake-up on a consumer that has got all it asked for", (kit) =>
    Effect.gen(function*() {
      const [busy, free] = [yield* listen(kit, "busy"), yield* listen(kit, "free")]
      yield* idle(kit, busy)
      yield* kit.enqueue({ ...together, delayMs: 60_000 })
      assert.strictEqual(yield* nextOf(busy), "work")
      yield* idle(kit, busy)
      yield* TestClock.adjust("1 minute")
      yield* kit.claimOne({ consumer: "busy", lane: "busy", wake: true })
      yield* idle(kit, free)
      yield* kit.enqueue(together)
      assert.strictEqual(yield* nextOf(free), "work")
      assert.strictEqual(yield* timesWoken(kit, busy), 0)
    }))

  test("wakes for jobs that are promoted, retried by hand or made available by hand", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit, "a")
      const broker = yield* Broker
      const [due, later, cancelled] = yield* kit.enqueue(
        { ...together, delayMs: 1000 },
        { ...together, delayMs: 9000 },
        { ...together, delayMs: 9000 }
      )
      yield* broker.cancel(kit.queue, [cancelled!], "no")
      yield* idle(kit, listener)
      yield* TestClock.adjust(1000)
      yield* broker.promote(kit.queue, 10)
      assert.strictEqual(yield* nextOf(listener), "work")
      for (const [id, verb] of [[later!, broker.promoteJobs], [cancelled!, broker.retry]] as const) {
        yield* kit.claimOne()
        yield* idle(kit, listener)
        yield* verb(kit.queue, [id])
        assert.strictEqual(yield* nextOf(listener), "work")
      }
      assert.deepStrictEqual(yield* kit.states(due!, later!, cancelled!), ["running", "running", "available"])
    }))

  test("passes the word on: whoever leaves jobs behind wakes one more", (kit) =>
    Effect.gen(function*() {
      const [first, second] = yield* Effect.forEach(["a", "b"], (consumer) => listen(kit, consumer))
      yield* idle(kit, first!)
      yield* kit.enqueue(...jobs(3, () => together))
      assert.strictEqual(yield* nextOf(first!), "work")
      // nothing is left to wake for before "b" waits too
      yield* kit.claim(3, { consumer: "a", lane: "a" })
      yield* idle(kit, second!)
      const third = yield* kit.enqueueOne(together)
      assert.strictEqual(yield* nextOf(second!), "work")
      const claimed = yield* kit.claimOne({ consumer: "b", lane: "b" })
      assert.strictEqual(claimed.id, third)
      yield* idle(kit, first!)
      yield* kit.exchange({ consumer: "b", lane: "b", settle: [settle.release(claimed)] })
      assert.strictEqual(yield* nextOf(first!), "work")
    }))

  test("leaves to others what it was woken for and has no room for, wherever that is", (kit) =>
    Effect.gen(function*() {
      const [first, second] = [yield* listen(kit, "a"), yield* listen(kit, "b")]
      yield* idle(kit, first)
      yield* idle(kit, second)
      // two jobs: the first consumer waits longest everywhere, so each partition that gets one wakes it
      yield* kit.enqueue({}, {})
      for (let heard = 0; heard < Math.min(2, kit.partitions); heard++) assert.strictEqual(yield* nextOf(first), "work")
      yield* kit.claimOne({ consumer: "a", lane: "a", wake: true })
      assert.strictEqual(yield* nextOf(second), "work")
      yield* kit.claimOne({ consumer: "b", lane: "b", wake: true })
    }))

  test("has another one watch the next due time when the one that watched takes a job", (kit) =>
    Effect.gen(function*() {
      const [first, second] = [yield* listen(kit, "a"), yield* listen(kit, "b")]
      yield* idle(kit, first)
      yield* idle(kit, second)
      yield* kit.enqueue({ ...together, delayMs: 1000 })
      assert.strictEqual(yield* nextOf(first), "work")
      yield* idle(kit, first)
      // later than the first one, so nobody has to come for it yet
      yield* kit.enqueue({ ...together, delayMs: 2000 })
      assert.strictEqual(yield* timesAllWoken(kit, [first, second]), 0)
      yield* TestClock.adjust(1000)
      yield* kit.claimOne({ consumer: "a", lane: "a", wake: true })
      assert.strictEqual(yield* nextOf(second), "work")
    }))

  test("has one watch the next due time when the one that watched stops", (kit) =>
    Effect.gen(function*() {
      const [first, second] = [yield* listen(kit, "a"), yield* listen(kit, "b")]
      const claimed = yield* kit.enqueueOne(together).pipe(Effect.andThen(kit.claimOne({ consumer: "a", lane: "a" })))
      yield* idle(kit, first)
      yield* idle(kit, second)
      yield* kit.enqueue({ ...together, delayMs: 1000 })
      assert.strictEqual(yield* nextOf(first), "work")
      yield* kit.exchange({ consumer: "a", lane: "a", settle: [settle.complete(claimed)] })
      assert.strictEqual(yield* nextOf(second), "work")
    }))

  for (const how of ["retry", "snooze", "handBack"] as const) {
    test(`has one watch the due time of a job that ends in ${how}`, (kit) =>
      Effect.gen(function*() {
        const listener = yield* listen(kit, "a")
        yield* kit.enqueue(together)
        const claimed = yield* kit.claimOne()
        yield* idle(kit, listener)
        // whoever settles has no room, so it will not watch itself
        yield* kit.settle(settle[how](claimed, 5000))
        assert.strictEqual(yield* nextOf(listener), "work")
        yield* idle(kit, listener)
        yield* TestClock.adjust(5000)
        assert.strictEqual((yield* kit.claimOne({ consumer: "a", lane: "a" })).id, claimed.id)
      }))
  }

  test("has one watch for when a rescued job is due", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit, "a")
      yield* kit.enqueueOne({ ...together, crashDelayMs: 5000 })
      yield* kit.claimOne({ leaseMs: 1000 })
      yield* idle(kit, listener)
      yield* TestClock.adjust(1000)
      yield* Broker.use((broker) => broker.rescue(kit.queue, 10))
      assert.strictEqual(yield* nextOf(listener), "work")
      const reply = yield* kit.exchange({ consumer: "a", lane: "a", claim: 1, wake: true })
      assert.deepStrictEqual([reply.jobs.length, reply.nextDueMs], [0, 5000])
    }))

  test("does not rely on a timer that should have rung", (kit) =>
    Effect.gen(function*() {
      const [dead, alive] = [yield* listen(kit, "dead"), yield* listen(kit, "alive")]
      yield* kit.enqueue({ ...together, delayMs: 1000 })
      yield* idle(kit, dead)
      yield* TestClock.adjust(1000)
      yield* kit.claimOne()
      yield* idle(kit, alive)
      yield* kit.enqueue({ ...together, delayMs: 1000 })
      // the first one waits longer, and is told before the other one
      assert.strictEqual(yield* nextOf(dead), "work")
      yield* kit.exchange({ consumer: "c", lane: "l", claim: 0, wake: false })
      assert.strictEqual(yield* nextOf(alive), "work")
    }))

  test("wakes all idle consumers when a paused queue is resumed", (kit) =>
    Effect.gen(function*() {
      const listeners = yield* Effect.forEach(["a", "b", "c"], (consumer) => listen(kit, consumer))
      const broker = yield* Broker
      yield* idle(kit, listeners[0]!)
      yield* broker.pause(kit.queue)
      yield* idle(kit, listeners[1]!)
      yield* idle(kit, listeners[2]!)
      yield* broker.resume(kit.queue)
      for (const listener of listeners) assert.strictEqual(yield* nextOf(listener), "work")
    }))

  test("wakes nobody for new jobs while the queue is paused", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit, "a")
      yield* idle(kit, listener)
      yield* Broker.use((broker) => broker.pause(kit.queue))
      yield* kit.enqueue(together, together)
      assert.strictEqual(yield* timesWoken(kit, listener), 0)
      yield* Broker.use((broker) => broker.resume(kit.queue))
      assert.strictEqual(yield* nextOf(listener), "work")
    }))

  test("tells the consumer of a running job that it is to be cancelled, and nobody else", (kit) =>
    Effect.gen(function*() {
      const first = yield* listen(kit, "a")
      const second = yield* listen(kit, "b")
      yield* Broker.use((broker) => broker.cancel(kit.queue, [first.bell], "no"))
      assert.strictEqual(yield* nextOf(first), "cancel")
      yield* Broker.use((broker) => broker.cancel(kit.queue, [second.bell], "no"))
      assert.strictEqual(yield* nextOf(second), "cancel")
      assert.strictEqual(yield* Queue.size(first.heard), 0)
    }))

  test("lets those who no longer listen take no wake-up from those who do", (kit) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const gone = yield* Scope.provide(listen(kit, "gone"), scope)
      yield* idle(kit, gone)
      yield* Scope.close(scope, Exit.void)
      yield* idle(kit, gone)
      yield* kit.exchange({ consumer: "never", lane: "never", claim: 1, wake: true })
      const there = yield* listen(kit, "there")
      yield* idle(kit, there)
      yield* kit.enqueueOne(together)
      assert.strictEqual(yield* nextOf(there), "work")
      assert.strictEqual(yield* Queue.size(gone.heard), 0)
    }))

  test("finds the one that listens behind many that are gone", (kit) =>
    Effect.gen(function*() {
      const dead = Array.from({ length: 250 }, (_, number) => `dead-${number}`)
      yield* Effect.forEach(dead, (consumer) => kit.exchange({ consumer, lane: consumer, claim: 1, wake: true }))
      const there = yield* listen(kit, "there")
      yield* idle(kit, there)
      yield* kit.enqueueOne(together)
      assert.strictEqual(yield* nextOf(there), "work")
    }))

  test("keeps queues apart", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit, "a")
      yield* idle(kit, listener)
      yield* Broker.use((broker) => broker.enqueue({ ...kit.queue, name: "other" }, jobs(3)))
      assert.strictEqual(yield* timesWoken(kit, listener), 0)
    }))

  test("calls every listener of a consumer", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit, "a")
      const second = yield* Queue.unbounded<"work" | "cancel">()
      yield* Broker.use((broker) => broker.wakeups(kit.queue, "a", (why) => void Queue.offerUnsafe(second, why)))
      yield* idle(kit, listener)
      yield* kit.enqueueOne()
      assert.strictEqual(yield* nextOf(listener), "work")
      assert.strictEqual(yield* Queue.take(second), "work")
    }))
}
