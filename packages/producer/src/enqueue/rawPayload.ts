/**
 * Finds the exact text of `payload` in a JSON text, so that it is passed on as it was sent: JSON.parse turns 1e400 into
 * Infinity and drops digits of a long number.
 *
 * The text has to be valid JSON: callers parse it first. Then brackets outside strings always match, and one pass with a
 * depth is enough. Of two members of one name the last counts, as in JSON.parse.
 */

const quote = 34
const comma = 44
const openBracket = 91
const backslash = 92
const closeBracket = 93
const openBrace = 123
const closeBrace = 125

/** The first place at or after `at` that is not white space. */
const pastSpace = (text: string, at: number): number => {
  let index = at
  for (;;) {
    const unit = text.charCodeAt(index)
    if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) return index
    index++
  }
}

/** The place after the string that opens at `at`. */
const pastString = (text: string, at: number): number => {
  let close = at
  for (;;) {
    close = text.indexOf("\"", close + 1)
    let before = close - 1
    while (text.charCodeAt(before) === backslash) before--
    // an even number of backslashes escape each other, not the quote
    if ((close - before) % 2 === 1) return close + 1
  }
}

/** The place after the object or the array that opens at `at`. */
const pastNested = (text: string, at: number): number => {
  let depth = 0
  let index = at
  for (;;) {
    const unit = text.charCodeAt(index)
    if (unit === quote) {
      index = pastString(text, index)
      continue
    }
    if (unit === openBrace || unit === openBracket) depth++
    else if ((unit === closeBrace || unit === closeBracket) && --depth === 0) return index + 1
    index++
  }
}

/** The place after the value that begins at `at`. */
const pastValue = (text: string, at: number): number => {
  const first = text.charCodeAt(at)
  if (first === quote) return pastString(text, at)
  if (first === openBrace || first === openBracket) return pastNested(text, at)
  let index = at
  for (;;) {
    const unit = text.charCodeAt(index)
    // a number or a word ends at a sign, at white space, or with the text (NaN)
    if (!(unit > 32) || unit === comma || unit === closeBrace || unit === closeBracket) return index
    index++
  }
}

/** A name may be written with escapes, as `"p\u0061yload"`. */
const isPayload = (name: string): boolean =>
  name === "\"payload\"" || (name.includes("\\") && JSON.parse(name) === "payload")

/** The payload of the object that opens at `at`, and the place after the object. */
const inObject = (text: string, at: number): { readonly raw: string | undefined; readonly end: number } => {
  let raw: string | undefined
  let index = pastSpace(text, at + 1)
  while (text.charCodeAt(index) === quote) {
    const nameEnd = pastString(text, index)
    const valueStart = pastSpace(text, pastSpace(text, nameEnd) + 1)
    const valueEnd = pastValue(text, valueStart)
    if (isPayload(text.slice(index, nameEnd))) raw = text.slice(valueStart, valueEnd)
    const sign = pastSpace(text, valueEnd)
    if (text.charCodeAt(sign) !== comma) return { raw, end: sign + 1 }
    index = pastSpace(text, sign + 1)
  }
  return { raw, end: index + 1 }
}

/** The text of the payload of an object; `undefined` when it has none, or the text is no object. */
export const ofObject = (text: string): string | undefined => {
  const start = pastSpace(text, 0)
  return text.charCodeAt(start) === openBrace ? inObject(text, start).raw : undefined
}

/** The texts of the payloads of an array's elements, in order. The text has to be that of an array. */
export const ofArray = (text: string): ReadonlyArray<string | undefined> => {
  const found: Array<string | undefined> = []
  let index = pastSpace(text, pastSpace(text, 0) + 1)
  while (text.charCodeAt(index) !== closeBracket) {
    if (text.charCodeAt(index) === openBrace) {
      const { end, raw } = inObject(text, index)
      found.push(raw)
      index = pastSpace(text, end)
    } else {
      found.push(undefined)
      index = pastSpace(text, pastValue(text, index))
    }
    if (text.charCodeAt(index) === comma) index = pastSpace(text, index + 1)
  }
  return found
}
