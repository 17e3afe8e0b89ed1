/**
 * Conformance: the registry of consumers and tasks, as a suite of its own for any implementation of `Registry`.
 *
 * Every case runs under TestClock, so the registry has to take its time from Effect's Clock. Each case builds the layer
 * anew and expects an empty registry.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/testing/TestClock"
import { type ConsumerInfo, Registry } from "../../broker/Registry.ts"
import type { BrokerError } from "../../job/BrokerError.ts"
import type { TaskInfo } from "../../task/TaskInfo.ts"
import { startMs } from "./Kit.ts"

const consumer = (overrides: Partial<ConsumerInfo> = {}): ConsumerInfo => ({
  name: "worker-1",
  host: "host",
  pid: 42,
  version: "1.2.3",
  queues: [{ queue: "emails", concurrency: 10, running: 3 }, { queue: "default", concurrency: 1, running: 0 }],
  startedAtMs: 1_699_999_999_999,
  state: "running",
  ...overrides
})

const schema = (version: number, note = ""): TaskInfo["schemas"][number] => ({
  version,
  jsonSchema: { type: "object", required: [], properties: {}, description: `v${version}${note}` }
})

const task = (name: string, version = 1, overrides: Partial<TaskInfo> = {}): TaskInfo => ({
  task: name,
  queue: "emails",
  version,
  schemas: Array.from({ length: version }, (_, index) => schema(index + 1)),
  ...overrides
})

const beat = (overrides?: Partial<ConsumerInfo>) => Registry.use((registry) => registry.beat(consumer(overrides)))
const leave = (name: string) => Registry.use((registry) => registry.leave(name))
const consumers = Registry.use((registry) => registry.consumers)
const names = Effect.map(consumers, (all) => all.map(({ name }) => name))
const publish = (...tasks: ReadonlyArray<TaskInfo>) => Registry.use((registry) => registry.publish(tasks))
const tasks = Registry.use((registry) => registry.tasks)
const find = (name: string) => Registry.use((registry) => registry.task(name))

type Test = (name: string, body: Effect.Effect<void, BrokerError, Registry>) => void

const consumerCases = (test: Test): void => {
  test("lists nobody before the first beat", Effect.map(consumers, (all) => assert.deepStrictEqual(all, [])))

  test(
    "lists a consumer as it described itself, with the time of its last beat",
    Effect.gen(function*() {
      yield* beat()
      assert.deepStrictEqual(yield* consumers, [{ ...consumer(), seenAtMs: startMs }])
      yield* TestClock.adjust(10_000)
      const now = consumer({ queues: [], state: "stopping", version: undefined })
      yield* Registry.use((registry) => registry.beat(now))
      assert.deepStrictEqual(yield* consumers, [{ ...now, seenAtMs: startMs + 10_000 }])
    })
  )

  test(
    "lists consumers by name, whatever characters it has",
    Effect.gen(function*() {
      for (const name of ["b", "ä \"x\"\n", "a", "worker-10", "worker-9"]) yield* beat({ name })
      assert.deepStrictEqual(yield* names, ["a", "b", "worker-10", "worker-9", "ä \"x\"\n"])
    })
  )

  test(
    "lists a consumer no more once it has left, and lets it leave twice",
    Effect.gen(function*() {
      yield* beat()
      yield* beat({ name: "other" })
      yield* leave("worker-1")
      yield* leave("worker-1")
      yield* leave("nobody")
      assert.deepStrictEqual(yield* names, ["other"])
    })
  )

  test(
    "lists a consumer for 60 seconds after its last beat, and again when it comes back",
    Effect.gen(function*() {
      yield* beat()
      yield* TestClock.adjust(30_000)
      yield* beat({ name: "later" })
      yield* TestClock.adjust(29_999)
      assert.deepStrictEqual(yield* names, ["later", "worker-1"])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* names, ["later"])
      yield* beat()
      assert.deepStrictEqual(yield* names, ["later", "worker-1"])
    })
  )

  test(
    "lists each of very many consumers once, and none of those that have lapsed",
    Effect.gen(function*() {
      const many = (start: string) => Array.from({ length: 1203 }, (_, index) => `${start}${1000 + index}`)
      const beatAll = (all: ReadonlyArray<string>) =>
        Effect.forEach(all, (name) => beat({ name, queues: [] }), { concurrency: 100, discard: true })
      yield* beatAll(many("gone-"))
      yield* TestClock.adjust(60_000)
      yield* beatAll(many("here-"))
      assert.deepStrictEqual(yield* names, many("here-"))
      yield* TestClock.adjust(60_000)
      assert.deepStrictEqual(yield* names, [])
    })
  )
}

const taskCases = (test: Test): void => {
  test(
    "knows no task before it is published",
    Effect.gen(function*() {
      yield* publish()
      assert.deepStrictEqual(yield* tasks, [])
      assert.deepStrictEqual(yield* find("SendEmail"), Option.none())
    })
  )

  test(
    "answers tasks as they were published, by name",
    Effect.gen(function*() {
      const full = task("SendEmail", 2, {
        successSchema: { type: "null" },
        errorSchema: { anyOf: [], const: 1e21, title: "ä\n\u2028" }
      })
      yield* publish(full, task("app/Cleanup"), task("Zip"))
      assert.deepStrictEqual(yield* find("SendEmail"), Option.some(full))
      assert.deepStrictEqual(yield* tasks, [full, task("Zip"), task("app/Cleanup")])
      assert.deepStrictEqual(yield* find("Send"), Option.none())
    })
  )

  test(
    "adds a newer version to the older ones, and takes the rest from the newer publisher",
    Effect.gen(function*() {
      yield* publish(task("T", 2, { queue: "old", errorSchema: {} }))
      const newer = { ...task("T", 3, { queue: "new" }), schemas: [schema(3), schema(2, " corrected")] }
      yield* publish(newer)
      assert.deepStrictEqual(
        yield* find("T"),
        Option.some({ ...newer, schemas: [schema(1), schema(2, " corrected"), schema(3)] })
      )
    })
  )

  test(
    "does not let an older publisher change what a newer one has published",
    Effect.gen(function*() {
      const newer = { ...task("T", 3), schemas: [schema(2), schema(3)] }
      yield* publish(newer)
      yield* publish({
        ...task("T", 2, { queue: "old", successSchema: {} }),
        schemas: [schema(1), schema(2, " outdated")]
      })
      assert.deepStrictEqual(yield* find("T"), Option.some({ ...newer, schemas: [schema(1), schema(2), schema(3)] }))
    })
  )

  test(
    "takes what is published last of the same version, also within one call",
    Effect.gen(function*() {
      yield* publish(task("T", 1, { queue: "first" }), task("T", 1, { queue: "second" }))
      assert.deepStrictEqual(yield* find("T"), Option.some(task("T", 1, { queue: "second" })))
      yield* publish(task("T", 1, { queue: "third" }))
      assert.deepStrictEqual(yield* find("T"), Option.some(task("T", 1, { queue: "third" })))
    })
  )

  test(
    "loses nothing when many publish at the same time",
    Effect.gen(function*() {
      const versions = Array.from({ length: 12 }, (_, index) => index + 1)
      yield* Effect.forEach(
        versions,
        (version) => publish({ ...task("T", version), schemas: [schema(version)] }, task(`own-${version}`)),
        { concurrency: "unbounded" }
      )
      const found = Option.getOrThrow(yield* find("T"))
      assert.deepStrictEqual([found.version, found.schemas.map(({ version }) => version)], [12, versions])
      assert.lengthOf(yield* tasks, 13)
    })
  )

  test(
    "keeps very many tasks",
    Effect.gen(function*() {
      const many = Array.from({ length: 1203 }, (_, index) => task(`task-${1000 + index}`))
      yield* publish(...many)
      assert.deepStrictEqual(yield* tasks, many)
    })
  )
}

/** Registers the suite under `name`. `makeLayer` is called once per case and has to give an empty registry. */
export const registryConformance = <E>(name: string, makeLayer: () => Layer.Layer<Registry, E>): void => {
  const test: Test = (name, body) => {
    it.effect(name, () => Effect.andThen(TestClock.setTime(startMs), Effect.provide(body, makeLayer())))
  }
  // oxlint-disable-next-line vitest/valid-title -- the caller names the registry
  describe(name, () => {
    describe("consumers", () => {
      consumerCases(test)
    })
    describe("tasks", () => {
      taskCases(test)
    })
  })
}
