/**
 * All connections are cut several times a second under load, those for commands and those for messages.
 */
import { setTimeout as pause } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { audit } from "./support/audit.ts"
import { only } from "./support/Journal.ts"
import { inWorld } from "./support/World.ts"

describe("CLIENT KILL under load", () => {
  it.for([1, 3])(
    "loses nothing and runs nothing twice (partitions: %d)",
    (partitions) =>
      inWorld({ partitions }, async (world) => {
        const [, , ...producers] = await Promise.all([
          world.consumer("a", { concurrency: 5 }),
          world.consumer("b", { concurrency: 100 }),
          world.producer("p", { ids: "made" }),
          world.producer("r", { isWaiting: true })
        ])
        let cut = 0
        for (let round = 0; round < 15; round++) {
          await pause(100 + Math.random() * 200)
          cut += Number(await world.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
          if (round % 3 === 0) cut += Number(await world.command("CLIENT", "KILL", "TYPE", "pubsub"))
        }
        await world.stop(producers)
        await world.untilAllEnded()

        const { jobs, repeated, stats } = await audit(world)
        assert.isAbove(cut, 20)
        assert.isAbove(jobs.size, 200)
        assert.strictEqual(stats.states.completed, jobs.size)
        // lost replies are repeated exactly: no lease ran out, so nothing may run twice
        assert.deepStrictEqual(repeated, [])
        assert.strictEqual(stats.totals.rescued, 0)
        assert.isTrue([...jobs.values()].every(({ attempt }) => attempt === 1))
        assert.deepStrictEqual(
          only(world.entries(), "refused"),
          [],
          "no call fails: each is repeated within its deadline"
        )
        assert.strictEqual(only(world.entries(), "accepted").length, jobs.size)
        const health = only(world.entries(), "health")
        for (const { live, lostLeases, lostSettlements } of health) {
          assert.deepStrictEqual({ live, lostLeases, lostSettlements }, {
            live: true,
            lostLeases: 0,
            lostSettlements: 0
          })
        }
        // whoever waited for a result got it
        const waiting = new Set(only(world.entries(), "accepted").filter(({ who }) => who === "r").map(({ n }) => n))
        assert.deepStrictEqual(new Set(only(world.entries(), "awaited").map(({ n }) => n)), waiting)
      })
  )

  it("keeps no consumer from hearing of new work, long before it would look for it", () =>
    inWorld({}, async (world) => {
      await world.consumer("a", { pollMs: 60_000 })
      for (let n = 0; n < 10; n++) {
        await world.command("CLIENT", "KILL", "TYPE", "pubsub")
        if (n % 2 === 0) await world.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        const [id] = await world.enqueue([{ n }])
        await world.until("it runs", (entries) => only(entries, "finish").some((entry) => entry.id === id))
      }
      await world.untilAllEnded()
      assert.deepStrictEqual((await audit(world)).repeated, [])
    }))
})
