/**
 * What a program is asked for by its arguments: to run, to show its settings, or to show something about itself. Pure.
 *
 * Every program understands the same: `--print-config`, `--settings`, `--version`, `--help` or `-h`; one at a time. All
 * else comes from settings, so anything else is refused before anything is started.
 */
import * as Result from "effect/Result"
import type { Table } from "./Setting.ts"
import { settingsTable } from "./settingsTable.ts"

/** What a program is. */
export interface About {
  /** What `--help` shows. */
  readonly usage: string
  /** What `--version` shows. */
  readonly version: string
  /** What `--settings` shows, as a table in Markdown. */
  readonly table: Table
}

/** What is asked for: `run` and `printConfig` need the settings, a text only has to be shown. */
export type Invocation =
  | { readonly asks: "run" | "printConfig" }
  | { readonly asks: "text"; readonly text: string }

const shows: Readonly<Record<string, (about: About) => string>> = {
  "--help": ({ usage }) => usage,
  "-h": ({ usage }) => usage,
  "--version": ({ version }) => version,
  "--settings": ({ table }) => settingsTable(table)
}

/** Reads the arguments; the failure names the one that is wrong. */
export const invocation = (args: ReadonlyArray<string>, about: About): Result.Result<Invocation, string> => {
  const [first, second] = args
  if (first === undefined) return Result.succeed({ asks: "run" })
  const show = Object.hasOwn(shows, first) ? shows[first] : undefined
  if (show === undefined && first !== "--print-config") return Result.fail(`unknown argument ${first}; see --help`)
  if (second !== undefined) return Result.fail(`unknown argument ${second}; ${first} stands alone`)
  return Result.succeed(show === undefined ? { asks: "printConfig" } : { asks: "text", text: show(about) })
}
