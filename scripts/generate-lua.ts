/**
 * Turns packages/core/src/broker/redis/lua/*.lua into Scripts.generated.ts, so that the published package needs no files.
 * `npm run generate` calls it to write; `npm run check` calls it with `--check`, and it then only compares.
 * It promises the same output for the same folder, and it refuses a script without a contract header or with too long a body.
 * It does not talk to Redis: that a script loads is for the broker's tests.
 */
import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { readScripts, type Script } from "./lua/readScripts.ts"

const root = join(import.meta.dirname, "..")
const folder = join(root, "packages/core/src/broker/redis/lua")
const target = join(root, "packages/core/src/broker/redis/Scripts.generated.ts")

const camelCase = (name: string): string => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

const templateLiteral = (text: string): string => `\`${text.replace(/[\\`]|\$\{/g, (found) => `\\${found}`)}\``

const entry = ({ lua, name }: Script): string =>
  `  ${camelCase(name)}: {
    name: ${JSON.stringify(name)},
    sha1: ${JSON.stringify(createHash("sha1").update(lua).digest("hex"))},
    lua: ${templateLiteral(lua)}
  }`

const render = (scripts: ReadonlyArray<Script>): string =>
  `/**
 * The Lua scripts of lua/*.lua: includes in place, comments stripped, each with the SHA-1 that EVALSHA wants.
 * Written by scripts/generate-lua.ts. Change the .lua files and run \`npm run generate\`; never change this file.
 */

/** Every script by its name in camel case. */
export const scripts = {${scripts.length === 0 ? "" : `\n${scripts.map(entry).join(",\n")}\n`}} as const

/** The name of a script. */
export type ScriptName = keyof typeof scripts
`

const main = (): number => {
  const { problems, scripts } = readScripts(folder)
  problems.forEach((problem) => console.error(`lua/${problem}`))
  const content = render(scripts)
  const current = existsSync(target) ? readFileSync(target, "utf8") : ""
  const name = relative(root, target)
  if (!process.argv.includes("--check")) {
    if (current !== content) writeFileSync(target, content)
    console.log(`${name}: ${scripts.length} scripts, ${current === content ? "unchanged" : "written"}`)
  } else if (current !== content) {
    console.error(`${name} is not what the .lua files say. Run: npm run generate`)
    return 1
  }
  return problems.length === 0 ? 0 : 1
}

process.exitCode = main()
