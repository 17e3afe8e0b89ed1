/**
 * How the documentation's own test examples run: like any user's, but on the repository's sources.
 * The documentation tests pass it to vitest.
 */
import { join } from "node:path"
import { defineConfig } from "vitest/config"

const conditions = ["sluice-source", "node", "module", "import", "default"]

export default defineConfig({
  root: join(import.meta.dirname, "../../.cache/docs"),
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { include: ["**/*.test.ts"], execArgv: ["--conditions=sluice-source"] }
})
