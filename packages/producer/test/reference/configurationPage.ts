/**
 * Writes docs/reference/configuration.md from the table of settings. The test of the reference pages calls it.
 */
import { redisTable, settingsTable } from "@sluice/core/program"
import { telemetryTable } from "@sluice/core/telemetry"
import { programTable } from "../../src/settings/table.ts"

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

${settingsTable(programTable)}

## Logs, metrics and traces

The variables of OpenTelemetry mean what its specification says.

${settingsTable(telemetryTable)}

## Redis

${settingsTable(redisTable)}
`
