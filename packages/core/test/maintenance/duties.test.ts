import { Broker, MemoryBroker, Task } from "@sluice/core"
import type { Swept } from "@sluice/core/Broker"
import { BrokerError, BrokerUnavailable } from "@sluice/core/BrokerError"
import * as Jobs from "@sluice/core/Inspector"
import * as JobQueue from "@sluice/core/JobQueue"
import * as Promoter from "@sluice/core/Promoter"
import * as Pruner from "@sluice/core/Pruner"
import * as Rescuer from "@sluice/core/Rescuer"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"

const Ping = Task.make("Ping", {
  queue: "pings",
  retention: { completed: "1 minute", cancelled: "1 minute", dead: "1 minute" }
})
const queue = Ping.queue

const states = Effect.map(
  Jobs.Inspector.use((inspector) => inspector.stats(queue)),
  ({ states }) =>
    Object.entries(states).filter(([, count]) => count > 0).map(([state, count]) => `${count} ${state}`).join(", ")
)

/** Claims up to `n` jobs for ten seconds. */
const claim = (n: number) =>
  Broker.use((broker) =>
    broker.exchange({
      queue,
      consumer: "c",
      lane: "l",
      sequence: 1,
      settle: [],
      claim: n,
      leaseMs: 10_000,
      wake: false
    })
  )

const pings = (n: number, options?: Task.SharedOptions) =>
  Ping.enqueueAll(Array.from({ length: n }, () => undefined), options)

/** A broker that knows sweeps alone. */
const sweeping = (step: (queue: JobQueue.JobQueue, limit: number) => Effect.Effect<Swept, BrokerError>) =>
  // the other verbs are never called
  Layer.succeed(Broker, { promote: step, rescue: step, prune: step } as unknown as Broker["Service"])

const duties = { Promoter, Rescuer, Pruner }

describe("Promoter", () => {
  it.effect("makes due jobs available, however many there are", () =>
    Effect.gen(function*() {
      yield* pings(25, { delay: "1 minute" })
      assert.strictEqual(yield* Promoter.runOnce("pings", 10), 0)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* states, "25 scheduled")
      assert.strictEqual(yield* Promoter.runOnce("pings", 10), 25)
      assert.strictEqual(yield* states, "25 available")
    }).pipe(Effect.provide(MemoryBroker.layer)))
})

describe("Rescuer", () => {
  it.effect("takes back jobs whose lease ran out, and no others", () =>
    Effect.gen(function*() {
      yield* pings(5)
      yield* claim(3)
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(yield* Rescuer.runOnce(queue), 0)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Rescuer.runOnce(queue), 3)
      assert.strictEqual(yield* states, "2 available, 3 retryable")
    }).pipe(Effect.provide(MemoryBroker.layer)))
})

describe("Pruner", () => {
  it.effect("deletes ended jobs after their retention", () =>
    Effect.gen(function*() {
      const answers = yield* pings(3)
      for (const answer of answers) if (answer.answer !== "refused") yield* Ping.cancel(answer.id)
      assert.strictEqual(yield* Pruner.runOnce(queue), 0)
      yield* TestClock.adjust("365 days")
      assert.strictEqual(yield* Pruner.runOnce(queue, 2), 3)
      assert.strictEqual(yield* states, "")
    }).pipe(Effect.provide(MemoryBroker.layer)))
})

