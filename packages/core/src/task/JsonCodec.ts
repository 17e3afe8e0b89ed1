/**
 * From a value to JSON text and back, by a schema. Internal; built once per schema of a task, used for each job.
 *
 * Codecs answer and never throw: what does not fit the schema, and what JSON can't hold, is a failure that says where
 * and why. Encoding and `JSON.stringify` are two steps on purpose: as one schema (`fromJsonString`) they cost 1.7 times
 * as much.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"

/** A schema that needs no services, the only kind that a task takes: any process has to be able to read its jobs. */
export type AnyCodec = Schema.ConstraintCodec<unknown, unknown>

/** See the module. */
export interface JsonCodec {
  readonly encode: (value: unknown) => Result.Result<string, string>
  readonly decode: (text: string) => Result.Result<unknown, string>
}

/** Whether a value is let through unseen somewhere in a schema: `Schema.Any` alone is. */
const holdsAny = (ast: SchemaAST.AST, seen: Set<SchemaAST.AST> = new Set()): boolean => {
  if (seen.has(ast)) return false
  seen.add(ast)
  const inner = (child: SchemaAST.AST) => holdsAny(child, seen)
  switch (ast._tag) {
    case "Any":
      return true
    case "Arrays":
      return ast.elements.some(inner) || ast.rest.some(inner)
    case "Objects":
      return ast.propertySignatures.some((field) => inner(field.type)) ||
        ast.indexSignatures.some((index) => inner(index.type))
    case "Union":
      return ast.types.some(inner)
    case "Suspend":
      return inner(ast.thunk())
    default:
      return false
  }
}

const asJson = Schema.decodeUnknownResult(Schema.Json)

const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error)

/** Builds the codec of a schema. Throws when the schema has no JSON form at all. */
export const make = (schema: AnyCodec): JsonCodec => {
  const codec = Schema.toCodecJson(schema)
  const encode = Schema.encodeUnknownResult(codec)
  const decode = Schema.decodeUnknownResult(codec)
  // asked at first use: a recursive schema may name what is defined after its task
  let isAnything: boolean | undefined
  return {
    encode: (value) => {
      try {
        const encoded = encode(value)
        isAnything ??= holdsAny(SchemaAST.toEncoded(codec.ast))
        const checked = isAnything && Result.isSuccess(encoded) ? asJson(encoded.success) : encoded
        return Result.isSuccess(checked)
          ? Result.succeed(JSON.stringify(checked.success))
          : Result.fail(messageOf(checked.failure))
      } catch (error) {
        // a getter or a transformation that throws, or one that has to wait
        return Result.fail(messageOf(error))
      }
    },
    decode: (text) => {
      try {
        return Result.mapError(decode(JSON.parse(text)), messageOf)
      } catch (error) {
        return Result.fail(messageOf(error))
      }
    }
  }
}
