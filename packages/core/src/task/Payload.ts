/**
 * A payload that has changed its shape: its versions in order, each with the way up from the one before.
 *
 * For `Task.make`'s option `payload`, where a plain record of fields or one schema is a payload of one version. A
 * version's number is its position, so versions are only ever added at the end. The newest is written; all are read.
 * Keep a version as long as jobs of it may be waiting.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type AnyCodec, make as makeCodec } from "./JsonCodec.ts"

/** The fields of a payload, each with a schema that needs no services. */
export type Fields = { readonly [field: string]: AnyCodec }

/** What describes one version: a record of fields, or any schema that needs no services. */
export type Source = Fields | AnyCodec

/** What a value of a source is. */
export type Value<S> = S extends AnyCodec ? S["Type"] : S extends Fields ? Schema.Struct.Type<S> : never

/** The versions of a payload; `Newest` is what the last one holds. */
export interface Payload<out Newest> {
  readonly "~@sluice/core/Payload": { readonly newest: () => Newest }
  /**
   * Adds a version, and how a value of the version before becomes one of it. The way up is pure. A job whose way up
   * throws, or leads to what the newest schema refuses, can't be decoded, and ends as dead.
   */
  readonly next: <const S extends Source>(source: S, migrate: (previous: Newest) => Value<S>) => Payload<Value<S>>
}

/** One version: its schema, and the way to it from the version before (none for the first). */
interface Version {
  readonly schema: AnyCodec
  readonly migrate: (previous: unknown) => unknown
}

interface Versioned<Newest> extends Payload<Newest> {
  readonly versions: ReadonlyArray<Version>
}

const schemaOf = (source: Source): AnyCodec => isCodec(source) ? source : Schema.Struct(source)
const isCodec = (source: Source): source is AnyCodec => Schema.isSchema(source)

const from = <Newest>(versions: ReadonlyArray<Version>): Versioned<Newest> => ({
  "~@sluice/core/Payload": { newest: () => versions as Newest },
  versions,
  next: (source, migrate) =>
    // a migration is only ever called with what the version before it has decoded
    from([...versions, { schema: schemaOf(source), migrate: migrate as Version["migrate"] }])
})

const only = (source: Source): Version => ({ schema: schemaOf(source), migrate: (previous) => previous })

/** Begins with version 1. */
export const make = <const S extends Source>(source: S): Payload<Value<S>> => from([only(source)])

// a record of fields, or a schema, has no such key: whoever has it was made by `from`
const isVersioned = (payload: Source | Payload<unknown>): payload is Versioned<unknown> =>
  "~@sluice/core/Payload" in payload

const versionsOf = (payload: Source | Payload<unknown>): ReadonlyArray<Version> =>
  isVersioned(payload) ? payload.versions : [only(payload as Source)]

/** How a payload is written and read; what `Definition` holds of it. Internal. */
export interface Codec {
  readonly version: number
  /** The schema of each version, in order. */
  readonly schemas: ReadonlyArray<AnyCodec>
  readonly encode: (payload: unknown) => Result.Result<string, string>
  /**
   * Decodes by the version's own schema, then goes up version by version. A migration that throws, or whose result does
   * not fit the newest version, is a failure.
   */
  readonly decode: (version: number, text: string) => Result.Result<unknown, string>
}

const migrateAll = (value: unknown, steps: ReadonlyArray<Version>): Result.Result<unknown, string> => {
  try {
    return Result.succeed(steps.reduce((previous, step) => step.migrate(previous), value))
  } catch (error) {
    return Result.fail(`its migration failed: ${String(error)}`)
  }
}

/** Builds the codec of a payload. Internal. */
export const codecOf = (payload: Source | Payload<unknown>): Codec => {
  const versions = versionsOf(payload)
  const codecs = versions.map(({ schema }) => makeCodec(schema))
  const newest = codecs[codecs.length - 1]!
  const check = Schema.decodeUnknownResult(Schema.toType(versions[versions.length - 1]!.schema))
  return {
    version: codecs.length,
    schemas: versions.map(({ schema }) => schema),
    encode: newest.encode,
    decode: (version, text) => {
      const codec = codecs[version - 1]
      if (codec === undefined) return Result.fail(`there is no version ${version}; the newest is ${codecs.length}`)
      const decoded = codec.decode(text)
      if (version === codecs.length || Result.isFailure(decoded)) return decoded
      const migrated = migrateAll(decoded.success, versions.slice(version))
      if (Result.isFailure(migrated)) return migrated
      return Result.mapError(
        check(migrated.success),
        (error) => `version ${version} was migrated to a misfit: ${error.message}`
      )
    }
  }
}
