/**
 * Every operation of the OpenAPI document, called as the document says: a valid example is taken and its answer fits the
 * document; whatever does not fit the document is refused with a problem that the document lists.
 */
import { assert, describe, it } from "@effect/vitest"
import { Api } from "@sluice/core/api"
import { Registry } from "@sluice/core/Registry"
import { OpenApi } from "effect/http-api"
import { type Answer, call, claim, sendLines, withProducer } from "./support/TestProducer.ts"
import { faultsOf, type JsonSchema, wrongValues } from "../../../tests/support/jsonSchema.ts"

interface Operation {
  readonly operationId: string
  readonly parameters: ReadonlyArray<{
    readonly name: string
    readonly in: "path" | "query" | "header"
    readonly required: boolean
    readonly schema: JsonSchema
  }>
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>> }>
  >
  readonly security: ReadonlyArray<object>
}

// the document is JSON, as the producer serves it
const document = JSON.parse(JSON.stringify(OpenApi.fromApi(Api))) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}
const { schemas } = document.components

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation }))
)

const byId = (id: string) => {
  const found = operations.find(({ operation }) => operation.operationId === id)
  assert.isDefined(found)
  return found
}

const values: Readonly<Record<string, string>> = { queue: "mail", id: "0:job", task: "Known" }

const fill = (path: string, changed: Readonly<Record<string, string>> = {}) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent({ ...values, ...changed }[name] ?? ""))

/** The query that an operation needs at least. */
const queryOf = (operation: Operation): URLSearchParams => {
  const needed: Readonly<Record<string, string>> = { state: "available", queue: "mail" }
  return new URLSearchParams(
    operation.parameters.filter((one) => one.in === "query" && one.required)
      .map((one): [string, string] => [one.name, needed[one.name] ?? ""])
  )
}

const item = { task: "Send", payload: { to: ["ada"] } }
const bodies: Readonly<Record<string, object>> = {
  "jobs.enqueue": item,
  "jobs.cancel": { reason: "not wanted" },
  "jobs.cancelMany": { ids: ["0:job", "0:none"], reason: "not wanted" },
  "jobs.retryMany": { ids: ["0:job", "0:none"] },
  "jobs.promoteMany": { ids: ["0:job", "0:none"] },
  "jobs.removeMany": { ids: ["0:job", "0:none"] },
  "queues.drain": { limit: 1 },
  "queues.redrive": { dryRun: true, limit: 10, task: "Send", key: "k", reason: "exhausted", kind: "Bounced" }
}

const urlOf = (path: string, operation: Operation, query = queryOf(operation)) =>
  `${fill(path)}${query.size === 0 ? "" : `?${query.toString()}`}`

/** The answer is one that the document lists, and looks as the document says. */
const assertListed = (operation: Operation, answer: Answer) => {
  const listed = operation.responses[String(answer.status)]
  assert.isDefined(
    listed,
    `${operation.operationId} answered ${answer.status}, which is not in the document: ${answer.text}`
  )
  const type = (answer.headers.get("content-type") ?? "").split(";")[0] ?? ""
  const schema = listed?.content?.[type]?.schema
  assert.isDefined(schema, `${operation.operationId} answered ${answer.status} as ${type}`)
  assert.deepStrictEqual(faultsOf(schema ?? {}, answer.json, schemas), [])
}

const success = (status: number) => status >= 200 && status < 300

describe("the document", () => {
  it(
    "is what the producer serves",
    withProducer({}, async (producer) => {
      assert.deepStrictEqual<unknown>((await call(producer, "GET", "/openapi.json")).json, document)
    })
  )

  it("names an operation once, and says what each is for", () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    assert.strictEqual(new Set(ids).size, ids.length)
    for (const { operation } of operations) assert.property(operation, "summary")
  })
})

const known = {
  task: "Known",
  queue: "mail",
  version: 1,
  schemas: [{ version: 1, jsonSchema: { type: "object" } }],
  successSchema: {}
}

const consumer = {
  name: "c-1",
  host: "h",
  pid: 1,
  version: "1.0.0",
  queues: [{ queue: "mail", concurrency: 5, running: 1 }],
  startedAtMs: 0,
  state: "running" as const
}

/** Makes job 0:job such that the operation can be done to it. */
const states: Readonly<Record<string, string>> = {
  "jobs.retry": "cancelled",
  "jobs.retryMany": "cancelled",
  "jobs.promote": "scheduled",
  "jobs.promoteMany": "scheduled"
}

/** Streams without an end, which `events.test.ts` reads. */
const endless = new Set(["queues.events"])

