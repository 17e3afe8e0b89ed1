import { Payload, Task } from "@sluice/core"
import * as TaskInfo from "@sluice/core/TaskInfo"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { SendEmail } from "./support/SendEmail.ts"

const dialect = "https://json-schema.org/draft/2020-12/schema"

describe("what is published of a task", () => {
  it("is its name, its queue and a JSON Schema for each version and each end", () => {
    const Bounced = Schema.Struct({ address: Schema.String })
    class Send extends Task.make("Send", {
      queue: "emails",
      payload: Payload.make({ to: Schema.String }).next(
        { to: Schema.Array(Schema.String), at: Schema.Date },
        (v1) => ({ to: [v1.to], at: new Date(0) })
      ),
      success: Schema.Int,
      error: Bounced
    }) {}
    const info = TaskInfo.of(Send)
    assert.deepStrictEqual(info, TaskInfo.of(Send.definition))
    assert.deepInclude(info, { task: "Send", queue: "emails", version: 2 })
    assert.deepStrictEqual(info.schemas.map(({ version }) => version), [1, 2])
    // the encoded form: what a producer in any language writes
    assert.deepStrictEqual(info.schemas[1]?.jsonSchema, {
      $schema: dialect,
      type: "object",
      properties: { to: { type: "array", items: { type: "string" } }, at: { type: "string" } },
      required: ["to", "at"],
      additionalProperties: true
    })
    assert.deepInclude(info.successSchema, { $schema: dialect, type: "integer" })
    assert.deepInclude(info.errorSchema, { type: "object", required: ["address"] })
  })

  it("says nothing of ends that hold nothing", () => {
    const info = TaskInfo.of(Task.make("Cleanup"))
    assert.deepStrictEqual(info, {
      task: "Cleanup",
      queue: "default",
      version: 1,
      schemas: [{ version: 1, jsonSchema: { $schema: dialect, type: "null" } }]
    })
  })

  it("holds the definitions that its schemas refer to", () => {
    interface Tree {
      readonly kids: ReadonlyArray<Tree>
    }
    const Tree: Schema.Codec<Tree> = Schema.Struct({
      kids: Schema.Array(Schema.suspend((): Schema.Codec<Tree> => Tree))
    }).annotate({ identifier: "Tree" })
    const [schema] = TaskInfo.of(Task.make("Walk", { payload: Tree })).schemas
    assert.deepInclude(schema?.jsonSchema, { $ref: "#/$defs/Tree" })
    assert.hasAllKeys(schema?.jsonSchema["$defs"], ["Tree"])
  })

  it("allows anything where a schema has no JSON Schema of its own", () => {
    class Odd {}
    const [schema] = TaskInfo.of(Task.make("Odd", { payload: Schema.instanceOf(Odd) })).schemas
    assert.notProperty(schema?.jsonSchema, "type")
  })

  it("survives being stored, whatever the task", () => {
    const decode = Schema.decodeUnknownSync(Schema.fromJsonString(TaskInfo.TaskInfo))
    const info = TaskInfo.of(SendEmail)
    assert.deepStrictEqual(decode(JSON.stringify(info)), info)
  })
})

describe("what is known of a task that several have published", () => {
  const schema = (version: number, note = "") => ({ version, jsonSchema: { title: `v${version}${note}` } })
  const info = (version: number, schemas = [schema(version)], queue = `q${version}`) => ({
    task: "T",
    queue,
    version,
    schemas
  })

  it("is the same in whatever order a newer and an older one came", () => {
    const older = info(2, [schema(1), schema(2, " old")])
    const newer = info(3, [schema(2), schema(3)])
    const both = { ...newer, schemas: [schema(1), schema(2), schema(3)] }
    assert.deepStrictEqual(TaskInfo.merge(older, newer), both)
    assert.deepStrictEqual(TaskInfo.merge(newer, older), both)
    assert.deepStrictEqual(TaskInfo.merge(both, older), both)
  })

  it("is what the last one says among equals", () => {
    assert.deepStrictEqual(
      TaskInfo.merge(info(1), info(1, [schema(1, "!")], "moved")),
      info(1, [schema(1, "!")], "moved")
    )
    assert.deepStrictEqual(TaskInfo.merge(undefined, info(1)), info(1))
  })

  it("finds the schema of a version, by default the newest", () => {
    const both = TaskInfo.merge(info(1), info(2))
    assert.deepStrictEqual(TaskInfo.schemaOf(both), { title: "v2" })
    assert.deepStrictEqual(TaskInfo.schemaOf(both, 1), { title: "v1" })
    assert.isUndefined(TaskInfo.schemaOf(both, 3))
  })
})
