/**
 * The Lua scripts of lua/*.lua: includes in place, comments stripped, each with the SHA-1 that EVALSHA wants.
 * Written by scripts/generate-lua.ts. Change the .lua files and run `npm run generate`; never change this file.
 */

/** Every script by its name in camel case. */
export const scripts = {} as const

/** The name of a script. */
export type ScriptName = keyof typeof scripts
