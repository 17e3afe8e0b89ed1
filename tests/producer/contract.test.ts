/**
 * Every operation of the OpenAPI document that a running producer serves, called as the document says on a real Redis: a
 * valid example is taken, and whatever does not fit is refused with a problem that the document lists. One process for all.
 */
import { afterAll, assert, beforeAll, inject, it } from "vitest"
import { faultsOf, type JsonSchema, wrongValues } from "../support/jsonSchema.ts"
import { uniquePrefix } from "../support/uniquePrefix.ts"
import { type ProducerProcess, startProducer } from "./support/ProducerProcess.ts"

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
}

/** One operation, with where it is. */
interface Listed {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

let producer: ProducerProcess
let operations: ReadonlyArray<Listed> = []
let schemas: Readonly<Record<string, JsonSchema>> = {}

beforeAll(async () => {
  producer = await startProducer({ SLUICE_REDIS_URL: inject("redisUrl"), SLUICE_PREFIX: uniquePrefix("contract") })
  const document = await (await fetch(`${producer.url}/openapi.json`)).json() as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
    readonly components: { readonly schemas: typeof schemas }
  }
  schemas = document.components.schemas
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation }))
  )
}, 60_000)

afterAll(async () => {
  producer.signal("SIGKILL")
  await producer.ended
})

const ids = { ids: ["0:job", "0:none"] }
const bodies: Readonly<Record<string, object>> = {
  "jobs.enqueue": { task: "Send", payload: { to: ["ada"] } },
  "jobs.cancel": { reason: "not wanted" },
  "jobs.cancelMany": { ...ids, reason: "not wanted" },
  "jobs.retryMany": ids,
  "jobs.promoteMany": ids,
  "jobs.removeMany": ids,
  "queues.drain": { limit: 1 },
  "queues.redrive": { dryRun: true, limit: 10, task: "Send" }
}
const values: Readonly<Record<string, string>> = { queue: "mail", id: "0:job", task: "Send", state: "available" }

const fill = (path: string, changed: Readonly<Record<string, string>> = {}) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent({ ...values, ...changed }[name] ?? ""))

const queryOf = ({ operation }: Listed): URLSearchParams =>
  new URLSearchParams(
    operation.parameters.filter((one) => one.in === "query" && one.required)
      .map((one): [string, string] => [one.name, values[one.name] ?? ""])
  )

/** Calls it, and holds the answer to the document. Answers the status. */
const call = async (one: Listed, path: string, query: URLSearchParams, body: unknown): Promise<number> => {
  const abort = new AbortController()
  const response = await fetch(`${producer.url}${path}${query.size === 0 ? "" : `?${query.toString()}`}`, {
    method: one.method,
    signal: abort.signal,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
  })
  const type = (response.headers.get("content-type") ?? "").split(";")[0] ?? ""
  const schema = one.operation.responses[response.status]?.content?.[type]?.schema
  assert.isDefined(schema, `${one.operation.operationId} answered ${response.status} as ${type}`)
  // a stream of events has no end
  if (type === "text/event-stream") abort.abort()
  else assert.deepStrictEqual(faultsOf(schema ?? {}, await response.json(), schemas), [])
  return response.status
}

it("serves a document that names each operation, and answers every example as it says", async () => {
  assert.isAtLeast(operations.length, 20)
  for (const one of operations) {
    const { operationId } = one.operation
    // an id that is there, or the document's own 404
    const status = await call(one, fill(one.path), queryOf(one), bodies[operationId])
    assert.isTrue(status < 300 || status === 404 || status === 409, `${operationId} answered ${status}`)
  }
}, 60_000)

it("refuses wrong values in every parameter", async () => {
  for (const one of operations) {
    for (const parameter of one.operation.parameters.filter((each) => each.in !== "header")) {
      for (const wrong of wrongValues(parameter.schema, schemas, "text")) {
        const query = queryOf(one)
        if (parameter.in === "query") query.set(parameter.name, String(wrong))
        const path = parameter.in === "path" ? fill(one.path, { [parameter.name]: String(wrong) }) : fill(one.path)
        const status = await call(one, path, query, bodies[one.operation.operationId])
        assert.strictEqual(status, 400, `${one.operation.operationId}: ${parameter.name} = ${String(wrong)}`)
      }
    }
  }
}, 60_000)

it("refuses wrong types, missing and unknown members in every body, and changes nothing", async () => {
  const stats = async () => await (await fetch(`${producer.url}/v1/queues/mail`)).text()
  const before = JSON.parse(await stats()) as { readonly totals: object }
  for (const one of operations) {
    const schema = one.operation.requestBody?.content["application/json"]?.schema
    const example = bodies[one.operation.operationId]
    assert.strictEqual(schema === undefined, example === undefined, one.operation.operationId)
    for (const wrong of schema === undefined ? [] : wrongValues(schema, schemas, "json", example)) {
      const status = await call(one, fill(one.path), queryOf(one), wrong)
      assert.strictEqual(status, 400, `${one.operation.operationId}: ${JSON.stringify(wrong).slice(0, 200)}`)
    }
  }
  assert.deepStrictEqual((JSON.parse(await stats()) as { readonly totals: object }).totals, before.totals)
}, 60_000)
