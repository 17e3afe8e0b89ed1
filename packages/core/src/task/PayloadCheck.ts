/**
 * Checks payloads of tasks whose code is not here, by the JSON Schemas that consumers have published (`TaskInfo`).
 *
 * For whoever takes payloads from outside. What passes may still be refused by the task's own decoder, which knows more;
 * what is refused here would have been refused there. Only schemas that `TaskInfo.of` made are sure to be understood.
 */
import { fromSchemaDraft2020_12 } from "effect/JsonSchema"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaRepresentation from "effect/SchemaRepresentation"
import type { JsonSchema } from "./TaskInfo.ts"

/** One thing that does not fit: where in the payload (`[]`: the whole), and why. */
export interface Misfit {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

/** Answers everything that does not fit, in the order of the schema; nothing: the payload fits. It never throws. */
export type PayloadCheck = (payload: unknown) => ReadonlyArray<Misfit>

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const keyOf = (segment: PropertyKey | { readonly key: PropertyKey }): string | number => {
  const key = typeof segment === "object" ? segment.key : segment
  return typeof key === "symbol" ? String(key) : key
}

/**
 * Compiles a JSON Schema: some milliseconds, so keep what you get. `undefined`: it says what can't be checked here, such
 * as a pattern that is none under the flag "u"; then leave the check to the consumer.
 */
export const make = (jsonSchema: JsonSchema): PayloadCheck | undefined => {
  try {
    const schema = SchemaRepresentation.fromJsonSchemaDocument(fromSchemaDraft2020_12(jsonSchema), {
      // published by our own consumers, which run the same patterns
      patterns: "apply"
    })
    // what is imported from a JSON Schema needs no services
    const decode = Schema.decodeUnknownResult(schema as Schema.Codec<unknown>, { errors: "all" })
    return (payload) => {
      const decoded = decode(payload)
      if (Result.isSuccess(decoded)) return []
      return format(decoded.failure.issue).issues.map(({ message, path }) => ({
        path: (path ?? []).map(keyOf),
        message
      }))
    }
  } catch {
    return undefined
  }
}
