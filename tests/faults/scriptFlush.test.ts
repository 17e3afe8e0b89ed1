/**
 * Redis forgets its scripts again and again under load: nobody notices.
 */
import { setTimeout as pause } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { audit } from "./support/audit.ts"
import { only } from "./support/Journal.ts"
import { inWorld } from "./support/World.ts"

describe("SCRIPT FLUSH under load", () => {
  it(
    "goes unnoticed: no call fails, no job runs twice",
    () =>
      inWorld({}, async (world) => {
        const [, , ...producers] = await Promise.all([
          world.consumer("a"),
          world.consumer("b", { concurrency: 100 }),
          world.producer("p", { ids: "made" }),
          world.producer("q", { isWaiting: true })
        ])
        for (let flush = 0; flush < 100; flush++) {
          await pause(40)
          await world.command("SCRIPT", "FLUSH", flush % 2 === 0 ? "SYNC" : "ASYNC")
        }
        await world.stop(producers)
        await world.untilAllEnded()

        const { jobs, repeated, stats } = await audit(world)
        assert.isAbove(jobs.size, 200)
        assert.strictEqual(stats.states.completed, jobs.size)
        assert.deepStrictEqual(repeated, [])
        assert.deepStrictEqual(only(world.entries(), "refused"), [])
        const wasReady = new Set<string>()
        for (const { ready, reasons, who } of only(world.entries(), "health")) {
          assert.isFalse(!ready && wasReady.has(who), reasons.join())
          if (ready) wasReady.add(who)
        }
        assert.strictEqual(wasReady.size, 2)
        const counts = `${String(await world.command("INFO", "errorstats"))}${
          String(await world.command("INFO", "commandstats"))
        }`
        const [, forgotten, failed] = /NOSCRIPT:count=(\d+)[^]*cmdstat_evalsha:.*failed_calls=(\d+)/.exec(counts) ?? []
        assert.isAbove(Number(forgotten), 50, "scripts were forgotten")
        assert.strictEqual(failed, forgotten, "a script failed otherwise")
      })
  )
})
