/**
 * Loads the module of handlers that a setting names, and checks that it is one: nothing is claimed by a program whose
 * handlers are not all there.
 *
 * A path is relative to the working folder; anything else is a package, looked for from there, wherever this program is
 * installed. TypeScript runs as it is, as far as Node does it.
 */
import { InvalidSettings } from "@sluice/core/program"
import type * as Task from "@sluice/core/Task"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { registerHooks } from "node:module"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { Handlers } from "../handlers/Handlers.ts"

const invalid = (problem: string) => new InvalidSettings({ problems: [`SLUICE_HANDLERS: ${problem}`] })

const isPath = (text: string): boolean =>
  /^(\.{1,2}[\\/]|[\\/]|[A-Za-z]:[\\/])/.test(text) || /\.[cm]?[jt]s$/.test(text)

type Module = Readonly<Record<string, unknown>>

/** Stands for the package in `import`, until it is resolved. */
const marker = "sluice-handlers:"

/** Imports a package as a module of the folder would: from there, and by its exports for `import`. */
const importPackage = async (name: string, folder: string): Promise<Module> => {
  const parentURL = pathToFileURL(`${folder}/`).href
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === `${marker}${name}` ? next(name, { ...context, parentURL }) : next(specifier, context)
  })
  try {
    return await import(`${marker}${name}`)
  } finally {
    hooks.deregister()
  }
}

const importModule = (text: string, folder: string): Promise<Module> =>
  isPath(text) ? import(pathToFileURL(resolve(folder, text)).href) : importPackage(text, folder)

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : ""

/** Whether it is the module itself that is not there, and not one that it imports. */
const isMissing = (text: string, folder: string, error: unknown): boolean =>
  codeOf(error) === "ERR_MODULE_NOT_FOUND" &&
  String(error).includes(isPath(text) ? `'${resolve(folder, text)}' imported` : `package '${text}'`)

/** Why a module could not be loaded: it is not there, or something in it went wrong. */
const reasonOf = (text: string, folder: string, error: unknown): string => {
  if (isMissing(text, folder, error)) {
    return isPath(text) ? `there is no file ${resolve(folder, text)}` : `there is no package ${text} in ${folder}`
  }
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
  Effect.tryPromise({
    try: () => importModule(text, folder),
    catch: (error) => invalid(reasonOf(text, folder, error))
  }).pipe(Effect.flatMap((module) => handlersOf(text, module)))
