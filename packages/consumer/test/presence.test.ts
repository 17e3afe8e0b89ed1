import { assert, describe, it } from "@effect/vitest"
import { Consumer, ConsumerHealth } from "@sluice/consumer"
import { Broker, BrokerError, Inspector, MemoryBroker, Registry, Task } from "@sluice/core"
import { BrokerRefused, BrokerUnavailable } from "@sluice/core/BrokerError"
import * as TaskInfo from "@sluice/core/TaskInfo"
import { Context, Effect, Exit, Fiber, Layer, Logger, Schema, Scope } from "effect"
import { TestClock } from "effect/testing"
import { hostname } from "node:os"
import * as Jobs from "./support/Jobs.ts"

class Work extends Task.make("Work", { payload: { seconds: Schema.Int } }) {}
class Mail extends Task.make("Mail", { queue: "emails" }) {}

const App = Consumer.layer({
  tasks: [Work, Mail],
  queues: { default: { concurrency: 2 }, emails: { concurrency: 50 } },
  maintenance: false,
  name: "worker",
  version: "1.2.3"
}).pipe(
  Layer.provide(Layer.mergeAll(
    Work.toLayer(({ seconds }) => Effect.sleep(seconds * 1000)),
    Mail.toLayer(() => Effect.void)
  ))
)

/** A consumer in a scope of its own, after its first turn. */
const started = Effect.gen(function*() {
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(App, scope)
  yield* TestClock.adjust(0)
  return { name: Context.get(context, ConsumerHealth).consumer, stop: Scope.close(scope, Exit.void) }
})

const listed = Registry.use((registry) => registry.consumers)
const known = Registry.use((registry) => registry.tasks)

describe("a consumer whose broker has a registry", () => {
  it.effect("is listed from its start, with what it consumes and how busy it is", () =>
    Effect.gen(function*() {
      const before = Date.UTC(2026, 0, 1)
      yield* TestClock.setTime(before)
      const { name } = yield* started
      const [first, ...others] = yield* listed
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual(first, {
        name,
        host: hostname(),
        pid: process.pid,
        version: "1.2.3",
        queues: [{ queue: "default", concurrency: 2, running: 0 }, { queue: "emails", concurrency: 50, running: 0 }],
        startedAtMs: before,
        state: "running",
        seenAtMs: before
      })
      yield* Work.enqueue({ seconds: 3600 })
      yield* TestClock.adjust("10 seconds")
      assert.deepInclude((yield* listed)[0], {
        queues: [{ queue: "default", concurrency: 2, running: 1 }, { queue: "emails", concurrency: 50, running: 0 }],
        startedAtMs: before,
        seenAtMs: before + 10_000
      })
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(yield* listed, 1)
    }).pipe(Effect.provide(MemoryBroker.layer)))

  it.effect("makes its tasks known", () =>
    Effect.gen(function*() {
      yield* started
      assert.deepStrictEqual(yield* known, [TaskInfo.of(Mail), TaskInfo.of(Work)])
    }).pipe(Effect.provide(MemoryBroker.layer)))

  it.effect("says that it stops while handlers finish, and is listed no more when it has", () =>
    Effect.gen(function*() {
      const { stop } = yield* started
      yield* Work.enqueue({ seconds: 20 })
      yield* TestClock.adjust("1 second")
      const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
      yield* TestClock.adjust(0)
      assert.deepInclude((yield* listed)[0], { state: "stopping" })
      yield* TestClock.adjust("18 seconds")
      // it goes on beating: jobs still run
      assert.deepInclude((yield* listed)[0], { state: "stopping", seenAtMs: 11_000 })
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(stopping)
      assert.deepStrictEqual(yield* listed, [])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* listed, [])
    }).pipe(Effect.provide(MemoryBroker.layer)))
})

/** A broker whose registry does what a test says, and counts. */
const faulty = Effect.gen(function*() {
  const context = yield* Layer.build(MemoryBroker.layer)
  const real = Context.get(context, Registry)
  const state = { fault: Effect.void as Effect.Effect<void, BrokerError>, published: 0, beats: 0 }
  const counted = (what: "published" | "beats", effect: Effect.Effect<void, BrokerError>) =>
    Effect.suspend(() => {
      state[what]++
      return Effect.andThen(state.fault, effect)
    })
  const registry = {
    ...real,
    publish: (tasks: ReadonlyArray<TaskInfo.TaskInfo>) => counted("published", real.publish(tasks)),
    beat: (info: Parameters<typeof real.beat>[0]) => counted("beats", real.beat(info)),
    leave: (name: string) => Effect.andThen(Effect.suspend(() => state.fault), real.leave(name))
  }
  return { state, context: Context.add(context, Registry, registry) }
})

const away = new BrokerError({ reason: new BrokerUnavailable({ operation: "beat", detail: "away" }) })
const refused = new BrokerError({ reason: new BrokerRefused({ operation: "publish", detail: "NOPERM" }) })

describe("a consumer whose registry fails", () => {
  it.effect("goes on, and publishes as soon as it can", () =>
    Effect.gen(function*() {
      const { context, state } = yield* faulty
      state.fault = Effect.fail(away)
      yield* Effect.gen(function*() {
        yield* started
        const { id } = yield* Work.enqueue({ seconds: 1 })
        yield* TestClock.adjust("15 seconds")
        assert.strictEqual(yield* Jobs.state(id), "completed")
        assert.deepStrictEqual([yield* listed, yield* known], [[], []])
        state.fault = Effect.void
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual([(yield* listed).length, (yield* known).length], [1, 2])
      }).pipe(Effect.provide(context))
    }))

  it.effect("warns once of what only people can mend", () => {
    const lines: Array<unknown> = []
    const logger = Logger.layer([Logger.make(({ logLevel, message }) => void lines.push([logLevel, message].flat()))])
    return Effect.gen(function*() {
      const { context, state } = yield* faulty
      state.fault = Effect.fail(refused)
      yield* Effect.andThen(started, TestClock.adjust("1 minute")).pipe(Effect.provide(context))
      assert.lengthOf(lines, 1)
      assert.match(String(lines[0]), /^Warn,This consumer may not be listed.*NOPERM/)
    }).pipe(Effect.provide(logger))
  })

  it.effect("stops within its bound when the registry never answers", () =>
    Effect.gen(function*() {
      const { context, state } = yield* faulty
      yield* Effect.gen(function*() {
        const { stop } = yield* started
        state.fault = Effect.never
        const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
        yield* TestClock.adjust(Consumer.stopBoundMs)
        yield* Fiber.join(stopping)
      }).pipe(Effect.provide(context))
    }))

  it.effect("publishes again every ten minutes, as the registry may have lost it", () =>
    Effect.gen(function*() {
      const { context, state } = yield* faulty
      yield* Effect.gen(function*() {
        yield* started
        yield* TestClock.adjust("599 seconds")
        assert.deepStrictEqual([state.published, state.beats], [1, 60])
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual([state.published, state.beats], [2, 61])
      }).pipe(Effect.provide(context))
    }))
})

describe("a consumer whose broker has no registry", () => {
  it.effect("consumes as any other", () =>
    Effect.gen(function*() {
      const whole = yield* Layer.build(MemoryBroker.layer)
      const context = Context.make(Broker, Context.get(whole, Broker)).pipe(
        Context.add(Inspector, Context.get(whole, Inspector))
      )
      yield* Effect.gen(function*() {
        const { stop } = yield* started
        const { id } = yield* Work.enqueue({ seconds: 1 })
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual(yield* Jobs.state(id), "completed")
        yield* stop
      }).pipe(Effect.provide(context))
    }))
})
