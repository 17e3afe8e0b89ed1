/**
 * A consumer is stopped (SIGSTOP) for longer than its leases last, and goes on (SIGCONT) when others have run its jobs.
 */
import { setTimeout as pause } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { audit } from "./support/audit.ts"
import type { Child } from "./support/Child.ts"
import { type EntryOf, only } from "./support/Journal.ts"
import { inWorld, type World } from "./support/World.ts"

const leaseMs = 1000

const lastHealth = (world: World, name: string): EntryOf<"health"> =>
  only(world.entries(), "health").findLast(({ who }) => who === name)!

/** Has a consumer ask for ten jobs while Redis hangs, and hang itself when Redis answers. Answers their ids. */
const hangBoth = async (world: World, consumer: Child): Promise<ReadonlyArray<string>> => {
  const ids = await world.enqueue(Array.from({ length: 10 }, (_, n) => ({ n, delayMs: 500 })))
  await world.redis.kill("SIGSTOP")
  await pause(1000)
  await consumer.kill("SIGSTOP")
  await world.redis.kill("SIGCONT")
  // when it has answered this, it has read whatever had been sent to it before
  await world.inspection.stats()
  return ids
}

describe("a consumer that is stopped for longer than its leases", () => {
  it(
    "changes nothing when it goes on: its handlers are interrupted, its late settlement is refused",
    () =>
      inWorld({}, async (world) => {
        const stale = await world.consumer("stale", { concurrency: 11, leaseMs, does: "as told" })
        // the last one blocks the process, so it is stopped in the middle of that handler, and settles first when it goes on
        const ids = await world.enqueue([
          ...Array.from({ length: 10 }, (_, n) => ({ n, does: "hold" as const })),
          { n: 10, does: "block" as const }
        ])
        await world.until("it runs them all", (entries) => only(entries, "start").length === 11)
        await stale.kill("SIGSTOP")
        const other = await world.consumer("other", { leaseMs, does: "wait" })
        await world.until("the other one runs them all", (entries) => only(entries, "start").length === 22)
        world.openGate("stale")
        await stale.kill("SIGCONT")
        await world.until("it has found out", () => {
          const { lostLeases, lostSettlements } = lastHealth(world, "stale")
          return lostLeases + lostSettlements === 11
        })
        assert.strictEqual((await world.inspection.stats()).states.running, 11, "nothing was settled or taken away")
        world.openGate("other")
        await world.untilAllEnded()

        const { lostLeases, lostSettlements } = lastHealth(world, "stale")
        assert.deepStrictEqual({ lostLeases, lostSettlements }, { lostLeases: 10, lostSettlements: 1 })
        const { jobs, runs, stats } = await audit(world)
        assert.strictEqual(stats.states.completed, 11)
        assert.strictEqual(stats.totals.rescued, 11)
        for (const id of ids) {
          assert.deepStrictEqual(
            runs.get(id)!.map(({ attempt, by, end }) => ({ attempt, by, end })),
            [
              { attempt: 1, by: "stale", end: id === ids[10] ? "finish" : "interrupted" },
              { attempt: 2, by: "other", end: "finish" }
            ]
          )
          assert.strictEqual(jobs.get(id)!.attempt, 2)
          assert.deepStrictEqual(
            jobs.get(id)!.verdict,
            { _tag: "Completed", success: JSON.stringify({ by: "other", attempt: 2 }) }
          )
        }
        // and it goes on to work
        await other.kill("SIGTERM")
        await other.ended
        await world.enqueue([{ n: 11 }])
        await world.untilAllEnded()
        assert.isTrue(lastHealth(world, "stale").live)
      })
  )

  it(
    "starts none of the jobs of a reply that it reads too late",
    () =>
      inWorld({}, async (world) => {
        const late = await world.consumer("late", { leaseMs, pollMs: 200, concurrency: 10 })
        let ids = await hangBoth(world, late)
        // its last question may have been read before Redis hung: then the answer brings nothing, and it is to ask again
        while ((await world.inspection.stats()).states.running < 10) {
          await late.kill("SIGCONT")
          await world.untilAllEnded()
          ids = await hangBoth(world, late)
        }
        await world.consumer("other", { leaseMs })
        await world.untilAllEnded()
        await late.kill("SIGCONT")
        // what it runs next shows that it has read the reply
        await world.until("it goes on", async (entries) => {
          await world.enqueue([{ n: 10 }])
          return only(entries, "start").some(({ n, who }) => n === 10 && who === "late")
        })
        await world.untilAllEnded()

        const { runs, stats } = await audit(world)
        assert.strictEqual(stats.totals.rescued, 10)
        for (const id of ids) {
          assert.deepStrictEqual(runs.get(id)!.map(({ attempt, by }) => [attempt, by]), [[2, "other"]])
        }
      })
  )

  it(
    "never has a late settlement accepted, whenever it is stopped under load",
    () =>
      inWorld({}, async (world) => {
        const [stopped, , producer] = await Promise.all([
          world.consumer("stopped", { leaseMs }),
          world.consumer("other", { leaseMs, concurrency: 5 }),
          world.producer("p", { workMs: 20 })
        ])
        for (let round = 0; round < 3; round++) {
          await pause(300 + Math.random() * 100)
          await stopped.kill("SIGSTOP")
          await pause(leaseMs + 500)
          await stopped.kill("SIGCONT")
        }
        await world.stop([producer])
        await world.untilAllEnded()

        // the audit: each verdict is that of the last attempt, which ran once. A stop may fall between the look at a lease
        // and the start of its handler, so a lost attempt may be started; it can't be settled
        const { jobs, stats } = await audit(world)
        assert.strictEqual(stats.states.completed, jobs.size)
        assert.isAbove(stats.totals.rescued, 0, "it was stopped in the middle of jobs")
      })
  )
})
