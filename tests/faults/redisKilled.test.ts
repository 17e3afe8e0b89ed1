/**
 * Redis is killed, stays away, and comes back from its append-only file, while jobs come in and are run.
 */
import { setTimeout as pause } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { audit } from "./support/audit.ts"
import { type Entry, only } from "./support/Journal.ts"
import { inWorld, type World } from "./support/World.ts"

/** How long a producer's call may take, and how much longer it may seem on a busy machine. */
const deadlineMs = 800
const slackMs = 1500

const count = (entries: ReadonlyArray<Entry>, type: Entry["type"], since: number) =>
  entries.filter((entry) => entry.type === type && entry.at > since).length

/** Jobs come in and are run, without anybody's help. */
const untilFlowing = (world: World) => {
  const since = Date.now()
  return world.until(
    "jobs come in and are run",
    (entries) => count(entries, "accepted", since) >= 200 && count(entries, "finish", since) >= 200,
    10_000
  )
}

const cases = [
  { promise: "loses no accepted job, runs none twice, and goes on by itself", partitions: 1, ids: "made" },
  { promise: "takes in each named job once, however often its producer asks", partitions: 3, ids: "own" }
] as const

describe("Redis killed and restarted under load", () => {
  it.for(cases)(
    "$promise (partitions: $partitions)",
    ({ ids, partitions }) =>
      inWorld({ appendonly: true, partitions }, async (world) => {
        const [a, b, ...producers] = await Promise.all([
          world.consumer("a", { deadlineMs }),
          world.consumer("b", { deadlineMs }),
          world.producer("p", { ids, deadlineMs }),
          world.producer("q", { ids, deadlineMs })
        ])
        for (const awayMs of [0, 3500, 300]) {
          await untilFlowing(world)
          await world.redis.kill()
          await pause(awayMs)
          await world.redis.restart()
        }
        await untilFlowing(world)
        await world.stop(producers)
        await world.untilAllEnded()

        const { jobs, repeated, stats } = await audit(world)
        assert.strictEqual(stats.states.completed, jobs.size)
        // no lease ran out, and lost replies are repeated exactly
        assert.deepStrictEqual(repeated, [])
        assert.strictEqual(stats.totals.rescued, 0)
        const refused = only(world.entries(), "refused")
        assert.isAbove(refused.length, 0, "Redis was away for longer than the producers' deadline")
        for (const { reason, tookMs } of refused) {
          assert.strictEqual(reason, "BrokerUnavailable")
          assert.isBelow(tookMs, deadlineMs + slackMs)
        }
        if (ids === "own") assert.strictEqual(only(world.entries(), "accepted").length, jobs.size)
        assert.isTrue(a.isRunning() && b.isRunning())
      })
  )
})
