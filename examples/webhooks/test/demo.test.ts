/** The whole demo on the memory broker, over real HTTP. */
import { assert, describe, it } from "@effect/vitest"
import { MemoryBroker } from "@sluice/core"
import { Effect } from "effect"
import { demo, type DemoOptions } from "../src/demo.ts"
import { type Fault, faultFor } from "../src/faults.ts"
import { type Delivery, load } from "../src/input.ts"
import type { Screen } from "../src/progress.ts"
import { report } from "../src/report.ts"
import { receiptOf } from "./receipt.ts"

const options: DemoOptions = {
  sink: { seed: 42, rate: 0.3, latency: [0, 5], retryAfterSeconds: 0 },
  concurrency: 10,
  timeoutMs: 1000
}

const pages = () => {
  const written: Array<string> = []
  const screen: Screen = { isLive: false, columns: 80, write: (text) => void written.push(text) }
  return { screen, written }
}

/** One payload of each of the 58 kinds. */
const sample = Effect.map(load(1), (deliveries) => deliveries.filter(({ delivery }) => delivery.endsWith("-1")))

/** What the calls for a delivery draw, until one is taken or the endpoint is gone. */
const faultsOf = (delivery: string, call = 1): ReadonlyArray<Fault> => {
  const fault = faultFor(options.sink, delivery, call)
  return fault === "none" || fault === "gone" ? [fault] : [fault, ...faultsOf(delivery, call + 1)]
}

const isGone = ({ delivery }: Delivery) => faultFor(options.sink, delivery, 1) === "gone"

/** For machines that are busy (ms): the demo's retries wait in real time. */
const patience = 60_000

describe("demo", () => {
  it.live("delivers every payload byte for byte through failures, and names the dead", () =>
    Effect.gen(function*() {
      const deliveries = yield* sample
      const { screen, written } = pages()
      const { facts, received } = yield* demo(deliveries, options, screen)

      assert.deepStrictEqual(facts.problems, [])
      const dead = deliveries.filter(isGone)
      assert.deepStrictEqual(dead.map(({ delivery }) => delivery), ["release-1"])
      const alive = deliveries.filter((delivery) => !isGone(delivery))
      // the dead ones' bytes have arrived as well: the endpoint read them, and refused
      assert.strictEqual(received.size, deliveries.length)
      for (const { body, delivery } of deliveries) assert.deepInclude(received.get(delivery), receiptOf(body))
      assert.deepInclude(facts.counts, { completed: alive.length, dead: dead.length, running: 0, retryable: 0 })
      assert.deepStrictEqual(
        facts.endings.flatMap((ending) => ending.state === "completed" ? [] : [ending.delivery]).toSorted(),
        dead.map(({ delivery }) => delivery).toSorted()
      )
      assert.isAbove(facts.attempts.length, deliveries.length)
      assert.include(report(facts), "release 0.0.1 published in Codertocat/Hello-World")
      assert.include(report(facts), `${deliveries.length} arrived byte for byte, ${dead.length} of them refused`)
      assert.include(written.join(""), `${deliveries.length}/${deliveries.length}  ${alive.length} delivered`)
    }).pipe(Effect.provide(MemoryBroker.layer)), patience)

  it.live("runs each job as often as the faults of its calls say", () =>
    Effect.gen(function*() {
      // no silent calls: how long a machine takes must not count
      const deliveries = (yield* sample).filter(({ delivery }) =>
        faultsOf(delivery).every((fault) => fault !== "silence")
      )
      const { facts } = yield* demo(deliveries, { ...options, timeoutMs: 60_000 }, pages().screen)
      const byName = (one: readonly [string, number], other: readonly [string, number]) => one[0] < other[0] ? -1 : 1
      assert.deepStrictEqual(
        facts.endings.map(({ attempts, delivery }) => [delivery, attempts] as const).toSorted(byName),
        deliveries.map(({ delivery }) => [delivery, faultsOf(delivery).length] as const).toSorted(byName)
      )
    }).pipe(Effect.provide(MemoryBroker.layer)), patience)

  it.live("delivers nothing twice when the same input is enqueued again", () =>
    Effect.gen(function*() {
      const deliveries = (yield* sample).slice(0, 5)
      const calm = { ...options, sink: { ...options.sink, rate: 0 } }
      yield* demo(deliveries, calm, pages().screen)
      const { screen, written } = pages()
      const { facts, received } = yield* demo(deliveries, calm, screen)
      assert.deepStrictEqual(facts.problems, [])
      assert.strictEqual(received.size, 0)
      assert.strictEqual(facts.attempts.length, 0)
      assert.include(written.join(""), "5 of them were there already")
    }).pipe(Effect.provide(MemoryBroker.layer)), patience)
})
