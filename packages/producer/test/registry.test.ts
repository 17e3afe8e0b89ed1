import { assert, describe, it } from "@effect/vitest"
import { BrokerError, JobQueue, MemoryBroker, Task } from "@sluice/core"
import { BrokerUnavailable } from "@sluice/core/BrokerError"
import { type ConsumerInfo, Registry } from "@sluice/core/Registry"
import * as TaskInfo from "@sluice/core/TaskInfo"
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as PublishedTasks from "../src/registry/PublishedTasks.ts"
import { call, claim, sendLines, type TestProducer, withProducer } from "./support/TestProducer.ts"

const jobs = "/v1/queues/mail/jobs"

/** A task whose second version takes several addresses. */
const send: TaskInfo.TaskInfo = {
  task: "Send",
  queue: "mail",
  version: 2,
  schemas: [
    {
      version: 1,
      jsonSchema: {
        type: "object",
        properties: { to: { type: "string" }, copies: { type: "integer" } },
        required: ["to"]
      }
    },
    {
      version: 2,
      jsonSchema: {
        type: "object",
        properties: { to: { type: "array", items: { type: "string" } } },
        required: ["to"]
      }
    }
  ]
}

const publish = (producer: TestProducer, ...tasks: ReadonlyArray<TaskInfo.TaskInfo>) =>
  producer.run(Registry.use((registry) => registry.publish(tasks)))

const consumer: ConsumerInfo = {
  name: "web-1",
  host: "node-a",
  pid: 42,
  version: undefined,
  queues: [{ queue: "mail", concurrency: 10, running: 3 }],
  startedAtMs: 1_700_000_000_000,
  state: "running"
}

describe("consumers", () => {
  it(
    "are listed by name while they are heard of",
    withProducer({}, async (producer) => {
      assert.deepStrictEqual<unknown>((await call(producer, "GET", "/v1/consumers")).json, { consumers: [] })
      await producer.run(Registry.use((registry) => registry.beat(consumer)))
      await producer.run(Registry.use((registry) => registry.beat({ ...consumer, name: "a", version: "1.2.3" })))
      const { json } = await call(producer, "GET", "/v1/consumers")
      const [first, second] = json["consumers"] as ReadonlyArray<Record<string, unknown>>
      assert.deepInclude(first, { name: "a", version: "1.2.3" })
      const { seenAt, ...rest } = second ?? {}
      assert.isBelow(Math.abs(Date.parse(String(seenAt)) - Date.now()), 10_000)
      assert.deepStrictEqual<unknown>(rest, {
        name: "web-1",
        host: "node-a",
        pid: 42,
        state: "running",
        queues: [{ queue: "mail", concurrency: 10, running: 3 }],
        startedAt: "2023-11-14T22:13:20.000Z"
      })
      await producer.run(Registry.use((registry) => registry.leave("a")))
      await producer.run(Registry.use((registry) => registry.leave("web-1")))
      assert.deepStrictEqual<unknown>((await call(producer, "GET", "/v1/consumers")).json, { consumers: [] })
    })
  )
})

describe("tasks", () => {
  it(
    "are listed with their versions, and shown with their schemas",
    withProducer({}, async (producer) => {
      await publish(producer, send)
      assert.deepStrictEqual<unknown>((await call(producer, "GET", "/v1/tasks")).json, {
        tasks: [{ task: "Send", queue: "mail", version: 2, versions: [1, 2] }]
      })
      assert.deepStrictEqual<unknown>((await call(producer, "GET", "/v1/tasks/Send")).json, send)
    })
  )

  it(
    "that nobody has published are not there",
    withProducer({}, async (producer) => {
      const { json, status } = await call(producer, "GET", "/v1/tasks/a%2Fb")
      assert.strictEqual(status, 404)
      assert.deepInclude(json, { type: "urn:sluice:problem:task-not-found", task: "a/b" })
    })
  )
})

