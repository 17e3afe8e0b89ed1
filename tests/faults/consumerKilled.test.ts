/**
 * A consumer is killed while it runs many jobs: its leases run out, others run the jobs again, and each attempt counts.
 */
import { assert, describe, it } from "vitest"
import { audit, runsOf } from "./support/audit.ts"
import { inWorld } from "./support/World.ts"

const leaseMs = 1000

describe("a consumer that is killed", () => {
  it(
    "loses nothing: what it ran is rescued when the leases have run out, and run by others",
    () =>
      inWorld({}, async (world) => {
        const [victim] = await Promise.all([
          world.consumer("victim", { concurrency: 40, leaseMs }),
          world.consumer("heir", { concurrency: 40, leaseMs })
        ])
        await world.enqueue(Array.from({ length: 600 }, (_, n) => ({ n, ms: 150 })))
        await world.until(
          "both are at work",
          (entries) =>
            ["victim", "heir"].every((name) =>
              entries.filter((entry) => entry.type === "finish" && entry.who === name).length >= 40
            )
        )
        await world.until(
          "the victim is in the middle of many jobs",
          (entries) =>
            [...runsOf(entries).values()].flat().filter((run) => run.by === "victim" && run.end === undefined).length >=
              20
        )
        await victim.kill("SIGKILL")
        const cut = [...runsOf(world.entries()).values()].flat().filter((run) =>
          run.end === undefined && run.by === "victim"
        )

        await world.untilAllEnded()
        const { jobs, repeated, runs, stats } = await audit(world)
        assert.strictEqual(stats.states.completed, 600)
        assert.isAtLeast(cut.length, 20)
        for (const { id } of cut) assert.include(repeated, id)
        // a job that had ended, but whose settlement had not arrived, is run again as well
        for (const id of repeated) {
          const own = runs.get(id)!
          assert.deepStrictEqual(own.map(({ attempt, by }) => [attempt, by]), [[1, "victim"], [2, "heir"]])
          const [crash, ...more] = jobs.get(id)!.failures
          assert.deepStrictEqual([crash!.attempt, crash!.kind, more.length], [1, "Crashed", 0])
          assert.match(crash!.consumer!, /^victim-/)
          assert.isAtLeast(
            own[1]!.startedAt - crash!.startedAtMs!,
            leaseMs,
            "it was taken before its lease had run out"
          )
        }
        // a lease may run out on a job whose claim was answered to nobody: it was never started
        const unseen = [...jobs.values()].filter(({ attempt, id }) => attempt === 2 && !repeated.includes(id))
        assert.strictEqual(stats.totals.rescued, repeated.length + unseen.length)
        assert.isTrue([...jobs.values()].every(({ attempt }) => attempt <= 2))
      })
  )
})
