/**
 * Where the program's settings stand: the environment first, then the file `.env` (or the one that SLUICE_ENV_FILE names).
 */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { InvalidSettings, type Source } from "./readSettings.ts"

const textOf = Effect.fnUntraced(function*(provider: ConfigProvider.ConfigProvider, name: string) {
  const node = yield* Effect.orElseSucceed(provider.load([name]), () => undefined)
  return node?.value
})

/** The sources, the first wins. A file that is named has to be there; `.env` need not. */
export const sources = Effect.gen(function*() {
  const environment = yield* ConfigProvider.ConfigProvider
  const named = yield* textOf(environment, "SLUICE_ENV_FILE")
  const path = named ?? ".env"
  const files = yield* FileSystem.FileSystem
  const first: Source = { name: "environment", provider: environment }
  if (named === undefined && !(yield* Effect.orElseSucceed(files.exists(path), () => false))) return [first]
  const provider = yield* Effect.mapError(
    ConfigProvider.fromDotEnv({ path }),
    () => new InvalidSettings({ problems: [`SLUICE_ENV_FILE: ${path} can't be read`] })
  )
  return [first, { name: path, provider }]
})
