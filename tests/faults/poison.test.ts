/**
 * A job kills every process that runs it, and the processes are started again, as a supervisor would.
 */
import { assert, describe, it } from "vitest"
import { audit } from "./support/audit.ts"
import type { Child } from "./support/Child.ts"
import { only } from "./support/Journal.ts"
import { Poison } from "./support/tasks.ts"
import { inWorld, type World } from "./support/World.ts"

/** Keeps a consumer running until `isOver`; answers how often it was started. A job may kill it before it is up. */
const supervise = async (world: World, name: string, isOver: () => boolean): Promise<number> => {
  for (let starts = 1;; starts++) {
    const child: Child | undefined = await world.consumer(`${name}${starts}`, { leaseMs: 1000 }).catch((error) => {
      if (/ended before it was ready/.test(String(error))) return undefined
      throw error
    })
    if (child === undefined) continue
    while (child.isRunning() && !isOver()) {
      await Promise.race([
        child.ended,
        new Promise((resolve) => setTimeout(resolve, 50))
      ])
    }
    if (isOver()) return starts
  }
}

describe("a job that kills its process", () => {
  it(
    "ends dead after its attempts, and the others go on",
    () =>
      inWorld({}, async (world) => {
        let isOver = false
        const supervised = Promise.all(["a", "b"].map((name) => supervise(world, name, () => isOver)))
        supervised.catch(() => {}) // a test that fails before it is awaited ends the world under it
        const ordinary = await world.enqueue(Array.from({ length: 200 }, (_, n) => ({ n, ms: 20 })))
        const [poison] = await world.enqueue([{ n: 200 }], Poison)
        await world.enqueue(Array.from({ length: 200 }, (_, n) => ({ n: 201 + n, ms: 20 })))
        await world.untilAllEnded()
        isOver = true
        const starts = await supervised

        const { jobs, runs, stats } = await audit(world)
        assert.deepStrictEqual([stats.states.completed, stats.states.dead], [400, 1])
        const dead = jobs.get(poison!)!
        assert.deepStrictEqual(dead.verdict, { _tag: "Dead", reason: "crashed", message: "the lease ran out" })
        assert.deepStrictEqual(dead.failures.map(({ attempt, kind }) => [attempt, kind]), [
          [1, "Crashed"],
          [2, "Crashed"],
          [3, "Crashed"]
        ])
        assert.deepStrictEqual(runs.get(poison!)!.map(({ attempt, end }) => [attempt, end]), [[1, undefined], [
          2,
          undefined
        ], [3, undefined]])
        assert.strictEqual(starts.reduce((sum, count) => sum + count, 0), 2 + 3, "each attempt cost one process")
        assert.isAtLeast(only(world.entries(), "finish").length, ordinary.length)
      })
  )
})
