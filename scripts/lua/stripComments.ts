/**
 * Removes comments, indentation and blank lines from Lua source.
 * The Lua generator calls it on every script before the script is sent to Redis.
 * It promises the same program: strings, also long ones over several lines, keep every byte.
 * It does not check the syntax: the tests load each script into a real Redis.
 */

/** One piece of Lua: a comment, a string, or the code between them. `[=[ ... ]=]` counts as a string. */
const piece =
  /--\[(=*)\[[\s\S]*?\]\1\]|--[^\n]*|\[(=*)\[[\s\S]*?\]\2\]|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g

/** Where code lines are trimmed, a long string must not be: this character stands in for its line breaks meanwhile. */
const heldLineBreak = "\u0000"

/** Returns the program with one statement line per line and a line break at the end; an empty program stays empty. */
export const stripComments = (source: string): string => {
  const kept = source.replaceAll("\r\n", "\n").replace(piece, (text) => {
    if (text.startsWith("--")) return " "
    return text.replaceAll("\n", heldLineBreak)
  })
  const lines = kept.split("\n").map((line) => line.trim()).filter((line) => line !== "")
  return lines.map((line) => `${line}\n`).join("").replaceAll(heldLineBreak, "\n")
}