describe("a payload at enqueue", () => {
  it(
    "is refused where it does not fit its version, with the path to each place",
    withProducer({}, async (producer) => {
      await publish(producer, send)
      const { json, status } = await call(producer, "POST", jobs, { task: "Send", payload: { to: 7, copies: 1.5 } })
      assert.strictEqual(status, 422)
      assert.deepInclude(json, { type: "urn:sluice:problem:invalid-payload", task: "Send" })
      assert.deepStrictEqual(json.errors.map(({ path }) => path), [
        ["payload", "payload", "to"],
        ["payload", "payload", "copies"]
      ])
      const second = await call(producer, "POST", jobs, { task: "Send", version: 2, payload: { to: ["ada", 7] } })
      assert.deepStrictEqual<unknown>(second.json.errors[0]?.path, ["payload", "payload", "to", 1])
      assert.strictEqual((await call(producer, "GET", "/v1/queues/mail")).json.totals["enqueued"], 0)
    })
  )

  it.each([
    ["fits the version that it names", { task: "Send", version: 2, payload: { to: ["ada"] } }],
    ["fits version 1 and names none", { task: "Send", payload: { to: "ada" } }],
    ["is of a newer version than is known", { task: "Send", version: 3, payload: 7 }],
    ["is of a task that nobody has published", { task: "Other", payload: 7 }]
  ])("is taken when it %s, as it was sent", (_, item) =>
    withProducer({}, async (producer) => {
      await publish(producer, send)
      assert.strictEqual((await call(producer, "POST", jobs, item)).status, 201)
      const [claimed] = await claim(producer, "mail")
      assert.strictEqual(claimed?.job.payload, JSON.stringify(item.payload))
    })())

  it(
    "is passed through where its schema can't be checked",
    withProducer({}, async (producer) => {
      const jsonSchema = { type: "string", pattern: "(" }
      await publish(producer, { task: "Odd", queue: "mail", version: 1, schemas: [{ version: 1, jsonSchema }] })
      assert.strictEqual((await call(producer, "POST", jobs, { task: "Odd", payload: 7 })).status, 201)
    })
  )

  it(
    "is refused alone, among many and in lines",
    withProducer({}, async (producer) => {
      await publish(producer, send)
      const items = [{ task: "Send", payload: { to: "ada" } }, { task: "Send", payload: {} }, {
        task: "Other",
        payload: 1
      }]
      const many = await call(producer, "POST", jobs, items)
      assert.deepStrictEqual(many.json.results.map((one) => one.status), [201, 422, 201])
      const { lines } = await sendLines(producer, "mail", items.map((item) => JSON.stringify(item)).join("\n"))
      assert.deepStrictEqual(lines.map((one) => one.status), [201, 422, 201])
      assert.deepStrictEqual(lines[1]?.problem.errors[0]?.path, ["payload", "payload", "to"])
    })
  )

  it(
    "tells at most 100 places",
    withProducer({}, async (producer) => {
      await publish(producer, send)
      const to = Array.from({ length: 1000 }, () => 7)
      const { json } = await call(producer, "POST", jobs, { task: "Send", version: 2, payload: { to } })
      assert.strictEqual(json.errors.length, 100)
    })
  )

  it(
    "is checked by what a real task publishes",
    withProducer({}, async (producer) => {
      const queue = JobQueue.make("mail")
      const task = Task.make("Real", { queue, payload: Schema.Struct({ at: Schema.DateTimeUtc, n: Schema.Int }) })
      await publish(producer, TaskInfo.of(task))
      const ok = await call(producer, "POST", jobs, { task: "Real", payload: { at: "2030-01-01T00:00:00Z", n: 1 } })
      assert.strictEqual(ok.status, 201)
      const bad = await call(producer, "POST", jobs, { task: "Real", payload: { at: "2030-01-01T00:00:00Z", n: "1" } })
      assert.strictEqual(bad.status, 422)
    })
  )
})

describe("the registry", () => {
  const countingBy = (tasks: () => Effect.Effect<ReadonlyArray<TaskInfo.TaskInfo>, BrokerError>) => {
    let asked = 0
    const registry = Layer.effect(
      Registry,
      Effect.map(
        Registry,
        (one) => Registry.of({ ...one, tasks: Effect.suspend(() => ++asked > 0 ? tasks() : Effect.succeed([])) })
      )
    ).pipe(Layer.provide(MemoryBroker.layer))
    return { layer: Layer.provide(PublishedTasks.layer, registry), asked: () => asked }
  }
  const item = { options: { task: "Send", payload: null }, payload: "{}", value: {} }
  const answer = PublishedTasks.PublishedTasks.use(({ check }) => Effect.map(check, (fits) => fits(item)._tag))

  it.effect("is asked once in five seconds, whatever is enqueued", () => {
    const { asked, layer } = countingBy(() => Effect.succeed([send]))
    return Effect.gen(function*() {
      for (let index = 0; index < 100; index++) assert.strictEqual(yield* answer, "Failure")
      yield* TestClock.adjust("4 seconds")
      yield* answer
      assert.strictEqual(asked(), 1)
      yield* TestClock.adjust("2 seconds")
      yield* answer
      assert.strictEqual(asked(), 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("that can't be read leaves what was known, and refuses nothing before it knows", () => {
    const away = Effect.fail(
      new BrokerError({ reason: new BrokerUnavailable({ operation: "tasks", detail: "ECONNREFUSED" }) })
    )
    let tasks: Effect.Effect<ReadonlyArray<TaskInfo.TaskInfo>, BrokerError> = away
    const { layer } = countingBy(() => tasks)
    return Effect.gen(function*() {
      assert.strictEqual(yield* answer, "Success")
      tasks = Effect.succeed([send])
      yield* TestClock.adjust("6 seconds")
      assert.strictEqual(yield* answer, "Failure")
      tasks = away
      yield* TestClock.adjust("6 seconds")
      assert.strictEqual(yield* answer, "Failure")
    }).pipe(Effect.provide(layer))
  })
})
