/**
 * What the programs share: their arguments; settings, with their reading, showing and documenting; patience at start.
 *
 * For `sluice-producer` and `sluice-consumer`. A library needs none of it.
 */
export type { About } from "./Invocation.ts"
export { type Level, level } from "./LogLevel.ts"
export { patiently } from "./patiently.ts"
export { printConfig } from "./printConfig.ts"
export { findSettings, type Found, InvalidSettings, readSettings, type Source } from "./readSettings.ts"
export { redisOptions, redisTable } from "./redisTable.ts"
export { type Program, runProgram } from "./runProgram.ts"
export * as Setting from "./Setting.ts"
export { settingsTable } from "./settingsTable.ts"
export { sources } from "./sources.ts"
