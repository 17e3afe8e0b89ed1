/**
 * A consumer is asked to stop (SIGTERM) under load, and with Redis away.
 */
import { stopBoundMs } from "@sluice/consumer/Consumer"
import { assert, describe, it } from "vitest"
import { audit } from "./support/audit.ts"
import { only } from "./support/Journal.ts"
import { inWorld } from "./support/World.ts"

const graceMs = 500
const slackMs = 1500

describe("a consumer that is asked to stop", () => {
  it(
    "exits in time and gives back what it can't finish, at no attempt's cost",
    () =>
      inWorld({}, async (world) => {
        const leaving = await world.consumer("leaving", { concurrency: 40, graceMs, does: "as told" })
        const held = await world.enqueue(Array.from({ length: 10 }, (_, n) => ({ n, does: "hold" as const })))
        await world.until("it holds ten", (entries) => only(entries, "start").length === 10)
        await world.consumer("staying", { concurrency: 10 })
        const producer = await world.producer("p", { workMs: 20 })
        await world.until(
          "it works",
          (entries) => only(entries, "finish").filter(({ who }) => who === "leaving").length >= 50
        )
        const askedAt = performance.now()
        await leaving.kill("SIGTERM")
        assert.deepStrictEqual(await leaving.ended, { code: 0, signal: null })
        assert.isBelow(performance.now() - askedAt, graceMs + slackMs, "nothing kept it but the handlers")
        await world.stop([producer])
        await world.untilAllEnded()

        const { jobs, repeated, runs, stats } = await audit(world)
        assert.strictEqual(stats.states.completed, jobs.size)
        assert.strictEqual(stats.totals.rescued, 0)
        assert.deepStrictEqual(new Set(repeated), new Set(held))
        for (const id of held) {
          assert.deepStrictEqual(
            runs.get(id)!.map(({ attempt, by, end }) => [attempt, by, end]),
            [[1, "leaving", "interrupted"], [1, "staying", "finish"]]
          )
        }
        assert.isTrue([...jobs.values()].every(({ attempt, failures }) => attempt === 1 && failures.length === 0))
        assert.isTrue(
          only(world.entries(), "health").every(({ lostLeases, lostSettlements }) => lostLeases + lostSettlements === 0)
        )
      })
  )

  it(
    "can be replaced by others again and again without a job noticing",
    () =>
      inWorld({ partitions: 3 }, async (world) => {
        const [first, producer] = await Promise.all([
          world.consumer("c0", { concurrency: 100, graceMs: 2000 }),
          world.producer("p", { workMs: 30, callers: 15 })
        ])
        let consumer = first
        for (const name of ["c1", "c2"]) {
          const next = await world.consumer(name, { concurrency: 100, graceMs: 2000 })
          await consumer.kill("SIGTERM")
          assert.deepStrictEqual(await consumer.ended, { code: 0, signal: null })
          consumer = next
        }
        await world.stop([producer])
        await world.untilAllEnded()

        const { jobs, repeated, stats } = await audit(world)
        assert.strictEqual(stats.states.completed, jobs.size)
        assert.deepStrictEqual(repeated, [])
        assert.isTrue([...jobs.values()].every(({ attempt }) => attempt === 1))
      })
  )

  it(
    "exits in time when Redis is away, and its jobs are rescued later",
    () =>
      inWorld({ appendonly: true }, async (world) => {
        const leaving = await world.consumer("leaving", { leaseMs: 1000, graceMs, does: "as told" })
        await world.enqueue(Array.from({ length: 10 }, (_, n) => ({ n, does: "hold" as const })))
        await world.until("it holds ten", (entries) => only(entries, "start").length === 10)
        await world.redis.kill()
        const askedAt = performance.now()
        await leaving.kill("SIGTERM")
        assert.deepStrictEqual(await leaving.ended, { code: 0, signal: null })
        assert.isBelow(performance.now() - askedAt, graceMs + stopBoundMs + slackMs)
        await world.redis.restart()
        await world.consumer("staying")
        await world.untilAllEnded()

        const { jobs, stats } = await audit(world)
        assert.strictEqual(stats.states.completed, 10)
        assert.isTrue([...jobs.values()].every(({ attempt }) => attempt === 2))
      })
  )
})
