/**
 * Shows the effective settings, as lines that an env file could hold, with where each came from. Secrets are masked. Pure.
 */
import type { Found } from "./readSettings.ts"

/** A value with white space, quotes or # needs quotes in an env file. */
const quoted = (text: string): string => /[\s"'#]/.test(text) ? JSON.stringify(text) : text

/** One line per setting. */
export const printConfig = (found: ReadonlyArray<Found>): string =>
  found.map(({ setting, source, text }) =>
    text === undefined || text === ""
      ? `# ${setting.name} is not set`
      : `${setting.name}=${quoted(setting.mask(text))} # ${source}`
  ).join("\n")
