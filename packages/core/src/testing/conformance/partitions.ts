/** Conformance: queues of one and of several partitions. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Broker } from "../../broker/Broker.ts"
import { Inspector } from "../../broker/Inspector.ts"
import type { BrokerError } from "../../job/BrokerError.ts"
import * as JobId from "../../job/JobId.ts"
import * as JobQueue from "../../task/JobQueue.ts"
import { job, jobs, settle } from "../JobFactory.ts"
import { createdIds, type Suite } from "./Kit.ts"

/** Why a use was refused, which it has to be. */
const refused = (use: Effect.Effect<unknown, BrokerError, Broker | Inspector>) =>
  Effect.match(use, { onFailure: (error) => error.reason, onSuccess: () => "not refused" })

export const partitionCases = ({ partitions, test }: Suite): void => {
  test("gives each job a partition that the queue has, and spreads those without key and id evenly", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...jobs(partitions * 10))
      const counts = new Map<number | undefined, number>()
      for (const id of ids) counts.set(JobId.partitionOf(id), (counts.get(JobId.partitionOf(id)) ?? 0) + 1)
      const expected = Array.from({ length: partitions }, (_, partition) => [partition, 10] as const)
      assert.deepStrictEqual([...counts].toSorted(([left], [right]) => left! - right!), expected.map((one) => [...one]))
    }))

  test("sends jobs of one key to one partition, and one id to one partition", (kit) =>
    Effect.gen(function*() {
      for (const key of ["a", "b", "tenant-42", "\u{1F600}"]) {
        const ids = yield* kit.enqueue(...jobs(5, () => ({ key })))
        assert.strictEqual(new Set(ids.map(JobId.partitionOf)).size, 1)
      }
      for (const id of ["a", "b", "order-42"]) {
        const first = yield* kit.enqueueOne({ id })
        const [again] = yield* Broker.use((broker) => broker.enqueue(kit.queue, [job({ id })]))
        assert.deepStrictEqual(again, { answer: "existing", id: first })
      }
    }))

  test("lets the key win over the id, so that ids are scoped to the key", (kit) =>
    Effect.gen(function*() {
      const byKey = JobId.partitionOf(yield* kit.enqueueOne({ key: "k", id: "one" }))
      for (const id of ["two", "three", "four", "five"]) {
        assert.strictEqual(JobId.partitionOf(yield* kit.enqueueOne({ key: "k", id })), byKey)
      }
    }))

  test("claims the jobs of all partitions, and finds a single one wherever it is", (kit) =>
    Effect.gen(function*() {
      const ids = yield* kit.enqueue(...jobs(partitions * 3))
      const all = yield* kit.claim(ids.length)
      assert.deepStrictEqual(new Set(all.map((one) => one.id)), new Set(ids))
      for (let turn = 0; turn < partitions * 2; turn++) {
        const id = yield* kit.enqueueOne()
        assert.strictEqual((yield* kit.claimOne()).id, id)
      }
    }))

  test("settles, extends and acts on jobs of all partitions in one call, answers in order", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(12))
      const claimed = yield* kit.claim(12)
      const wrong = new Set([1, 5, 6])
      const given = claimed.map((one, index) => wrong.has(index) ? { ...one, token: "x" } : one)
      const expected = claimed.map((_, index) => wrong.has(index) ? "lost" : "settled")
      const extended = yield* Broker.use((broker) => broker.extend(kit.queue, given, 30_000))
      assert.deepStrictEqual(
        extended.map(({ _tag }) => _tag),
        expected.map((one) => one === "lost" ? "Lost" : "Extended")
      )
      assert.deepStrictEqual(yield* kit.settle(...given.map((one) => settle.die(one))), expected)
      const retried = yield* Broker.use((broker) => broker.retry(kit.queue, claimed.map(({ id }) => id)))
      assert.deepStrictEqual(retried, expected.map((one) => one === "lost" ? "running" : "done"))
    }))

  test("knows nothing of ids in partitions that the queue does not have", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(3))
      const claimed = yield* kit.claimOne()
      const beyond = { ...claimed, id: JobId.make(partitions, JobId.localOf(claimed.id)) }
      const broker = yield* Broker
      assert.deepStrictEqual(yield* kit.settle(settle.complete(beyond), settle.release(claimed)), ["lost", "settled"])
      assert.deepStrictEqual(yield* broker.extend(kit.queue, [beyond], 1000), [{ _tag: "Lost" }])
      assert.strictEqual(yield* broker.progress(kit.queue, beyond, "1"), "lost")
      assert.deepStrictEqual(yield* broker.remove(kit.queue, [beyond.id, claimed.id]), ["not-found", "done"])
    }))

  test("remembers the partition count of a queue's first use", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueueOne()
      const unnamed = JobQueue.make(kit.queue.name)
      const ids = yield* createdIds(unnamed, jobs(partitions))
      assert.strictEqual(new Set(ids.map(JobId.partitionOf)).size, partitions)
      const stats = yield* Inspector.use((inspector) => inspector.stats(unnamed))
      assert.deepStrictEqual([stats.partitions, stats.totals.enqueued], [partitions, partitions + 1])
    }))

  test("has one partition where none was named at first use", () =>
    Effect.gen(function*() {
      const queue = JobQueue.make("unnamed")
      const ids = yield* createdIds(queue, jobs(3))
      assert.deepStrictEqual(ids.map(JobId.partitionOf), [0, 0, 0])
      assert.strictEqual((yield* Inspector.use((inspector) => inspector.stats(queue))).partitions, 1)
    }))

  test("refuses every use with another partition count, and changes nothing", (kit) =>
    Effect.gen(function*() {
      const id = yield* kit.enqueueOne()
      const other = JobQueue.make(kit.queue.name, { partitions: partitions + 1 })
      const before = yield* kit.stats
      const broker = yield* Broker
      const inspector = yield* Inspector
      const uses: ReadonlyArray<Effect.Effect<unknown, BrokerError, Broker | Inspector>> = [
        broker.enqueue(other, [job()]),
        kit.exchange({ queue: other, claim: 1 }),
        broker.extend(other, [{ id, token: "x" }], 1),
        broker.extend(other, [], 1),
        broker.cancel(other, [id], "no"),
        broker.remove(other, [id]),
        broker.pause(other),
        broker.drain(other, 10),
        broker.rescue(other, 10),
        broker.awaitVerdict(other, id),
        inspector.job(other, id),
        inspector.list(other, "available"),
        inspector.stats(other)
      ]
      for (const use of uses) {
        assert.deepInclude(yield* refused(use), {
          _tag: "PartitionMismatch",
          queue: kit.queue.name,
          stored: partitions,
          given: partitions + 1
        })
      }
      assert.deepStrictEqual(yield* kit.stats, before)
      assert.strictEqual((yield* kit.claimOne()).id, id)
    }))

  test("tells the longest wait and the next due time of all partitions", (kit) =>
    Effect.gen(function*() {
      for (let turn = 0; turn < partitions * 2; turn++) {
        yield* kit.enqueue({ id: `wait-${turn}` }, { id: `due-${turn}`, delayMs: 100_000 })
        yield* TestClock.adjust(1000)
      }
      const { nextDueMs, oldestWaitMs } = yield* kit.stats
      const waited = partitions * 2000
      assert.deepStrictEqual({ nextDueMs, oldestWaitMs }, { nextDueMs: 100_000 - waited, oldestWaitMs: waited })
    }))

  test("adds up the counts of all partitions", (kit) =>
    Effect.gen(function*() {
      yield* kit.enqueue(...jobs(partitions * 4), ...jobs(partitions * 2, () => ({ delayMs: 1000 })))
      yield* kit.claim(partitions * 2)
      const { partitions: count, states, totals } = yield* kit.stats
      assert.deepStrictEqual([count, states.available, states.running, states.scheduled, totals.enqueued], [
        partitions,
        partitions * 2,
        partitions * 2,
        partitions * 2,
        partitions * 6
      ])
    }))
}
