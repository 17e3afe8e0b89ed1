/**
 * Everything that the program is told: its settings, its API keys and its certificate, checked together before anything
 * is started.
 */
import { InvalidSettings, readSettings, type Source } from "@sluice/core/program"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { ApiKey } from "../ProducerOptions.ts"
import { readApiKeys } from "../settings/apiKeys.ts"
import { type Settings, table } from "../settings/table.ts"
import { conflictsOf } from "../settings/toOptions.ts"
import { type Certificate, certificateProblem } from "./certificate.ts"

/** What the program is told. */
export interface Loaded {
  readonly settings: Settings
  readonly keys: ReadonlyArray<ApiKey>
  readonly tls: Certificate | undefined
}

const invalid = (problem: string) => new InvalidSettings({ problems: [problem] })

const fileText = Effect.fnUntraced(function*(name: string, path: string) {
  const files = yield* FileSystem.FileSystem
  return yield* Effect.mapError(files.readFileString(path), () => invalid(`${name}: ${path} can't be read`))
})

const keysOf = (name: string, text: Redacted.Redacted | undefined) =>
  text === undefined
    ? Effect.succeed([])
    : Effect.fromResult(Result.mapError(readApiKeys(text), (problem) => invalid(`${name}: ${problem}`)))

const allKeys = Effect.fnUntraced(function*({ apiKeys, apiKeysFile }: Settings) {
  const fromFile = apiKeysFile === undefined ? undefined : yield* fileText("SLUICE_API_KEYS_FILE", apiKeysFile)
  return [
    ...(yield* keysOf("SLUICE_API_KEYS", apiKeys)),
    ...(yield* keysOf("SLUICE_API_KEYS_FILE", fromFile === undefined ? undefined : Redacted.make(fromFile)))
  ]
})

const certificateOf = Effect.fnUntraced(function*({ tlsCert, tlsKey }: Settings) {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  const tls: Certificate = {
    cert: yield* fileText("SLUICE_TLS_CERT_FILE", tlsCert),
    key: yield* fileText("SLUICE_TLS_KEY_FILE", tlsKey)
  }
  const problem = certificateProblem(tls)
  return problem === undefined ? tls : yield* invalid(problem)
})

/** Reads and checks everything. Fails with what is wrong, by the names of the variables. */
export const loadSettings = Effect.fnUntraced(function*(
  sources: ReadonlyArray<Source>
): Effect.fn.Return<Loaded, InvalidSettings, FileSystem.FileSystem> {
  const settings = yield* readSettings(table, sources)
  const keys = yield* allKeys(settings)
  const problems = conflictsOf(settings, keys)
  if (problems.length > 0) return yield* new InvalidSettings({ problems })
  return { settings, keys, tls: yield* certificateOf(settings) }
})