describe.each(Object.entries(duties))("%s, like every duty,", (_, duty) => {
  const { every } = duty.defaults
  const later = (factor: number) => TestClock.adjust(Duration.times(every, factor))

  it.effect("sweeps each queue by itself, at its time, in the background", () => {
    const swept: Array<string> = []
    const broker = sweeping(({ name }, limit) =>
      Effect.sync(() => {
        swept.push(`${name} ${limit}`)
        return { count: 0, more: false }
      })
    )
    return Effect.gen(function*() {
      assert.lengthOf(swept, 0)
      yield* later(1)
      assert.deepStrictEqual(swept.slice(0, 2), ["a 1000", "b 1000"])
      yield* later(12)
      // at least each 1.2 times the interval, at most each 0.8 times
      assert.isAtLeast(swept.length, 2 * 10)
      assert.isAtMost(swept.length, 2 * 17)
    }).pipe(Effect.provide(Layer.provide(duty.layer({ queues: ["a", JobQueue.make("b")] }), broker)))
  })

  it.effect("stops with its layer", () => {
    let sweeps = 0
    const broker = sweeping(() =>
      Effect.sync(() => {
        sweeps++
        return { count: 0, more: false }
      })
    )
    return Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Layer.launch(Layer.provide(duty.layer({ queues: ["a"] }), broker)))
      yield* later(1)
      const before = sweeps
      assert.isAtLeast(before, 1)
      yield* Fiber.interrupt(fiber)
      yield* later(10)
      assert.strictEqual(sweeps, before)
    })
  })

  it.effect("takes one step when there is no more", () => {
    let steps = 0
    const broker = sweeping(() => Effect.sync(() => ({ count: ++steps, more: false })))
    return Effect.gen(function*() {
      assert.strictEqual(yield* duty.runOnce("a"), 1)
      assert.strictEqual(steps, 1)
    }).pipe(Effect.provide(broker))
  })

  it.effect("goes on while there is more, and stops when a step did nothing", () => {
    const left = [5, 5, 1, 0, 9]
    const limits: Array<number> = []
    const broker = sweeping((_, limit) =>
      Effect.sync(() => {
        limits.push(limit)
        return { count: left.shift() ?? 0, more: true }
      })
    )
    return Effect.gen(function*() {
      assert.strictEqual(yield* duty.runOnce("a", 5), 11)
      assert.deepStrictEqual(limits, [5, 5, 5, 5])
    }).pipe(Effect.provide(broker))
  })

  it.effect("logs the begin and the end of an outage, and sweeps the other queues meanwhile", () => {
    const logged: Array<string> = []
    const swept: Array<string> = []
    let isAway = true
    const away = new BrokerError({ reason: new BrokerUnavailable({ operation: "sweep", detail: "gone" }) })
    const broker = sweeping(({ name }) =>
      Effect.suspend(() => {
        swept.push(name)
        return isAway && name === "a" ? Effect.fail(away) : Effect.succeed({ count: 0, more: false })
      })
    )
    return Effect.gen(function*() {
      yield* later(6)
      assert.isAtLeast(swept.filter((name) => name === "b").length, 4)
      assert.strictEqual(swept.filter((name) => name === "a").length, swept.filter((name) => name === "b").length)
      assert.lengthOf(logged, 1)
      assert.match(logged[0]!, /"a".*failed/)
      isAway = false
      yield* later(6)
      assert.lengthOf(logged, 2)
      assert.match(logged[1]!, /"a".*work again/)
    }).pipe(Effect.provide(
      duty.layer({ queues: ["a", "b"] }).pipe(
        Layer.provide(broker),
        Layer.provideMerge(Logger.layer([Logger.make(({ message }) => void logged.push(String(message)))]))
      )
    ))
  })

  it.effect("survives a broker that dies", () => {
    let sweeps = 0
    const broker = sweeping(() =>
      Effect.suspend(() => {
        sweeps++
        return Effect.die(new Error("a bug"))
      })
    )
    return Effect.gen(function*() {
      yield* later(6)
      assert.isAtLeast(sweeps, 4)
    }).pipe(Effect.provide(
      duty.layer({ queues: ["a"] }).pipe(
        Layer.provide(broker),
        Layer.provideMerge(Logger.layer([]))
      )
    ))
  })

  it("refuses options that are out of range", () => {
    for (const wrong of [0, 9, "2 days", Infinity] as const) {
      assert.throws(() => duty.make({ queues: [], every: wrong }), /every is/)
    }
    for (const limit of [0, 1001, 1.5, Number.NaN]) {
      assert.throws(() => duty.make({ queues: [], limit }), /limit is/)
    }
    assert.throws(() => duty.make({ queues: ["no name"] }), /no queue name/)
    assert.isDefined(duty.make({ queues: [], every: 10, limit: 1 }))
    assert.isDefined(duty.make({ queues: [], every: "1 day", limit: undefined }))
  })
})
