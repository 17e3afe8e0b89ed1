/**
 * Conformance: the events of a queue, as a suite of its own for any implementation of `Broker` and `Events`.
 *
 * Every case runs under TestClock, so both have to take their time from Effect's Clock. Each case builds the layer anew and
 * expects an empty broker.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import { Events, type JobEvent, type QueueEvent } from "../../broker/Events.ts"
import type { Inspector } from "../../broker/Inspector.ts"
import type { BrokerError } from "../../job/BrokerError.ts"
import type { JobId } from "../../job/JobId.ts"
import * as JobQueue from "../../task/JobQueue.ts"
import { jobs, settle } from "../JobFactory.ts"
import { type Kit, makeKit, startMs, together } from "./Kit.ts"

type Services = Broker | Inspector | Events

/** A reader whose events come one by one. */
interface Listener {
  readonly next: Effect.Effect<QueueEvent>
  readonly take: (count: number) => Effect.Effect<ReadonlyArray<QueueEvent>>
  readonly stop: Effect.Effect<void>
}

/** Opens a reader, and waits until it listens. */
const listen = (
  queue: JobQueue.JobQueue,
  after?: string
): Effect.Effect<Listener & { readonly first: QueueEvent }, BrokerError, Services | Scope.Scope> =>
  Effect.gen(function*() {
    const heard = yield* Queue.unbounded<QueueEvent>()
    const fiber = yield* Effect.forkScoped(Effect.scoped(Effect.gen(function*() {
      const reader = yield* Events.use((events) => events.read(queue, { after }))
      return yield* Effect.forever(Effect.flatMap(reader.next, (events) => Queue.offerAll(heard, events)))
    })))
    const first = yield* Effect.raceFirst(Queue.take(heard), Fiber.join(fiber))
    assert.strictEqual(first.event, "listening")
    return {
      first,
      next: Queue.take(heard),
      take: (count) => Effect.forEach(Array.from({ length: count }), () => Queue.take(heard)),
      stop: Fiber.interrupt(fiber)
    }
  })

/** An event in short: what, and of which job if of any. */
const brief = (event: QueueEvent): ReadonlyArray<unknown> => "id" in event ? [event.event, event.id] : [event.event]

/** What was told of one job, in order. */
const told = (events: ReadonlyArray<QueueEvent>, id: JobId): ReadonlyArray<string> =>
  events.filter((event): event is JobEvent => "id" in event && event.id === id).map(({ event }) => event)

type Body = (kit: Kit) => Effect.Effect<void, BrokerError, Services | Scope.Scope>
type Test = (name: string, body: Body) => void

