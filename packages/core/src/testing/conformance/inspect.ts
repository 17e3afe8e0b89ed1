/** Conformance: what the Inspector shows. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import { Inspector } from "../../broker/Inspector.ts"
import type { JobId } from "../../job/JobId.ts"
import { all as allStates, type JobState } from "../../job/JobState.ts"
import { job, jobs, settle } from "../JobFactory.ts"
import { type Kit, startMs, type Step, type Suite, together } from "./Kit.ts"

const list = (kit: Kit, state: JobState, options: { readonly cursor?: string; readonly limit?: number } = {}) =>
  Inspector.use((inspector) => inspector.list(kit.queue, state, options))

/** All ids of a state, page by page; `between` runs after each page. */
const listAll = Effect.fnUntraced(function*(
  kit: Kit,
  state: JobState,
  limit: number,
  between: Step<unknown> = Effect.void
) {
  const ids: Array<JobId> = []
  let cursor: string | undefined
  for (let pages = 0; pages < 1000; pages++) {
    const page = yield* list(kit, state, cursor === undefined ? { limit } : { cursor, limit })
    assert.isAtMost(page.jobs.length, limit)
    for (const one of page.jobs) ids.push(one.id)
    if (page.cursor === undefined) return ids
    cursor = page.cursor
    yield* between
  }
  return assert.fail("the list does not end")
})

const noStates = Object.fromEntries(allStates.map((state) => [state, 0]))

