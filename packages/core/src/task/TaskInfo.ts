/**
 * What others may know of a task without its code: its queue, its versions, and JSON Schemas of what it stores.
 *
 * Consumers publish it (`Registry`); producers check payloads with it, tools show it and build forms from it. The schemas
 * are Draft 2020-12, each whole in itself, and describe the encoded JSON, which is what travels. They may allow more than
 * the task does (a check in code has no JSON Schema), never less: the task's own decoder has the last word.
 */
import * as Schema from "effect/Schema"
import type { Definition } from "./Definition.ts"
import type { AnyCodec } from "./JsonCodec.ts"
import type { Any } from "./Task.ts"

/** One JSON Schema: an object with keywords. `{}` allows anything. */
export type JsonSchema = Schema.JsonObject

/** A task as it is published. */
export const TaskInfo = Schema.Struct({
  /** The task's name. */
  task: Schema.String,
  /** The name of its queue. */
  queue: Schema.String,
  /** The newest version of its payload, 1-based: what is written where nobody says otherwise. */
  version: Schema.Int,
  /** Every known version of the payload, ascending. */
  schemas: Schema.Array(Schema.Struct({ version: Schema.Int, jsonSchema: Schema.JsonObject })),
  /** What the task answers; absent: nothing. */
  successSchema: Schema.optionalKey(Schema.JsonObject),
  /** What the task may fail with; absent: it never fails. */
  errorSchema: Schema.optionalKey(Schema.JsonObject)
})
/** A task as it is published. */
export type TaskInfo = typeof TaskInfo.Type

const dialect = "https://json-schema.org/draft/2020-12/schema"

/** A schema without any JSON Schema of its own allows anything: a task must not stay unknown for it. */
const jsonSchemaOf = (schema: AnyCodec): JsonSchema => {
  try {
    const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema)
    const whole = { $schema: dialect, ...root, ...(Object.keys(definitions).length > 0 ? { $defs: definitions } : {}) }
    // what a JSON Schema holds is JSON; its type in effect says only "unknown"
    return JSON.parse(JSON.stringify(whole)) as JsonSchema
  } catch {
    return {}
  }
}

/** Describes a task, given as itself or as its definition. Derives every schema anew: call it once, not per job. */
export const of = (task: Any | Definition): TaskInfo => {
  const { name, queue, schemas, version } = "definition" in task ? task.definition : task
  return {
    task: name,
    queue: queue.name,
    version,
    schemas: schemas.payload.map((schema, index) => ({ version: index + 1, jsonSchema: jsonSchemaOf(schema) })),
    ...(schemas.success === undefined ? {} : { successSchema: jsonSchemaOf(schemas.success) }),
    ...(schemas.error === undefined ? {} : { errorSchema: jsonSchemaOf(schemas.error) })
  }
}

/**
 * What is known once `published` has come to what was `stored`: the versions of both, and all else from the one with the
 * newer payload. Of equals, the published one wins, so that a corrected schema takes its place.
 */
export const merge = (stored: TaskInfo | undefined, published: TaskInfo): TaskInfo => {
  const [older, newer] = stored === undefined || published.version >= stored.version
    ? [stored, published]
    : [published, stored]
  const schemas = new Map(older?.schemas.map((schema) => [schema.version, schema]))
  for (const schema of newer.schemas) schemas.set(schema.version, schema)
  return { ...newer, schemas: [...schemas.values()].toSorted((left, right) => left.version - right.version) }
}

/** The JSON Schema of one version of the payload, by default the newest; `undefined`: nobody has published it. */
export const schemaOf = (info: TaskInfo, version = info.version): JsonSchema | undefined =>
  info.schemas.find((schema) => schema.version === version)?.jsonSchema
