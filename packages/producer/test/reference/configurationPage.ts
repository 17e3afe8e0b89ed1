/**
 * Writes docs/reference/configuration.md from the table of settings. The test of the reference pages calls it.
 */
import type { Setting } from "../../src/settings/Setting.ts"
import { redisTable, table } from "../../src/settings/table.ts"

const cell = (text: string): string => text.replaceAll("|", "\\|")

const fallback = ({ default: text }: Setting<unknown>): string =>
  text === undefined || text === "" ? "not set" : `\`${text}\``

const rows = (settings: Readonly<Record<string, Setting<unknown>>>): string =>
  Object.values(settings).map((setting) =>
    `| \`${setting.name}\` | ${cell(setting.type)} | ${fallback(setting)} | ${setting.unit} | ${
      cell(setting.meaning)
    } |`
  ).join("\n")

const head = "| variable | type | default | unit | meaning |\n| --- | --- | --- | --- | --- |\n"

/** The page. */
export const configurationPage = (): string =>
  `# Configuration

This page is generated from the table of settings in the code.

A setting comes from the environment; where that has none, from the file \`.env\` in the working folder (or the file that
\`SLUICE_ENV_FILE\` names); else from its default. An empty value counts as not set. Settings are checked at start, all of
them: a wrong one is told by its name, nothing is started, and the exit code is 2.

\`sluice-producer --print-config\` shows what holds, and where each value comes from, with secrets left out.

- A duration is a number of milliseconds, or a number with a unit: \`250ms\`, \`30s\`, \`5 minutes\`, \`1.5 hours\`, \`30 days\`.
- A size is a number of bytes, or a number with a unit: \`500kB\`, \`8 MiB\`, \`1 GiB\`.

## sluice-producer

${head}${rows(table)}

## Redis

${head}${rows(redisTable)}
`
