/** Conformance: claim, the second half of an exchange. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import { jobs, settle } from "../JobFactory.ts"
import { startMs, type Suite, together } from "./Kit.ts"

export const claimCases = ({ test, testOfOne }: Suite): void => {
  test("claims nothing from a queue that was never used", (kit) =>
    Effect.gen(function*() {
      const reply = yield* kit.exchange({ claim: 10 })
      assert.deepStrictEqual(reply, { settled: [], jobs: [], nextDueMs: undefined, paused: false })
    }))

  test("gives a job with its record, a token and the first attempt", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ payload: "[1]", key: "k" })
      yield* TestClock.adjust(7)
      const claimed = yield* kit.claimOne()
      assert.isAbove(claimed.token.length, 0)
      assert.deepStrictEqual(claimed, {
        id,
        token: claimed.token,
        attempt: 1,
        handedBack: 0,
        startedAtMs: startMs + 7,
        job: {
          enqueuedAtMs: startMs,
          task: "test",
          version: 1,
          payload: "[1]",
          priority: 0,
          attempts: 3,
          maxAgeMs: 0,
          crashDelayMs: 1000,
          keepDeadMs: 86_400_000,
          key: "k",
          trace: undefined
        }
      })
    }))

  test("shows who runs the job, since when and until when", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      yield* TestClock.adjust(5)
      const { id, token } = yield* kit.claimOne({ consumer: "worker-1", leaseMs: 30_000 })
      const { attempt, lease, state } = yield* kit.job(id)
      assert.deepStrictEqual({ attempt, lease, state }, {
        attempt: 1,
        state: "running",
        lease: { consumer: "worker-1", token, startedAtMs: startMs + 5, deadlineMs: startMs + 30_005 }
      })
    }))

  test("gives each job once, and never more than was asked for", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...jobs(10))
      const first = yield* kit.claim(4)
      const second = yield* kit.claim(4)
      const third = yield* kit.claim(4)
      assert.deepStrictEqual([first.length, second.length, third.length], [4, 4, 2])
      assert.deepStrictEqual(new Set([...first, ...second, ...third].map(({ id }) => id)), new Set(ids))
      assert.deepStrictEqual(yield* kit.claim(4), [])
    }))

  test("gives every job to one of the consumers that ask at the same time", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...jobs(40))
      const claims = yield* Effect.forEach(["a", "b", "c", "d", "e"], (consumer) => kit.claim(10, { consumer }), {
        concurrency: "unbounded"
      })
      const claimed = claims.flat().map(({ id }) => id)
      assert.strictEqual(claimed.length, 40)
      assert.deepStrictEqual(new Set(claimed), new Set(ids))
    }))

  test("claims nothing with 0", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      assert.deepStrictEqual((yield* kit.exchange({ claim: 0 })).jobs, [])
      assert.deepStrictEqual(yield* kit.states(id), ["available"])
    }))

  test("gives higher priorities first, and within one the first come first", (kit) =>
    Effect.gen(function*() {
      const priorities = [0, 1, -1, 100, -100, 0, 99, 1, -99]
      const ids = yield* kit.enqueue(...priorities.map((priority) => ({ ...together, priority })))
      const claimed = yield* kit.claim(20)
      const expected = [3, 6, 1, 7, 0, 5, 2, 8, 4].map((index) => ids[index])
      assert.deepStrictEqual(claimed.map(({ id }) => id), expected)
    }))

  testOfOne("keeps order over many calls", "order is kept within a partition", (kit) =>
    Effect.gen(function*() {
      const first = yield* kit.enqueue(...jobs(3))
      const second = yield* kit.enqueue({}, { priority: 1 })
      const claimed = yield* kit.claim(10)
      assert.deepStrictEqual(claimed.map(({ id }) => id), [second[1], ...first, second[0]])
    }))

  test("makes a due job available behind those that were there", (kit) =>
    Effect.gen(function*() {
      const delayed = yield* kit.enqueueOne({ ...together, delayMs: 1000 })
      const waiting = yield* kit.enqueueOne(together)
      const urgent = yield* kit.enqueueOne({ ...together, delayMs: 1000, priority: 1 })
      yield* TestClock.adjust(1000)
      assert.deepStrictEqual((yield* kit.claim(3)).map(({ id }) => id), [urgent, waiting, delayed])
    }))

  test("makes due jobs available by their time, not by when they came", (kit) =>
    Effect.gen(function*() {
      const [late, early, middle] = yield* kit.enqueue(
        { ...together, delayMs: 3000 },
        { ...together, delayMs: 1000 },
        { ...together, delayMs: 2000 }
      )
      yield* TestClock.adjust(3000)
      assert.deepStrictEqual((yield* kit.claim(3)).map(({ id }) => id), [early, middle, late])
    }))

  test("merges due retries and due scheduled jobs by time, retries first among equals", (kit) =>
    Effect.gen(function*() {
      const [retried, other] = yield* kit.enqueue(together, together)
      const claimed = yield* kit.claim(2)
      const [before, equal] = yield* kit.enqueue({ ...together, delayMs: 999 }, { ...together, delayMs: 1000 })
      yield* kit.settle(settle.retry(claimed[0]!, 1000), settle.retry(claimed[1]!, 1001))
      yield* TestClock.adjust(2000)
      assert.deepStrictEqual((yield* kit.claim(4)).map(({ id }) => id), [before, retried, equal, other])
    }))

  test("tells when the next job is due", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue({ delayMs: 7000 }, { delayMs: 5000 })
      assert.strictEqual((yield* kit.exchange({ claim: 5 })).nextDueMs, 5000)
      yield* TestClock.adjust(2000)
      assert.strictEqual((yield* kit.exchange({ claim: 5 })).nextDueMs, 3000)
      yield* TestClock.adjust(3000)
      assert.strictEqual((yield* kit.exchange({ claim: 5 })).nextDueMs, 2000)
    }))

  test("tells of a retry that is due sooner", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue({ delayMs: 7000 }, {})
      const claimed = yield* kit.claimOne()
      assert.strictEqual((yield* kit.exchange({ settle: [settle.retry(claimed, 100)], claim: 5 })).nextDueMs, 100)
    }))

  test("promotes due jobs also when it claims nothing", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne({ delayMs: 1000 })
      yield* TestClock.adjust(1000)
      yield* kit.exchange({ claim: 0 })
      assert.deepStrictEqual(yield* kit.states(id), ["available"])
    }))

  test("gives at most 4 MiB of payload in one call, and the rest in the next ones", (kit) =>
    Effect.gen(function*() {
      const payload = `"${"x".repeat(262_142)}"`
      const ids = yield* kit.enqueue(...jobs(20, () => ({ ...together, payload })))
      const first = yield* kit.claim(100)
      assert.isAtMost(first.length, 16)
      assert.isAtLeast(first.length, 12)
      const rest = yield* kit.claim(100)
      assert.deepStrictEqual([...first, ...rest].map(({ id }) => id), ids)
      assert.strictEqual(rest.at(-1)!.job.payload, payload)
    }))

  test("gives at most a thousand jobs of a partition in one call", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(1100, () => together))
      assert.strictEqual((yield* kit.claim(5000)).length, 1000)
      assert.strictEqual((yield* kit.claim(5000)).length, 100)
    }))

  test("gives each claim another token", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const tokens = new Set<string>()
      for (const consumer of ["a", "a", "b"]) {
        const claimed = yield* kit.claimOne({ consumer })
        tokens.add(claimed.token)
        yield* kit.settle(settle.release(claimed))
      }
      assert.strictEqual(tokens.size, 3)
    }))

  test("settles before it claims, so that a released job can be claimed in the same call", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const first = yield* kit.claimOne()
      const reply = yield* kit.exchange({ settle: [settle.release(first)], claim: 1 })
      assert.deepStrictEqual(reply.settled, ["settled"])
      assert.deepStrictEqual(reply.jobs.map(({ attempt, id }) => ({ attempt, id })), [{ attempt: 1, id: first.id }])
      assert.notStrictEqual(reply.jobs[0]!.token, first.token)
    }))

  test("keeps queues apart", (kit) =>
    Effect.gen(function*() {
      const other = { ...kit.queue, name: "other" }
      yield* Broker.use((broker) => broker.enqueue(other, jobs(1)))
      assert.deepStrictEqual(yield* kit.claim(1), [])
      assert.strictEqual((yield* kit.claim(1, { queue: other })).length, 1)
    }))
}
