/**
 * Reads the settings of a table from where they may stand, the first place first, and remembers where each came from.
 *
 * Everything that is wrong is told at once, by the name of its variable; values are never repeated. An empty text counts
 * as not set.
 */
import type { ConfigProvider } from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Setting, Table, ValuesOf } from "./Setting.ts"

/** A place where settings stand: the environment, a file. */
export interface Source {
  readonly name: string
  readonly provider: ConfigProvider
}

/** The settings of this program are wrong: which, and how. Nothing was started. */
export class InvalidSettings extends Schema.TaggedError<InvalidSettings>()("InvalidSettings", {
  problems: Schema.Array(Schema.String)
}) {
  override get message() {
    return `The settings are not valid; nothing was started.\n${this.problems.map((one) => `  ${one}`).join("\n")}`
  }
}

/** One setting as it was found. */
export interface Found {
  readonly setting: Setting<unknown>
  readonly text: string | undefined
  /** The name of the source; `default` where no source has it. */
  readonly source: string
}

/** Every setting of the table as it was found, in the table's order. */
export const findSettings = Effect.fnUntraced(function*(
  table: Table,
  sources: ReadonlyArray<Source>
) {
  return yield* Effect.forEach(
    Object.entries(table),
    ([key, setting]) =>
      Effect.map(find(setting, sources), (found): Found & { readonly key: string } => ({ key, ...found }))
  )
})

const find = Effect.fnUntraced(function*(setting: Setting<unknown>, sources: ReadonlyArray<Source>) {
  for (const { name, provider } of sources) {
    const node = yield* Effect.orElseSucceed(provider.load([setting.name]), () => undefined)
    if (node?.value !== undefined && node.value !== "") return { setting, text: node.value, source: name }
  }
  return { setting, text: setting.default, source: "default" }
})

/** The values of a table, read. Fails with everything that is wrong. */
export const readSettings = Effect.fnUntraced(function*<T extends Table>(
  table: T,
  sources: ReadonlyArray<Source>
): Effect.fn.Return<ValuesOf<T>, InvalidSettings> {
  const found = yield* findSettings(table, sources)
  const problems: Array<string> = []
  const values: Record<string, unknown> = {}
  for (const { key, setting, source, text } of found) {
    const value = text === undefined ? Result.succeed(undefined) : setting.read(text)
    if (Result.isFailure(value)) problems.push(`${setting.name} (${source}): ${value.failure}`)
    else values[key] = value.success
  }
  if (problems.length > 0) return yield* new InvalidSettings({ problems })
  // every key was read by its own setting just now: the one place where that becomes a type
  return values as ValuesOf<T>
})
