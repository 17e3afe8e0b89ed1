/**
 * Loads the module of handlers that a setting names, and checks that it is one: nothing is claimed by a program whose
 * handlers are not all there.
 *
 * A path is relative to the working folder; anything else is a package, looked for from there as well. TypeScript runs as it
 * is, as far as Node does it.
 */
import { InvalidSettings } from "@sluice/core/program"
import type * as Task from "@sluice/core/Task"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createRequire } from "node:module"
import { resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { Handlers } from "../handlers/Handlers.ts"

const invalid = (problem: string) => new InvalidSettings({ problems: [`SLUICE_HANDLERS: ${problem}`] })

const isPath = (text: string): boolean =>
  /^(\.{1,2}[\\/]|[\\/]|[A-Za-z]:[\\/])/.test(text) || /\.[cm]?[jt]s$/.test(text)

/** The address of the module. A package that can't be resolved from the folder is left to our own place. */
const addressOf = (text: string, folder: string): string => {
  if (isPath(text)) return pathToFileURL(resolve(folder, text)).href
  try {
    return pathToFileURL(createRequire(pathToFileURL(`${folder}/`)).resolve(text)).href
  } catch {
    return text
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : ""

/** Why a module could not be loaded: it is not there, or something in it went wrong. */
const reasonOf = (text: string, address: string, error: unknown): string => {
  const isNotFound = codeOf(error) === "ERR_MODULE_NOT_FOUND"
  if (isNotFound && isPath(text) && String(error).includes(`'${fileURLToPath(address)}' imported`)) {
    return `there is no file ${fileURLToPath(address)}`
  }
  if (isNotFound && String(error).includes(`package '${text}'`)) return `there is no package ${text}`
  return `${text} could not be loaded. ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** A task may be a class, and its definition comes from whatever copy of the core the module has. */
const isTask = (value: unknown): value is Task.Any =>
  (isObject(value) || typeof value === "function") &&
  "_tag" in value && typeof value._tag === "string" &&
  "queue" in value && isObject(value.queue) && typeof value.queue["name"] === "string" &&
  "definition" in value && isObject(value.definition) && typeof value.definition["decodePayload"] === "function"

const expected = "expected `export default Handlers.make({ tasks, layer })`"

/** Checks what a module exports: the default, or `tasks` and `layer` beside each other. */
const handlersOf = (
  text: string,
  module: Readonly<Record<string, unknown>>
): Effect.Effect<Handlers, InvalidSettings> => {
  const given = isObject(module["default"]) ? module["default"] : module
  const { layer, tasks } = given
  if (tasks === undefined && layer === undefined) {
    return Effect.fail(invalid(`${text} exports no handlers; ${expected}`))
  }
  if (!Array.isArray(tasks) || tasks.length === 0) {
    return Effect.fail(invalid(`\`tasks\` of ${text} is no list of tasks; ${expected}`))
  }
  const wrong = tasks.findIndex((task) => !isTask(task))
  if (wrong !== -1) return Effect.fail(invalid(`\`tasks[${wrong}]\` of ${text} is no task; ${expected}`))
  if (!Layer.isLayer(layer)) return Effect.fail(invalid(`\`layer\` of ${text} is no layer of effect 4; ${expected}`))
  // what a layer gives and asks for is not to be seen from outside: what it gives is checked when it has been built
  // @effect-diagnostics-next-line unsafeEffectTypeAssertion:off anyUnknownInErrorContext:off
  return Effect.succeed({ tasks: tasks.filter(isTask), layer: layer as Handlers["layer"] })
}

/** Loads the module that `text` names, seen from `folder`. Fails with what is wrong; the module has run by then. */
export const loadHandlers = (text: string, folder: string): Effect.Effect<Handlers, InvalidSettings> =>
  Effect.suspend(() => {
    const address = addressOf(text, folder)
    return Effect.tryPromise({
      try: (): Promise<Readonly<Record<string, unknown>>> => import(address),
      catch: (error) => invalid(reasonOf(text, address, error))
    })
  }).pipe(Effect.flatMap((module) => handlersOf(text, module)))