const lifeCases = (test: Test): void => {
  test("tells a job's way from its enqueue to its end, with times, task and attempt", (kit) =>
    Effect.gen(function*() {
      const { first, take } = yield* listen(kit.queue)
      assert.strictEqual(first.atMs, startMs)
      yield* TestClock.adjust(5)
      const id = yield* kit.enqueueOne({ task: "SendEmail" })
      yield* TestClock.adjust(5)
      const claimed = yield* kit.claimOne()
      yield* TestClock.adjust(5)
      yield* kit.settle(settle.complete(claimed, 0))
      const events = yield* take(3)
      assert.deepStrictEqual(events.map((event) => ({ ...event, cursor: "" })), [
        { event: "enqueued", cursor: "", atMs: startMs + 5, id, task: "SendEmail", attempt: undefined },
        { event: "claimed", cursor: "", atMs: startMs + 10, id, task: "SendEmail", attempt: 1 },
        { event: "completed", cursor: "", atMs: startMs + 15, id, task: undefined, attempt: 1 }
      ])
    }))

  test("tells attempts that fail, promotions, and the end", (kit) =>
    Effect.gen(function*() {
      const { take } = yield* listen(kit.queue)
      const id = yield* kit.enqueueOne({ delayMs: 100 })
      yield* TestClock.adjust(100)
      yield* kit.settle(settle.retry(yield* kit.claimOne(), 50))
      yield* TestClock.adjust(50)
      yield* kit.settle(settle.die(yield* kit.claimOne()))
      const events = yield* take(7)
      assert.deepStrictEqual(
        told(events, id),
        ["enqueued", "promoted", "claimed", "retrying", "promoted", "claimed", "dead"]
      )
      assert.deepStrictEqual(
        events.map((event) => "id" in event ? event.attempt : "none"),
        [undefined, undefined, 1, 1, undefined, 2, 2]
      )
    }))

  test("tells outcomes that use no attempt, and cancellations by the handler", (kit) =>
    Effect.gen(function*() {
      const { take } = yield* listen(kit.queue)
      const id = yield* kit.enqueueOne()
      yield* kit.settle(settle.release(yield* kit.claimOne()))
      yield* kit.settle(settle.snooze(yield* kit.claimOne(), 10))
      yield* TestClock.adjust(10)
      yield* kit.settle(settle.handBack(yield* kit.claimOne(), 10))
      yield* TestClock.adjust(10)
      yield* kit.settle(settle.cancel(yield* kit.claimOne()))
      assert.deepStrictEqual(told(yield* take(11), id), [
        "enqueued",
        "claimed",
        "released",
        "claimed",
        "snoozed",
        "promoted",
        "claimed",
        "handed-back",
        "promoted",
        "claimed",
        "cancelled"
      ])
    }))

  test("tells each job of a call that carries several outcomes, a claim and a promotion", (kit) =>
    Effect.gen(function*() {
      const { take } = yield* listen(kit.queue)
      const [a, b, c, d] = yield* kit.enqueue(together, together, together, { ...together, delayMs: 10 })
      const claimed = yield* kit.claim(3)
      yield* TestClock.adjust(10)
      yield* kit.exchange({
        settle: [settle.complete(claimed[0]!), settle.retry(claimed[1]!, 0), settle.snooze(claimed[2]!, 1000)],
        claim: 10
      })
      const events = yield* take(7 + 3 + 4)
      assert.deepStrictEqual(told(events, a!), ["enqueued", "claimed", "completed"])
      assert.deepStrictEqual(told(events, b!), ["enqueued", "claimed", "retrying", "promoted", "claimed"])
      assert.deepStrictEqual(told(events, c!), ["enqueued", "claimed", "snoozed"])
      assert.deepStrictEqual(told(events, d!), ["enqueued", "promoted", "claimed"])
    }))

  test("tells progress", (kit) =>
    Effect.gen(function*() {
      const { take } = yield* listen(kit.queue)
      const id = yield* kit.enqueueOne()
      const claimed = yield* kit.claimOne()
      yield* Broker.use((broker) => broker.progress(kit.queue, claimed, "1"))
      assert.deepStrictEqual((yield* take(3)).map(brief)[2], ["progressed", id])
    }))
}

const otherCases = (test: Test): void => {
  test("tells rescues, and what became of the job", (kit) =>
    Effect.gen(function*() {
      const { take } = yield* listen(kit.queue)
      const [retried, dead, cancelled] = yield* kit.enqueue(
        { ...together, attempts: 2 },
        { ...together, attempts: 1 },
        { ...together, attempts: 2 }
      )
      yield* kit.claim(3)
      yield* Broker.use((broker) => broker.cancel(kit.queue, [cancelled!], "stop"))
      yield* TestClock.adjust(30_000)
      yield* Broker.use((broker) => broker.rescue(kit.queue, 10))
      const events = yield* take(12)
      assert.deepStrictEqual(told(events, retried!), ["enqueued", "claimed", "rescued", "retrying"])
      assert.deepStrictEqual(told(events, dead!), ["enqueued", "claimed", "rescued", "dead"])
      assert.deepStrictEqual(told(events, cancelled!), ["enqueued", "claimed", "rescued", "cancelled"])
      for (const event of events.slice(6)) assert.propertyVal(event, "attempt", 1)
    }))

  test("tells what operators do to jobs", (kit) =>
    Effect.gen(function*() {
      const { take } = yield* listen(kit.queue)
      const [cancelled, promoted, removed, drained] = yield* kit.enqueue(
        together,
        { ...together, delayMs: 1000 },
        together,
        together
      )
      const broker = yield* Broker
      yield* broker.cancel(kit.queue, [cancelled!], "not needed")
      yield* broker.retry(kit.queue, [cancelled!])
      yield* broker.promoteJobs(kit.queue, [promoted!])
      yield* broker.remove(kit.queue, [removed!])
      yield* broker.drain(kit.queue, 1)
      const events = yield* take(9)
      assert.deepStrictEqual(told(events, cancelled!), ["enqueued", "cancelled", "retried"])
      assert.deepStrictEqual(told(events, promoted!), ["enqueued", "promoted"])
      assert.deepStrictEqual(told(events, removed!), ["enqueued", "removed"])
      assert.deepStrictEqual(told(events, drained!), ["enqueued", "removed"])
    }))

  test("tells that a queue was paused and resumed, once for all its partitions and only when it was", (kit) =>
    Effect.gen(function*() {
      const { take } = yield* listen(kit.queue)
      const broker = yield* Broker
      yield* broker.resume(kit.queue)
      yield* broker.pause(kit.queue)
      yield* broker.pause(kit.queue)
      yield* broker.resume(kit.queue)
      const events = yield* take(2)
      const id = yield* kit.enqueueOne()
      assert.deepStrictEqual([...events, ...(yield* take(1))].map(brief), [["paused"], ["resumed"], ["enqueued", id]])
    }))

  test("tells nothing of what changed nothing", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ id: "own", ...together })
      const { next } = yield* listen(kit.queue)
      const broker = yield* Broker
      yield* broker.enqueue(kit.queue, jobs(1, () => ({ id: "own", ...together })))
      yield* broker.promoteJobs(kit.queue, [id])
      yield* broker.retry(kit.queue, [id])
      const request = { lane: "again", sequence: 1_000_000, claim: 1 }
      const [claimed] = (yield* kit.exchange(request)).jobs
      yield* kit.exchange(request)
      yield* kit.settle({ ...settle.complete(claimed!), token: "wrong" })
      yield* broker.remove(kit.queue, [id])
      yield* broker.cancel(kit.queue, [id], "asked, not done yet")
      yield* kit.settle(settle.complete(claimed!))
      assert.deepStrictEqual(brief(yield* next), ["claimed", id])
      assert.deepStrictEqual(brief(yield* next), ["completed", id])
    }))
}

