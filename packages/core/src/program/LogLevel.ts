/**
 * The levels of a program's log, as settings name them and as Effect does. Pure.
 */
import type * as Effect from "effect/LogLevel"
import { word } from "./Setting.ts"

/** Effect's names of the levels. */
export const levels = {
  trace: "Trace",
  debug: "Debug",
  info: "Info",
  warn: "Warn",
  error: "Error",
  fatal: "Fatal",
  none: "None"
} as const satisfies Readonly<Record<string, Effect.LogLevel>>

/** The name of a level, as settings have it. */
export type Level = keyof typeof levels

/** A setting that names a level. */
export const level = word(["trace", "debug", "info", "warn", "error", "fatal", "none"] satisfies ReadonlyArray<Level>)
