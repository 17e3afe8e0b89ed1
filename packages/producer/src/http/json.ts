/**
 * Answers in JSON whose parts were written by others: their texts are put in as they are, never parsed and written anew.
 */
import * as HttpServerResponse from "effect/http/HttpServerResponse"

/** An answer of JSON text. */
export const jsonText = (
  text: string,
  status: number,
  headers?: Readonly<Record<string, string>>
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(text, { status, contentType: "application/json", headers: headers ?? {} })

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * The JSON of an object, and beside its own members those whose values are JSON already. A value that is no JSON (another
 * codec wrote it) is shown as a string; an absent one not at all.
 */
export const withRaw = (members: object, raw: Readonly<Record<string, string | undefined>>): string => {
  const own = JSON.stringify(members)
  const parts = Object.entries(raw).flatMap(([name, text]) =>
    text === undefined ? [] : [`${JSON.stringify(name)}:${isJson(text) ? text : JSON.stringify(text)}`]
  )
  if (parts.length === 0) return own
  return `${own.slice(0, -1)}${own === "{}" ? "" : ","}${parts.join(",")}}`
}