const resumeCases = (test: Test): void => {
  test("goes on behind any cursor, also in the middle of a call's jobs, without loss or repeat", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit.queue)
      yield* kit.enqueue(...jobs(30, (index) => ({ id: `job-${index}` })))
      yield* kit.claim(20)
      const all = yield* listener.take(50)
      yield* listener.stop
      for (const at of [0, 7, 29, 30, 44]) {
        const again = yield* listen(kit.queue, all[at]!.cursor)
        const rest = yield* again.take(49 - at)
        yield* again.stop
        assert.sameDeepMembers(rest.map(brief), all.slice(at + 1).map(brief), `behind event ${at}`)
      }
      const fromStart = yield* listen(kit.queue, listener.first.cursor)
      assert.sameDeepMembers((yield* fromStart.take(50)).map(brief), all.map(brief))
      for (const { cursor } of all) assert.match(cursor, /^[!-~]+$/)
      assert.strictEqual(new Set(all.map(({ cursor }) => cursor)).size, 50)
    }))

  test("tells what happened while nobody was listening for less than a minute", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit.queue)
      yield* listener.stop
      yield* TestClock.adjust(59_999)
      const id = yield* kit.enqueueOne()
      const again = yield* listen(kit.queue, listener.first.cursor)
      assert.deepStrictEqual(brief(yield* again.next), ["enqueued", id])
    }))

  test("tells a gap where nobody was listening for longer", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit.queue)
      const before = yield* kit.enqueueOne(together)
      yield* listener.next
      yield* listener.stop
      yield* TestClock.adjust(60_000)
      yield* kit.enqueueOne(together)
      const again = yield* listen(kit.queue, listener.first.cursor)
      const after = yield* kit.enqueueOne(together)
      const events = yield* again.take(3)
      assert.deepStrictEqual(events.map(brief), [["enqueued", before], ["gap"], ["enqueued", after]])
      const behindGap = yield* listen(kit.queue, events[1]!.cursor)
      assert.deepStrictEqual(brief(yield* behindGap.next), ["enqueued", after])
    }))

  test("tells a gap to a reader that is further behind than events are kept", (kit) =>
    Effect.gen(function*() {
      const queue = { ...kit.queue, keepEvents: 10 }
      const listener = yield* listen(queue)
      const count = 400
      for (let index = 0; index < count; index++) yield* kit.enqueueOne({ id: `job-${index}`, ...together })
      const again = yield* listen(queue, listener.first.cursor)
      const [gap, ...kept] = yield* again.take(11)
      assert.strictEqual(gap?.event, "gap")
      // at least what was promised, and not all of it
      const first = Number(String(brief(kept[0]!)[1]).split("-")[1])
      assert.isTrue(first > 0 && first <= count - 10, `goes on at ${first} of ${count}`)
      assert.deepStrictEqual(
        kept.map((event) => brief(event)[1]),
        Array.from({ length: 10 }, (_, index) => String(brief(kept[0]!)[1]).replace(/\d+$/, String(first + index)))
      )
    }))

  for (const after of ["", "nonsense", "zz-1", "1-1,2-2,3-3,4-4,5-5"]) {
    test(`tells a gap, and begins now, behind a cursor that it never gave: "${after}"`, (kit) =>
      Effect.gen(function*() {
        const listener = yield* listen(kit.queue)
        yield* kit.enqueueOne()
        yield* listener.next
        const other = yield* listen(kit.queue, after === "zz-1" ? ahead(listener.first.cursor) : after)
        assert.deepStrictEqual(brief(yield* other.next), ["gap"])
        const id = yield* kit.enqueueOne()
        assert.deepStrictEqual(brief(yield* other.next), ["enqueued", id])
      }))
  }
}