export const inspectCases = ({ partitions, test }: Suite): void => {
  test("shows nothing of a queue that was never used, and leaves no trace of it", (kit) =>
    Effect.gen(function*() {
      const inspector = yield* Inspector
      assert.isTrue(Option.isNone(yield* inspector.job(kit.queue, "0:x" as JobId)))
      assert.deepStrictEqual(yield* list(kit, "available"), { jobs: [], cursor: undefined })
      const { nextDueMs, oldestWaitMs, paused, queue, states, totals } = yield* kit.stats
      assert.deepStrictEqual({ nextDueMs, oldestWaitMs, paused, queue, states }, {
        nextDueMs: undefined,
        oldestWaitMs: undefined,
        paused: false,
        queue: "conformance",
        states: noStates as typeof states
      })
      assert.isTrue(Object.values(totals).every((total) => total === 0))
      assert.deepStrictEqual(yield* inspector.queues, [])
    }))

  test("finds no job by an unknown or impossible id", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne({ id: "a" })
      for (const id of ["0:nobody", "zz:a", "nonsense", "", "a", ":a"]) {
        assert.isTrue(Option.isNone(yield* Inspector.use((inspector) => inspector.job(kit.queue, id as JobId))))
      }
    }))

  test("names all queues that were ever used, sorted", (kit) =>
    Effect.gen(function*() {
      const broker = yield* Broker
      for (const name of ["b", "a:1", "a", "Z"]) yield* broker.enqueue({ ...kit.queue, name }, [job()])
      yield* broker.pause({ ...kit.queue, name: "paused" })
      yield* kit.claim(1)
      const names = yield* Inspector.use((inspector) => inspector.queues)
      assert.deepStrictEqual(names, ["Z", "a", "a:1", "b", "conformance", "paused"])
    }))

  test("counts jobs by state, and what has happened", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(6, () => together))
      const [a, b, c, d, e] = yield* kit.claim(6)
      yield* kit.settle(
        settle.complete(a!),
        settle.cancel(b!),
        settle.die(c!),
        settle.retry(d!, 5000),
        settle.complete(e!, 0)
      )
      yield* kit.enqueue({}, {}, { delayMs: 3000 })
      const removed = yield* kit.enqueueOne()
      yield* Broker.use((broker) => broker.remove(kit.queue, [removed]))
      const { nextDueMs, partitions: count, states, totals } = yield* kit.stats
      assert.deepStrictEqual({ nextDueMs, count, states, totals }, {
        nextDueMs: 3000,
        count: partitions,
        states: {
          scheduled: 1,
          blocked: 0,
          available: 2,
          running: 1,
          retryable: 1,
          completed: 1,
          cancelled: 1,
          dead: 1
        },
        totals: {
          enqueued: 10,
          completed: 2,
          cancelled: 1,
          dead: 1,
          retried: 1,
          rescued: 0,
          pruned: 1,
          removed: 1
        }
      })
    }))

  test("tells how long the first in order has waited, and when the next is due", (kit) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* kit.stats).oldestWaitMs, undefined)
      yield* kit.enqueue(together, { ...together, delayMs: 4000 })
      yield* TestClock.adjust(1500)
      yield* kit.enqueueOne(together)
      yield* TestClock.adjust(1500)
      const { nextDueMs, oldestWaitMs } = yield* kit.stats
      assert.deepStrictEqual({ nextDueMs, oldestWaitMs }, { nextDueMs: 1000, oldestWaitMs: 3000 })
      yield* kit.claimOne()
      assert.strictEqual((yield* kit.stats).oldestWaitMs, 1500)
      yield* TestClock.adjust(2000)
      assert.strictEqual((yield* kit.stats).nextDueMs, 0)
    }))

  test("sees a job wait although the clock went back since it came", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      yield* TestClock.setTime(startMs - 5000)
      assert.strictEqual((yield* kit.stats).oldestWaitMs, 0)
    }))

  test("lists each state in its own order", (kit) =>
    Effect.gen(function*() {
      const available = yield* kit.enqueue({ ...together, priority: -1 }, together, { ...together, priority: 1 })
      assert.deepStrictEqual(yield* listAll(kit, "available", 100), [available[2], available[1], available[0]])
      const claimed = yield* kit.claim(3)
      assert.deepStrictEqual(yield* listAll(kit, "available", 100), [])
      yield* Broker.use((broker) => broker.extend(kit.queue, [claimed[0]!], 90_000))
      const [first, second, third] = claimed.map(({ id }) => id)
      assert.deepStrictEqual((yield* listAll(kit, "running", 100)).at(-1), first)
      yield* kit.settle(
        settle.retry(claimed[0]!, 3000),
        settle.retry(claimed[1]!, 1000),
        settle.retry(claimed[2]!, 2000)
      )
      assert.deepStrictEqual(yield* listAll(kit, "retryable", 100), [second, third, first])
      const scheduled = yield* kit.enqueue(...[300, 100, 200].map((delayMs) => ({ ...together, delayMs })))
      assert.deepStrictEqual(yield* listAll(kit, "scheduled", 100), [scheduled[1], scheduled[2], scheduled[0]])
      assert.deepStrictEqual(yield* listAll(kit, "blocked", 100), [])
    }))

  for (
    const [state, outcome] of [["completed", settle.complete], ["cancelled", settle.cancel], [
      "dead",
      settle.die
    ]] as const
  ) {
    test(`lists ${state} jobs by the end of their retention`, (kit) =>
      Effect.gen(function*() {
        yield* kit.enqueue(together, together, together)
        const claimed = yield* kit.claim(3)
        yield* kit.settle(...[3000, 1000, 2000].map((keepMs, index) => outcome(claimed[index]!, keepMs)))
        const [first, second, third] = claimed.map(({ id }) => id)
        assert.deepStrictEqual(yield* listAll(kit, state, 100), [second, third, first])
      }))
  }

  test("lists whole jobs, as they are found by id", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue({ key: "a", payload: "1", priority: 3 }, { trace: "t" })
      const page = yield* list(kit, "available")
      const found = yield* Effect.forEach(page.jobs, ({ id }) => kit.job(id))
      assert.deepStrictEqual(page.jobs, found)
      assert.deepStrictEqual(new Set(page.jobs.map(({ id }) => id)), new Set(ids))
    }))

  test("lists page by page, every job exactly once", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...jobs(25))
      for (const limit of [1, 3, 7, 25, 26]) {
        const listed = yield* listAll(kit, "available", limit)
        assert.strictEqual(listed.length, 25)
        assert.deepStrictEqual(new Set(listed), new Set(ids))
      }
    }))

  test("lists jobs of one due time page by page, every one exactly once", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...jobs(25, () => ({ delayMs: 1000 })))
      const listed = yield* listAll(kit, "scheduled", 4)
      assert.strictEqual(listed.length, 25)
      assert.deepStrictEqual(new Set(listed), new Set(ids))
    }))

  test("lists the jobs that stay exactly once while others leave", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...jobs(30, () => together))
      const listed = yield* listAll(kit, "available", 5, kit.claim(2))
      const stayed = ids.slice(12)
      assert.deepStrictEqual(listed.filter((id) => stayed.includes(id)), stayed)
      assert.strictEqual(new Set(listed).size, listed.length)
    }))

  test("gives a hundred jobs a page unless told, and a thousand at most", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(1100, () => together))
      assert.strictEqual((yield* list(kit, "available")).jobs.length, 100)
      assert.strictEqual((yield* list(kit, "available", { limit: 5000 })).jobs.length, 1000)
      assert.strictEqual((yield* list(kit, "available", { limit: 0 })).jobs.length, 1)
    }))

  test("ends at a cursor that no page gave", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      for (const cursor of ["", "nonsense", "99999 1", "999 "]) {
        assert.deepStrictEqual(yield* list(kit, "available", { cursor }), { jobs: [], cursor: undefined })
      }
    }))
}
