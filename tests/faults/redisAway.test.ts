/**
 * The consumer is well, but Redis is away, or answers nothing, for longer than a lease.
 */
import { setTimeout as pause } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { audit } from "./support/audit.ts"
import { only } from "./support/Journal.ts"
import { inWorld, type World } from "./support/World.ts"

const leaseMs = 1000

interface Outage {
  readonly what: string
  readonly begin: (world: World) => Promise<void>
  readonly end: (world: World) => Promise<void>
}

const outages: ReadonlyArray<Outage> = [
  {
    what: "is gone",
    begin: ({ redis }) => redis.kill(),
    end: async ({ redis }) => {
      await pause(500)
      await redis.restart()
    }
  },
  {
    what: "hangs with its connections open",
    begin: ({ redis }) => redis.kill("SIGSTOP"),
    end: ({ redis }) => redis.kill("SIGCONT")
  }
]

describe("a consumer that can't reach Redis for longer than a lease", () => {
  it.for(outages)(
    "interrupts its handlers, says so in its health, and goes on by itself: Redis $what",
    ({ begin, end }) =>
      inWorld({ appendonly: true }, async (world) => {
        const consumer = await world.consumer("a", {
          concurrency: 25,
          leaseMs,
          unreachableMs: 500,
          deadlineMs: 500,
          does: "as told"
        })
        const healthy = (entries: ReturnType<World["entries"]>) => only(entries, "health").at(-1)
        const held = await world.enqueue(Array.from({ length: 15 }, (_, n) => ({ n, does: "hold" as const })))
        const ending = await world.enqueue(Array.from({ length: 5 }, (_, n) => ({ n: 15 + n, does: "wait" as const })))
        await world.until("it runs them all", (entries) => only(entries, "start").length === 20)
        await begin(world)
        const leftAt = Date.now()
        world.openGate("a")
        await world.until("those that can end do", (entries) => only(entries, "finish").length === 5)
        await world.until("the other handlers are interrupted", (entries) => only(entries, "interrupted").length === 15)
        await world.until("it is neither live nor ready", (entries) => {
          const health = healthy(entries)
          return health?.live === false && !health.ready
        })
        // nobody else could have taken the jobs before their leases had run out, and here nobody let go of them too late
        const interrupted = only(world.entries(), "interrupted").map(({ at }) => at)
        assert.isAtMost(Math.max(...interrupted) - leftAt, leaseMs + 700)
        assert.match(healthy(world.entries())!.reasons.join(), /the broker has been failing/)
        const stopped = world.entries().length

        await end(world)
        await world.until("it is live and ready again", (entries) => {
          const health = healthy(entries.slice(stopped))
          return health?.live === true && health.ready
        })
        await world.enqueue(Array.from({ length: 5 }, (_, n) => ({ n: 20 + n })))
        await world.until(
          "it runs what is new, and again what came too late or not to its end",
          (entries) => only(entries, "finish").length === 15 && only(entries, "start").length === 45
        )
        assert.isTrue(consumer.isRunning())
        assert.strictEqual(healthy(world.entries())!.lostLeases, 15)
        assert.strictEqual(healthy(world.entries())!.lostSettlements, 5)
        await consumer.kill("SIGKILL")
        await world.consumer("b", { leaseMs })
        await world.untilAllEnded()
        const { jobs, stats } = await audit(world)
        assert.strictEqual(stats.states.completed, 25)
        const crashes = (id: string) => jobs.get(id)!.failures.map(({ attempt, kind }) => [attempt, kind])
        for (const id of ending) assert.deepStrictEqual(crashes(id), [[1, "Crashed"]])
        for (const id of held) assert.deepStrictEqual(crashes(id), [[1, "Crashed"], [2, "Crashed"]])
      })
  )
})
