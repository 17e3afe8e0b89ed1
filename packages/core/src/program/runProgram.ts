/**
 * The course of every program: read the arguments, show what is asked for, or load the settings and run.
 *
 * Wrong arguments and settings fail as `InvalidSettings` before anything is started. With `--print-config` the settings are
 * shown as they are, and then refused if they are wrong.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { FileSystem } from "effect/FileSystem"
import * as Result from "effect/Result"
import { type About, invocation } from "./Invocation.ts"
import { printConfig } from "./printConfig.ts"
import { findSettings, InvalidSettings, type Source } from "./readSettings.ts"
import { sources } from "./sources.ts"

/** What a program does with its settings. */
export interface Program<Loaded, E, R> extends About {
  /** Reads and checks everything that it is told. */
  readonly load: (places: ReadonlyArray<Source>) => Effect.Effect<Loaded, InvalidSettings, R>
  /** Runs until it is interrupted. */
  readonly serve: (loaded: Loaded) => Effect.Effect<unknown, E, R>
}

/** Runs a program by its arguments; ends by itself only where something was shown. */
export const runProgram = Effect.fnUntraced(function*<Loaded, E, R>(
  args: ReadonlyArray<string>,
  program: Program<Loaded, E, R>
): Effect.fn.Return<void, E | InvalidSettings, R | FileSystem> {
  const asked = invocation(args, program)
  if (Result.isFailure(asked)) return yield* new InvalidSettings({ problems: [asked.failure] })
  if (asked.success.asks === "text") return yield* Console.log(asked.success.text)
  const places = yield* sources
  const isShown = asked.success.asks === "printConfig"
  if (isShown) yield* Console.log(printConfig(yield* findSettings(program.table, places)))
  const loaded = yield* program.load(places)
  if (!isShown) yield* program.serve(loaded)
})
