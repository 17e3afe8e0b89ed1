import { assert, describe, it } from "@effect/vitest"
import type { ExchangeRequest } from "../../src/broker/Broker.ts"
import { enqueue } from "../../src/broker/memory/enqueue.ts"
import { exchange } from "../../src/broker/memory/exchange.ts"
import { MemoryPartition } from "../../src/broker/memory/MemoryPartition.ts"
import { laneKeepMs, prune } from "../../src/broker/memory/prune.ts"
import { all as allStates, canMove } from "../../src/job/JobState.ts"
import * as JobId from "../../src/job/JobId.ts"
import * as JobQueue from "../../src/task/JobQueue.ts"
import { job } from "../../src/testing/JobFactory.ts"

const id = JobId.make(0, "a")

const withJob = () => {
  const partition = new MemoryPartition(new Map(), 0)
  enqueue(partition, 0, [{ jobId: id, job: job({ id: "a" }) }], undefined)
  return { partition, found: partition.jobs.get(id)! }
}

const request: ExchangeRequest = {
  queue: JobQueue.make("q"),
  consumer: "c",
  lane: "l",
  sequence: 1,
  settle: [],
  claim: 0,
  leaseMs: 1000,
  wake: false
}

describe("MemoryPartition", () => {
  it("makes every legal move and refuses every other one, changing nothing", () => {
    for (const from of allStates) {
      for (const to of allStates) {
        const { found, partition } = withJob()
        partition.sets.available.delete(id)
        found.state = from
        partition.sets[from].add(id, 1)
        if (canMove(from, to)) partition.move(found, to, 2)
        else assert.throws(() => partition.move(found, to, 2), `job 0:a may not go from ${from} to ${to}`)
        const now = canMove(from, to) ? to : from
        assert.strictEqual(found.state, now)
        assert.deepStrictEqual(allStates.filter((state) => partition.sets[state].size > 0), [now])
      }
    }
  })

  it("forgets a lane an hour after its last call, when it is pruned", () => {
    const partition = new MemoryPartition(new Map(), 0)
    exchange(partition, 0, request)
    exchange(partition, 1, { ...request, lane: "m" })
    prune(partition, laneKeepMs - 1, 10)
    assert.strictEqual(partition.lanes.size, 2)
    prune(partition, laneKeepMs, 10)
    assert.strictEqual(partition.lanes.size, 1)
  })

  it("keeps nothing of a job that is gone", () => {
    const { found, partition } = withJob()
    partition.delete(found)
    assert.strictEqual(partition.jobs.size, 0)
    assert.isTrue(allStates.every((state) => partition.sets[state].size === 0))
  })
})
