/**
 * What the programs share: settings, with their reading, showing and documenting; patience at start; logging.
 *
 * For `sluice-producer` and `sluice-consumer`. A library needs none of it.
 */
export { type Level, level, logging } from "./logging.ts"
export { patiently } from "./patiently.ts"
export { printConfig } from "./printConfig.ts"
export { findSettings, type Found, InvalidSettings, readSettings, type Source } from "./readSettings.ts"
export { redisOptions, redisTable } from "./redisTable.ts"
export * as Setting from "./Setting.ts"
export { settingsTable } from "./settingsTable.ts"
export { sources } from "./sources.ts"
