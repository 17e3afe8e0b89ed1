/**
 * The program sluice-consumer is killed, or told to stop, in each of its phases, and started again. Its connection to Redis
 * is in the test's hands, so that the end meets a claim and a settlement in the middle.
 */
import { assert, describe, it } from "vitest"
import { audit } from "./support/audit.ts"
import { only } from "./support/Journal.ts"
import type { Program } from "./support/Program.ts"
import type { Wire } from "./support/Wire.ts"
import { inWorld, type World } from "./support/World.ts"

type Consumer = Program & { readonly wire: Wire }

/** It never looks for work by itself, so that nothing is on the wire but what the test causes; leases are short. */
const begin = (world: World, name: string): Promise<Consumer> =>
  world.consumerProgram(name, { SLUICE_LEASE: "1s", SLUICE_POLL: "10m" })

const enqueue = async (world: World, n: number, does: "quick" | "wait"): Promise<string> => {
  const [id = ""] = await world.enqueue([{ n, does }])
  return id
}

/** Waits until it has begun the job, which another may have held before. */
const started = (world: World, id: string, who: string) =>
  world.until(`${who} has begun ${id}`, async (entries) => {
    await world.inspection.rescue()
    return only(entries, "start").some((entry) => entry.id === id && entry.who === who)
  })

/** The request that settles a job of a consumer: it holds what `Work` answers. */
const settlementOf = (who: string) => ({ first: "requests", text: `\\"by\\":\\"${who}` }) as const

/** Waits until so many jobs have been completed, taking over what a dead process held. */
const completed = (world: World, count: number) =>
  world.until(`${count} jobs are completed`, async () => {
    await world.inspection.rescue()
    return (await world.inspection.stats()).states.completed === count
  })

const kill = async (consumer: Consumer): Promise<void> => {
  await consumer.kill("SIGKILL")
  assert.deepStrictEqual(await consumer.ended, { code: null, signal: "SIGKILL" })
}

/** Tells it to stop, and returns when it has heard. */
const stop = async (consumer: Consumer): Promise<void> => {
  await consumer.kill("SIGTERM")
  await consumer.said(/"stopping: /)
}

const endedWith = async (consumer: Consumer, code: number): Promise<void> =>
  assert.deepStrictEqual(await consumer.ended, { code, signal: null }, consumer.output())

/** A job that Redis has given to it, while the answer is still on its way. */
const claimInFlight = async (world: World, consumer: Consumer, n: number): Promise<string> => {
  consumer.wire.hold("replies", { first: "replies", text: `{"n":${n},` })
  const id = await enqueue(world, n, "quick")
  await world.until("it has been claimed", () => consumer.wire.isHolding())
  assert.strictEqual((await world.inspection.stats()).states.running, 1)
  assert.isFalse(only(world.entries(), "start").some((entry) => entry.id === id))
  return id
}

type Runs = Awaited<ReturnType<typeof audit>>["runs"]

/** The runs of a job, as `[attempt, by, end]`. */
const runsOf = (runs: Runs, id: string) => (runs.get(id) ?? []).map(({ attempt, by, end }) => [attempt, by, end])

describe("sluice-consumer, ended in every phase and started again", () => {
  it("loses nothing and settles nothing twice when it is killed", () =>
    inWorld({}, async (world) => {
      const claiming = await begin(world, "claiming")
      const claimed = await claimInFlight(world, claiming, 1)
      await kill(claiming)

      const handling = await begin(world, "handling")
      await completed(world, 1)
      const handled = await enqueue(world, 2, "wait")
      await started(world, handled, "handling")
      await kill(handling)

      // its settlement arrives, the answer does not
      const answered = await begin(world, "answered")
      await started(world, handled, "answered")
      answered.wire.hold("replies", settlementOf("answered"))
      world.openGate("answered")
      await completed(world, 2)
      await kill(answered)

      // its settlement is lost on the way
      const settling = await begin(world, "settling")
      const settled = await enqueue(world, 3, "wait")
      await started(world, settled, "settling")
      settling.wire.hold("requests", settlementOf("settling"))
      world.openGate("settling")
      await world.until("the settlement is on its way", () => settling.wire.isHolding())
      await kill(settling)

      const draining = await begin(world, "draining")
      await started(world, settled, "draining")
      await stop(draining)
      await kill(draining)

      await begin(world, "last")
      world.openGate("last")
      await completed(world, 3)
      const { runs, stats } = await audit(world)
      assert.deepStrictEqual(runsOf(runs, claimed), [[2, "handling", "finish"]])
      assert.deepStrictEqual(runsOf(runs, handled), [[1, "handling", undefined], [2, "answered", "finish"]])
      assert.deepStrictEqual(runsOf(runs, settled), [
        [1, "settling", "finish"],
        [2, "draining", undefined],
        [3, "last", "finish"]
      ])
      assert.strictEqual(stats.totals.rescued, 4)
    }))

  it("uses no attempt up, and says how it went, when it is told to stop", () =>
    inWorld({}, async (world) => {
      const claiming = await begin(world, "claiming")
      const claimed = await claimInFlight(world, claiming, 1)
      await stop(claiming)
      claiming.wire.release()
      await endedWith(claiming, 0)

      const handling = await begin(world, "handling")
      await completed(world, 1)
      const handled = await enqueue(world, 2, "wait")
      await started(world, handled, "handling")
      await stop(handling)
      world.openGate("handling")
      await endedWith(handling, 0)
      await completed(world, 2)

      const settling = await begin(world, "settling")
      const settled = await enqueue(world, 3, "wait")
      await started(world, settled, "settling")
      settling.wire.hold("requests", settlementOf("settling"))
      world.openGate("settling")
      await world.until("the settlement is on its way", () => settling.wire.isHolding())
      await stop(settling)
      settling.wire.release()
      await endedWith(settling, 0)
      await completed(world, 3)

      const draining = await begin(world, "draining")
      const drained = await enqueue(world, 4, "wait")
      await started(world, drained, "draining")
      await stop(draining)
      await draining.kill("SIGTERM")
      await endedWith(draining, 3)

      await begin(world, "last")
      world.openGate("last")
      await completed(world, 4)
      const { runs, stats } = await audit(world)
      assert.deepStrictEqual(runsOf(runs, claimed), [[1, "handling", "finish"]])
      assert.deepStrictEqual(runsOf(runs, handled), [[1, "handling", "finish"]])
      assert.deepStrictEqual(runsOf(runs, settled), [[1, "settling", "finish"]])
      assert.deepStrictEqual(runsOf(runs, drained), [[1, "draining", "interrupted"], [1, "last", "finish"]])
      assert.strictEqual(stats.totals.rescued, 0)
    }))
})
