/**
 * The tables of docs/reference/telemetry.md, made from the names in the code. The docs tests compare the page with them;
 * `npm run try -- tests/docs/telemetryPage.ts` writes them into it, between their markers, and touches nothing else.
 */
import * as MetricNames from "@sluice/core/MetricNames"
import { settingsTable } from "@sluice/core/program"
import * as SpanNames from "@sluice/core/SpanNames"
import { telemetryTable } from "@sluice/core/telemetry"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./fences.ts"

/** The page. */
export const path = join(root, "docs/reference/telemetry.md")

/** A table in Markdown, padded as the formatter pads. */
const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const escaped = rows.map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")))
  const widths = escaped[0]!.map((_, column) => Math.max(...escaped.map((cells) => cells[column]!.length)))
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`
  const [head, ...others] = escaped
  return [line(head!), line(widths.map((width) => "-".repeat(width))), ...others.map(line)].join("\n")
}

const code = (text: string): string => `\`${text}\``
const codes = (texts: ReadonlyArray<string>): string => texts.length === 0 ? "none" : texts.map(code).join(", ")

const metrics = () =>
  table([
    ["metric", "in Prometheus", "kind", "unit", "attributes", "meaning"],
    ...MetricNames.all.map((one) => [
      code(one.name),
      code(MetricNames.prometheusName(one)),
      one.kind,
      code(one.unit),
      codes(one.attributes),
      one.description
    ])
  ])

const spans = () =>
  table([
    ["span", "kind", "attributes", "when"],
    ...SpanNames.all.map((one) => [code(one.nameOf(one.about)), one.kind, codes(one.attributes), one.description])
  ])

const tables: Readonly<Record<string, () => string>> = {
  metrics,
  spans,
  settings: () => settingsTable(telemetryTable)
}

/** The page with its tables as they have to be. Fails where a marker is missing. */
export const written = (text: string): string =>
  Object.entries(tables).reduce((page, [name, make]) => {
    const marked = new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`)
    if (!marked.test(page)) throw new Error(`the page has no markers for ${name}`)
    return page.replace(marked, () => `<!-- ${name} -->\n\n${make()}\n\n<!-- /${name} -->`)
  }, text)

if (process.argv[1] === import.meta.filename) {
  writeFileSync(path, written(readFileSync(path, "utf8")))
  console.log(`${path} is written`)
}