describe.each(operations.map((one) => [one.operation.operationId, one] as const))(
  "%s",
  (id, { method, operation, path }) => {
    const body = bodies[id]

    it.skipIf(endless.has(id))(
      "takes a valid example, and answers as the document says",
      withProducer({}, async (producer) => {
        const delay = states[id] === "scheduled" ? "1 hour" : 0
        await call(producer, "POST", "/v1/queues/mail/jobs", { ...item, id: "job", delay })
        if (states[id] === "cancelled") await call(producer, "POST", "/v1/queues/mail/jobs/0%3Ajob/cancel")
        await producer.run(Registry.use((registry) => registry.publish([known])))
        await producer.run(Registry.use((registry) => registry.beat(consumer)))
        const answer = await call(producer, method, urlOf(path, operation), body)
        assert.isTrue(success(answer.status), answer.text)
        assertListed(operation, answer)
      })
    )

    const parameters = operation.parameters.filter((one) => one.in !== "header")
    it.each(
      parameters.flatMap((one) =>
        wrongValues(one.schema, schemas, "text").map((wrong) => [one.in, one.name, wrong] as const)
      )
    )(
      "refuses a wrong %s parameter %s: %j",
      (place, name, wrong) =>
        withProducer({}, async (producer) => {
          const query = queryOf(operation)
          if (place === "query") {
            query.set(name, String(wrong))
          }
          const target = place === "path" ? fill(path, { [name]: String(wrong) }) : fill(path)
          const answer = await call(producer, method, `${target}?${query.toString()}`, body)
          assert.strictEqual(answer.status, 400)
          assertListed(operation, answer)
          assert.deepStrictEqual(answer.json.errors[0]?.path.slice(0, 2), [place === "path" ? "params" : "query", name])
        })()
    )

    const required = parameters.filter((one) => one.in === "query" && one.required)
    it.each(required.map((one) => [one.name]))(
      "refuses a missing query parameter %s",
      (name) =>
        withProducer({}, async (producer) => {
          const query = queryOf(operation)
          query.delete(name)
          const answer = await call(producer, method, urlOf(path, operation, query), body)
          assert.strictEqual(answer.status, 400)
          assertListed(operation, answer)
        })()
    )

    const queries = parameters.some((one) => one.in === "query")
      ? ["unknown"]
      : []
    it.each(queries)(
      "refuses a query parameter that it does not know: %s",
      (name) =>
        withProducer({}, async (producer) => {
          const query = queryOf(operation)
          query.set(name, "1")
          const answer = await call(producer, method, urlOf(path, operation, query), body)
          assert.strictEqual(answer.status, 400)
          assert.deepStrictEqual(answer.json.errors[0]?.path, ["query", name])
        })()
    )

    const schema = operation.requestBody?.content["application/json"]?.schema
    const wrongBodies = schema === undefined || body === undefined ? [] : wrongValues(schema, schemas, "json", body)
    it.each(wrongBodies.map((wrong) => [wrong]))(
      "refuses a wrong body: %j",
      (wrong) =>
        withProducer({}, async (producer) => {
          const answer = await call(producer, method, urlOf(path, operation), JSON.stringify(wrong))
          assert.strictEqual(answer.status, 400)
          assertListed(operation, answer)
          assert.strictEqual(answer.json.errors[0]?.path[0], "payload")
        })()
    )
  }
)

describe("answers with more in them", () => {
  it(
    "fit the document: a running job, a dead one, many, lines",
    withProducer({}, async (producer) => {
      const enqueued = await call(producer, "POST", "/v1/queues/mail/jobs", [
        { ...item, id: "job", key: "acme", maxAge: "1 day" },
        { ...item, task: "!" },
        { ...item, payload: "x".repeat(300_000) }
      ])
      assert.strictEqual(enqueued.status, 207)
      assertListed(byId("jobs.enqueue").operation, enqueued)
      await claim(producer, "mail")
      await call(producer, "POST", "/v1/queues/mail/jobs/0%3Ajob/cancel")
      const running = await call(producer, "GET", "/v1/queues/mail/jobs/0%3Ajob")
      assert.strictEqual(running.json.state, "running")
      assertListed(byId("jobs.get").operation, running)

      const { lines } = await sendLines(producer, "mail", `${JSON.stringify(item)}\n{`)
      const line = byId("jobs.enqueue").operation.responses["207"]?.content?.["application/x-ndjson"]?.schema ?? {}
      assert.deepStrictEqual(lines.map((one) => one.status), [201, 400])
      for (const one of lines) assert.deepStrictEqual(faultsOf(line, one, schemas), [])
    })
  )

  it.each(
    operations.filter(({ operation }) => operation.security.length > 0).map((one) =>
      [one.operation.operationId, one] as const
    )
  )(
    "%s lists that a key is missing",
    (_, { method, operation, path }) =>
      withProducer(
        { producer: { keys: [{ name: "k", scopes: [], secret: { sha256: "0".repeat(64) } }] } },
        async (producer) => {
          const answer = await call(producer, method, urlOf(path, operation), bodies[operation.operationId])
          assert.strictEqual(answer.status, 401)
          assertListed(operation, answer)
        }
      )()
  )
})