/** A cursor of the same form that names what has not happened yet. */
const ahead = (cursor: string): string => cursor.replaceAll(/-[^,]*/g, "-zzzz")

const recordingCases = (test: Test): void => {
  test("begins with what happens from now on", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const { next } = yield* listen(kit.queue)
      const id = yield* kit.enqueueOne()
      assert.deepStrictEqual(brief(yield* next), ["enqueued", id])
    }))

  test("tells every reader everything", (kit) =>
    Effect.gen(function*() {
      const readers = [yield* listen(kit.queue), yield* listen(kit.queue), yield* listen(kit.queue)]
      const ids = yield* kit.enqueue(...jobs(20))
      for (const reader of readers) {
        assert.sameDeepMembers((yield* reader.take(20)).map(brief), ids.map((id) => ["enqueued", id]))
      }
    }))

  test("goes on recording for as long as somebody listens", (kit) =>
    Effect.gen(function*() {
      const { next } = yield* listen(kit.queue)
      for (let minute = 0; minute < 5; minute++) {
        // a refresh that is under way when time passes needs its turn
        for (let step = 0; step < 6; step++) {
          yield* TestClock.adjust(10_000)
          yield* kit.stats
        }
        const id = yield* kit.enqueueOne()
        assert.deepStrictEqual(brief(yield* next), ["enqueued", id])
      }
    }))

  test("records always where the queue is set so, whoever comes and goes", (kit) =>
    Effect.gen(function*() {
      const listener = yield* listen(kit.queue)
      yield* listener.stop
      const always = { ...kit.queue, recordEvents: "always" as const }
      yield* Broker.use((broker) => broker.enqueue(always, jobs(1, () => ({ id: "first", ...together }))))
      yield* (yield* listen(kit.queue)).stop
      yield* TestClock.adjust(3_600_000)
      yield* kit.enqueueOne({ id: "second", ...together })
      const again = yield* listen(kit.queue, listener.first.cursor)
      assert.deepStrictEqual(
        (yield* again.take(2)).map((event) => String(brief(event)[1]).split(":")[1]),
        ["first", "second"]
      )
    }))

  test("keeps queues apart", (kit) =>
    Effect.gen(function*() {
      const { next } = yield* listen(kit.queue)
      yield* Broker.use((broker) => broker.enqueue({ ...kit.queue, name: "other" }, jobs(1)))
      const id = yield* kit.enqueueOne()
      assert.deepStrictEqual(brief(yield* next), ["enqueued", id])
    }))

  test("waits for a queue that was never used, and does not decide its partition count", (kit) =>
    Effect.gen(function*() {
      const name = "unheard-of"
      const listening = yield* Effect.forkScoped(listen(JobQueue.make(name)), { startImmediately: true })
      yield* TestClock.adjust(3_000)
      const queue = JobQueue.make(name, { partitions: kit.partitions + 1 })
      yield* Broker.use((broker) => broker.enqueue(queue, jobs(1)))
      let waits = 0
      while (listening.pollUnsafe() === undefined && waits++ < 100) {
        yield* TestClock.adjust(1_000)
        yield* kit.stats
      }
      const { next } = yield* Fiber.join(listening)
      yield* Broker.use((broker) => broker.enqueue(queue, jobs(1, () => ({ id: "heard" }))))
      assert.match(String(brief(yield* next)[1]), /:heard$/)
    }))
}

/** Registers the suite under `name`. `makeLayer` is called once per case and has to give an empty broker. */
export const eventsConformance = <E>(
  name: string,
  makeLayer: () => Layer.Layer<Services, E>,
  options: { readonly partitions?: number | undefined } = {}
): void => {
  const test: Test = (name, body) => {
    it.effect(
      name,
      () =>
        TestClock.setTime(startMs).pipe(
          Effect.andThen(
            Effect.provide(Effect.suspend(() => Effect.scoped(body(makeKit(options.partitions ?? 1)))), makeLayer())
          )
        )
    )
  }
  // oxlint-disable-next-line vitest/valid-title -- the caller names the broker
  describe(name, () => {
    describe("a job's life", () => {
      lifeCases(test)
    })
    describe("rescues and operators", () => {
      otherCases(test)
    })
    describe("resuming", () => {
      resumeCases(test)
    })
    describe("recording", () => {
      recordingCases(test)
    })
  })
}
