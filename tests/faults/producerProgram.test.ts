/**
 * The program sluice-producer is killed, or told to stop, in each of its phases, and started again: whatever it had
 * acknowledged is there, what it had not can be sent again, and its clients are not left hanging.
 */
import { assert, describe, it } from "vitest"
import { audit } from "./support/audit.ts"
import { HttpClient, type LineAnswer, type Told } from "./support/HttpClient.ts"
import type { Program } from "./support/Program.ts"
import { inWorld, type World } from "./support/World.ts"

type End = "SIGKILL" | "SIGTERM"

const end = async (program: Program, signal: End): Promise<void> => {
  await program.kill(signal)
  assert.deepStrictEqual(
    await program.ended,
    signal === "SIGKILL" ? { code: null, signal } : { code: 0, signal: null },
    program.output()
  )
}

/** How long it waits for requests under way; far more than it should need. */
const shutdownMs = 20_000

const lines = 2000
const numbers = Array.from({ length: lines }, (_, index) => index + 1)
/** Jobs beside the lines. */
const [late, awaited] = [lines + 1, lines + 2]

/** It has nothing to do, no consumer is there, and a job is due while it is away: the next one promotes it. */
const whileIdle = async (world: World, signal: End): Promise<void> => {
  const idle = await world.producerProgram("idle")
  const client = new HttpClient(idle.url, world.tell)
  assert.strictEqual(await client.enqueue(late, { delay: "300ms" }), 201)
  assert.include(await client.states(), { scheduled: 1, available: 0 })
  await end(idle, signal)
  const next = await world.producerProgram("next")
  await world.until("the job that is due has been promoted", async () => {
    const { available, scheduled } = await new HttpClient(next.url, world.tell).states()
    return available === 1 && scheduled === 0
  })
  await end(next, signal)
}

interface Busy {
  readonly acknowledged: ReadonlyArray<string>
  readonly events: ReadonlyArray<Told>
}

/** It takes in lines, holds a long poll and tells events, all at once. */
const whileBusy = async (world: World, signal: End): Promise<Busy> => {
  const producer = await world.producerProgram("busy")
  const client = new HttpClient(producer.url, world.tell)
  const told: Array<Told> = []
  const following = client.events(undefined, told)
  await world.until("events are told", () => told.some(({ event }) => event === "listening"))
  assert.strictEqual(await client.enqueue(awaited), 201)
  const waiting = client.await(awaited)
  const answers: Array<LineAnswer> = []
  let release = () => {}
  const sending = client.enqueueLines(numbers, new Promise((resolve) => release = resolve), answers)
  await world.until(
    "half of the lines are in, and told of",
    () => answers.length === lines / 2 && told.filter(({ event }) => event === "enqueued").length === 1 + lines / 2
  )
  // the other half is not sent before it has ended: a silent client does not hold it up
  const askedAt = performance.now()
  await end(producer, signal)
  assert.isBelow(performance.now() - askedAt, shutdownMs, "it waited for its time to be over")
  release()
  const [sent, followed, result] = await Promise.all([sending, following, waiting])
  if (signal === "SIGKILL") {
    // each client is told that it was cut off
    assert.isDefined(sent.error)
    assert.isDefined(followed.error)
    assert.property(result, "error")
  } else {
    assert.isUndefined(sent.error)
    assert.isTrue(sent.got.at(-1)?.aborted, JSON.stringify(sent.got.at(-1)))
    assert.isUndefined(followed.error)
    assert.include(result, { status: 202 })
  }
  return { acknowledged: sent.got.flatMap(({ id }) => id ?? []), events: followed.got }
}

/** The clients come back to the next producer. */
const comeBack = async (world: World, { acknowledged, events }: Busy): Promise<void> => {
  const { url } = await world.producerProgram("again")
  const client = new HttpClient(url, world.tell)
  const more: Array<Told> = []
  void client.events(events.at(-1)?.cursor, more)
  const again = await client.enqueueLines(numbers)
  assert.isUndefined(again.error)
  assert.strictEqual(again.got.length, lines)
  const existing = again.got.flatMap(({ answer, id }) => answer === "existing" ? id ?? [] : [])
  assert.includeMembers(existing, [...acknowledged], "what was acknowledged is there")
  const waiting = client.await(awaited)
  await world.consumerProgram("consumer", { SLUICE_QUEUES: "faults:50" })
  const result = await waiting
  assert.include(result, { status: 200 })
  await world.untilAllEnded()
  const ended = () => more.filter(({ event }) => event === "completed").length
  await world.until("all ends are told", () => ended() === lines + 2)
  assert.notInclude(more.map(({ event }) => event), "gap")
  // of each job one beginning, whichever producer told it
  const begun = [...events, ...more].flatMap(({ event, id }) => event === "enqueued" ? id ?? [] : [])
  assert.strictEqual(new Set(begun).size, begun.length, "an event came twice")
  assert.strictEqual(begun.length, lines + 1)
}

describe("sluice-producer, ended in every phase and started again", () => {
  it.for(["SIGKILL", "SIGTERM"] as const)("doubles and loses nothing: %s", (signal) =>
    inWorld({}, async (world) => {
      await whileIdle(world, signal)
      await comeBack(world, await whileBusy(world, signal))
      const { jobs, repeated, stats } = await audit(world)
      assert.strictEqual(jobs.size, lines + 2)
      assert.strictEqual(stats.states.completed, lines + 2)
      assert.deepStrictEqual(repeated, [])
    }))
})
