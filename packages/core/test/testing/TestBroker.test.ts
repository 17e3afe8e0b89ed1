import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { Broker } from "../../src/broker/Broker.ts"
import type { ClaimedJob } from "../../src/broker/Lease.ts"
import type { Settlement } from "../../src/broker/Lease.ts"
import * as MemoryBroker from "../../src/broker/memory/MemoryBroker.ts"
import type { JobId } from "../../src/job/JobId.ts"
import * as Payload from "../../src/task/Payload.ts"
import * as Task from "../../src/task/Task.ts"
import { job, settle } from "../../src/testing/JobFactory.ts"
import * as TestBroker from "../../src/testing/TestBroker.ts"

class Greet extends Task.make("Greet", {
  queue: "greetings",
  payload: Payload.make({ to: Schema.String }).next(
    { to: Schema.Array(Schema.String), at: Schema.Date },
    (old) => ({ to: [old.to], at: new Date(0) })
  )
}) {}
class Other extends Task.make("Other", { queue: "greetings" }) {}

let sequence = 0
const exchange = (claim: number, given: ReadonlyArray<Settlement> = []) =>
  Broker.use((broker) =>
    broker.exchange({
      queue: Greet.queue,
      consumer: "c",
      lane: "l",
      sequence: ++sequence,
      settle: given,
      claim,
      leaseMs: 1000,
      wake: false
    })
  )
const claim = Effect.map(exchange(1), ({ jobs }): ClaimedJob => jobs[0]!)
const at = new Date(5)

describe("TestBroker", () => {
  it.effect("shows the jobs of a task with payloads and states, in the order of their coming", () =>
    Effect.gen(function*() {
      for (const name of ["ada", "bob", "eve"]) yield* Greet.enqueue({ to: [name], at })
      yield* Other.enqueue(undefined)
      yield* exchange(0, [settle.complete(yield* claim)])
      yield* claim
      const jobs = yield* TestBroker.jobs(Greet)
      const names: ReadonlyArray<string> = jobs.flatMap(({ payload }) => payload.to)
      assert.deepStrictEqual(names, ["ada", "bob", "eve"])
      assert.deepStrictEqual(jobs.map(({ state }) => state), ["completed", "running", "available"])
      assert.deepStrictEqual(jobs[0]?.payload.at, at)
      assert.deepStrictEqual((yield* TestBroker.jobs(Other)).map(({ payload }) => payload), [undefined])
    }).pipe(Effect.provide(MemoryBroker.layer)))

  it.effect("shows many jobs in order", () =>
    Effect.gen(function*() {
      const names = Array.from({ length: 100 }, (_, index) => String(index))
      yield* Greet.enqueueAll(names.map((name) => ({ to: [name], at })))
      assert.deepStrictEqual((yield* TestBroker.jobs(Greet)).flatMap(({ payload }) => payload.to), names)
    }).pipe(Effect.provide(MemoryBroker.layer)))

  it.effect("shows payloads of older versions as the newest", () =>
    Effect.gen(function*() {
      yield* Broker.use((broker) =>
        broker.enqueue(Greet.queue, [job({ task: "Greet", version: 1, payload: "{\"to\":\"ada\"}" })])
      )
      const [one] = yield* TestBroker.jobs(Greet)
      assert.deepStrictEqual(one?.payload, { to: ["ada"], at: new Date(0) })
      assert.strictEqual(one?.version, 1)
    }).pipe(Effect.provide(MemoryBroker.layer)))

  it.effect("has no jobs of a queue that was never used", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* TestBroker.jobs(Greet), [])
      assert.deepStrictEqual(yield* TestBroker.ended(Greet), [])
    }).pipe(Effect.provide(MemoryBroker.layer)))

  it.effect("finds one job; that there is none, or that its payload can't be read, is a defect", () =>
    Effect.gen(function*() {
      const { id } = yield* Greet.enqueue({ to: ["ada"], at })
      assert.deepStrictEqual((yield* TestBroker.job(Greet, id)).payload.to, ["ada"])
      assert.isTrue(Exit.hasDies(yield* Effect.exit(TestBroker.job(Greet, "0:x" as JobId))))
      yield* Broker.use((broker) => broker.enqueue(Greet.queue, [job({ task: "Greet", payload: "1" })]))
      assert.isTrue(Exit.hasDies(yield* Effect.exit(TestBroker.jobs(Greet))))
    }).pipe(Effect.provide(MemoryBroker.layer)))

  it.effect("waits until all jobs of a task have ended", () =>
    Effect.gen(function*() {
      yield* Greet.enqueueAll([{ to: ["ada"], at }, { to: ["bob"], at }])
      yield* Other.enqueue(undefined)
      const waiting = yield* Effect.forkChild(TestBroker.ended(Greet), { startImmediately: true })
      yield* exchange(0, [settle.complete(yield* claim, 0)])
      assert.strictEqual(waiting.pollUnsafe(), undefined)
      yield* exchange(0, [settle.die(yield* claim)])
      const jobs = yield* Fiber.join(waiting)
      assert.deepStrictEqual(jobs.map(({ state }) => state), ["completed", "dead"])
    }).pipe(Effect.provide(MemoryBroker.layer)))

  it.effect("lets the process that runs a job die", () =>
    Effect.gen(function*() {
      const { id } = yield* Greet.enqueue({ to: ["ada"], at })
      assert.isFalse(yield* TestBroker.crash(Greet, id))
      const claimed = yield* claim
      assert.isTrue(yield* TestBroker.crash(Greet, id))
      const { failures, state } = yield* TestBroker.job(Greet, id)
      assert.deepStrictEqual([state, failures.map(({ kind }) => kind)], ["retryable", ["Crashed"]])
      assert.deepStrictEqual((yield* exchange(0, [settle.complete(claimed)])).settled, ["lost"])
      assert.isFalse(yield* TestBroker.crash(Greet, id))
    }).pipe(Effect.provide(MemoryBroker.layer)))
})
