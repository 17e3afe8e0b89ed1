/**
 * Everything that the program is told: its settings, its handlers, and which of them run where, checked together before
 * anything is started.
 */
import { InvalidSettings, readSettings, type Setting, type Source } from "@sluice/core/program"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as CommandHandler from "../handlers/CommandHandler.ts"
import type { Handlers } from "../handlers/Handlers.ts"
import * as HttpHandler from "../handlers/HttpHandler.ts"
import { commandOptions, commandTable, httpOptions, httpTable } from "./handlerSettings.ts"
import { loadHandlers } from "./loadHandlers.ts"
import { type Plan, plan } from "./queues.ts"
import { type Settings, table } from "./table.ts"

/** What the program is told. */
export interface Loaded {
  readonly settings: Settings
  /** Those of the module and those without code. */
  readonly handlers: ReadonlyArray<Handlers>
  readonly plan: Plan
}

/** Where the program stands. */
export interface Place {
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

const invalid = (problem: string) => new InvalidSettings({ problems: [problem] })

/** A value that may stand in a setting or in a file that another setting names. */
const either = Effect.fnUntraced(function*<A>(
  setting: Setting.Setting<A | undefined>,
  value: A | undefined,
  fileSetting: Setting.Setting<unknown>,
  path: string | undefined
) {
  if (path === undefined) return value
  if (value !== undefined) return yield* invalid(`${setting.name} and ${fileSetting.name}: one or the other`)
  const files = yield* FileSystem.FileSystem
  const text = yield* Effect.mapError(
    files.readFileString(path),
    () => invalid(`${fileSetting.name}: ${path} can't be read`)
  )
  return yield* Effect.fromResult(
    Result.mapError(setting.read(text), (problem) => invalid(`${fileSetting.name} (${path}): ${problem}`))
  )
})

/** What a handler's own check of its options says, with the names of the variables. */
const made = (names: string, make: () => Handlers<never>) =>
  Effect.try({
    try: make,
    catch: (error) => invalid(`${names}: ${error instanceof Error ? error.message : String(error)}`)
  })

const builtIns = Effect.fnUntraced(function*(settings: Settings, place: Place) {
  const { httpTargets, httpTargetsFile } = httpTable
  const { commands, commandsFile } = commandTable
  const targets = yield* either(httpTargets, settings.httpTargets, httpTargetsFile, settings.httpTargetsFile)
  const programs = yield* either(commands, settings.commands, commandsFile, settings.commandsFile)
  const http = yield* made("SLUICE_HTTP_*", () => HttpHandler.make(httpOptions(settings, targets ?? {})))
  const command = yield* made(
    "SLUICE_COMMAND*",
    () => CommandHandler.make(commandOptions(settings, programs ?? {}, place.environment))
  )
  return [http, command]
})

/** Reads and checks everything, and loads the module of handlers. Fails with what is wrong, by the names of the variables. */
export const loadSettings = Effect.fnUntraced(function*(sources: ReadonlyArray<Source>, place: Place) {
  const settings = yield* readSettings(table, sources)
  const withoutCode = yield* builtIns(settings, place)
  const module = settings.handlers === undefined ? undefined : yield* loadHandlers(settings.handlers, place.folder)
  const planned = plan({
    own: module?.tasks ?? [],
    builtIn: withoutCode.flatMap(({ tasks }) => tasks),
    asked: settings.queues,
    concurrency: settings.concurrency,
    total: settings.totalConcurrency
  })
  if (Result.isFailure(planned)) return yield* new InvalidSettings({ problems: planned.failure })
  const handlers = module === undefined ? withoutCode : [module, ...withoutCode]
  const loaded: Loaded = { settings, handlers, plan: planned.success }
  return loaded
})
