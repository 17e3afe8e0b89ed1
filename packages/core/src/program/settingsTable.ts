/**
 * Writes the settings of a program as a table in Markdown, for its reference page. Pure.
 *
 * Columns are padded as the formatter pads them, so that a generated page is a formatted page.
 */
import type { Setting, Table } from "./Setting.ts"

const head = ["variable", "type", "default", "unit", "meaning"] as const

const cellsOf = ({ default: fallback, meaning, name, type, unit }: Setting<unknown>): ReadonlyArray<string> => [
  `\`${name}\``,
  type,
  fallback === undefined || fallback === "" ? "not set" : `\`${fallback}\``,
  unit,
  meaning
]

const escaped = (cell: string): string => cell.replaceAll("|", "\\|")

/** The table, a line per setting, without an end of line at its end. */
export const settingsTable = (table: Table): string => {
  const rows = [head, ...Object.values(table).map((setting) => cellsOf(setting).map(escaped))]
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`
  const [first, ...others] = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column]!))))
  return [first, line(widths.map((width) => "-".repeat(width))), ...others].join("\n")
}
