/**
 * What the program needs of the engine beyond what an application does: a task in several queues, payloads of any version,
 * and a stop that can be hurried.
 */
import { assert, describe, it } from "@effect/vitest"
import { Broker, Inspector, JobQueue, MemoryBroker, Task } from "@sluice/core"
import * as TaskInfo from "@sluice/core/TaskInfo"
import { JobFactory } from "@sluice/core/testing"
import { Context, Effect, Exit, Fiber, Latch, Layer, Option, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as Consumer from "../../src/Consumer.ts"
import * as RawTask from "../../src/handlers/RawTask.ts"

const raw = RawTask.make("order.created", {})

/** The same task, in another queue. */
const inQueue = (name: string): Task.Any => ({ _tag: raw._tag, definition: raw.definition, queue: JobQueue.make(name) })

const job = (payload: string, version: number) => JobFactory.job({ task: "order.created", payload, version })

describe("a task without a schema", () => {
  it.effect("is run from several queues, whatever version its jobs have", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const consumer = Consumer.layer({
        tasks: [inQueue("a"), inQueue("b")],
        queues: { a: { concurrency: 1 }, b: { concurrency: 1 } },
        grace: 0
      }).pipe(Layer.provide(RawTask.toLayer(raw, (payload) => Effect.sync(() => void seen.push(payload)))))
      yield* Effect.gen(function*() {
        const broker = yield* Broker
        yield* broker.enqueue(JobQueue.make("a"), [job("[1,  2]", 1)])
        yield* broker.enqueue(JobQueue.make("b"), [job("{}", 7)])
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(seen, ["[1,  2]", "{}"])
      }).pipe(Effect.provide(consumer))
    }).pipe(Effect.provide(MemoryBroker.layer)))

  it("is made known without a schema of its payload, so that nobody checks against one", () => {
    const info = TaskInfo.of(raw)
    assert.deepStrictEqual([info.task, info.version, info.schemas], ["order.created", 1, []])
  })
})

describe("a stop that is hurried", () => {
  it.effect("interrupts what still runs at once, gives it back, and says how many", () =>
    Effect.gen(function*() {
      class Work extends Task.make("Work") {}
      const hurry = Latch.makeUnsafe(false)
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(
        Consumer.layer({ tasks: [Work], queues: { default: { concurrency: 2 } }, hurry: hurry.await }).pipe(
          Layer.provide(Work.toLayer(() => Effect.never))
        ),
        scope
      )
      const { id } = yield* Work.enqueue()
      yield* TestClock.adjust("1 second")
      const stopping = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      assert.isUndefined(stopping.pollUnsafe())
      hurry.openUnsafe()
      yield* Fiber.join(stopping)
      const { queues } = Context.get(context, Consumer.ConsumerHealth)
      assert.strictEqual((yield* queues)["default"]?.interruptedByStop, 1)
      const found = Option.getOrThrow(yield* Inspector.use((inspector) => inspector.job(Work.queue, id)))
      assert.deepStrictEqual([found.state, found.attempt], ["available", 0])
    }).pipe(Effect.provide(MemoryBroker.layer)))
})
