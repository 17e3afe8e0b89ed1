/**
 * How a program logs: one line of JSON per message on standard output, from a level on.
 */
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type { LogLevel } from "effect/LogLevel"
import * as References from "effect/References"
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
} as const satisfies Readonly<Record<string, LogLevel>>

/** The name of a level, as settings have it. */
export type Level = keyof typeof levels

/** A setting that names a level. */
export const level = word(["trace", "debug", "info", "warn", "error", "fatal", "none"] satisfies ReadonlyArray<Level>)

/** Logs what is at least this severe. */
export const logging = (least: Level): Layer.Layer<never> =>
  Layer.merge(Logger.layer([Logger.consoleJson]), Layer.succeed(References.MinimumLogLevel, levels[least]))
