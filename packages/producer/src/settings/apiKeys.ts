/**
 * Reads API keys from the text of a setting or a file: `<name>:<scopes>:<key>`, by commas or new lines. Pure.
 *
 * Lines that begin with `#` are left out. What is wrong is told by the place of the entry, never by its text.
 */
import { Scope } from "@sluice/core/api"
import { Setting } from "@sluice/core/program"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { ApiKey } from "../ProducerOptions.ts"

/** The shortest key: anything shorter can be guessed. */
const minimumLength = 16

const isScope = Schema.is(Scope)

const secretOf = (text: string): Result.Result<ApiKey["secret"], string> => {
  if (text.startsWith("sha256=")) {
    const sha256 = text.slice("sha256=".length).toLowerCase()
    return /^[0-9a-f]{64}$/.test(sha256) ? Result.succeed({ sha256 }) : Result.fail("sha256= needs 64 hex digits")
  }
  return text.length >= minimumLength
    ? Result.succeed({ plain: Redacted.make(text) })
    : Result.fail(`the key is shorter than ${minimumLength} characters`)
}

const entry = (text: string): Result.Result<ApiKey, string> => {
  const [, name, scopes, key] = /^([A-Za-z0-9._-]{1,64}):([a-z+]+):(\S+)$/.exec(text) ?? []
  if (name === undefined || scopes === undefined || key === undefined) {
    return Result.fail("expected <name>:<scopes>:<key>, such as shop:enqueue+read:<16 or more characters>")
  }
  const words = scopes.split("+")
  const known = words.filter(isScope)
  if (known.length !== words.length) return Result.fail("the scopes are enqueue, read and operate, with + between them")
  return Result.map(secretOf(key), (secret) => ({ name, scopes: known, secret }))
}

/** The keys of a text; the failure says which entry is wrong and how. */
export const readApiKeys = (text: Redacted.Redacted): Result.Result<ReadonlyArray<ApiKey>, string> => {
  const entries = Redacted.value(text).split(/[\n,]/).map((one) => one.trim())
    .filter((one) => one !== "" && !one.startsWith("#"))
  return Result.all(
    entries.map((one, index) => Result.mapError(entry(one), (problem) => `entry ${index + 1}: ${problem}`))
  )
}

/** The text of keys as it may be shown: their names and scopes, without the keys. */
export const maskKeys = (text: string): string =>
  text.split(/[\n,]/).map((one) => {
    const [, open] = /^\s*([A-Za-z0-9._-]+:[a-z+]+:)/.exec(one) ?? []
    return `${open ?? ""}${Setting.redacted}`
  }).join(",")
