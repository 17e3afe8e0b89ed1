/**
 * The test projects. `npm test` runs them all; `npm test -- --project unit` runs one.
 * Every project reads the packages' TypeScript sources through the condition `sluice-source`, so nothing has to be built.
 * Only the projects that need Redis start one, once for all of them: tests/support/globalSetup.ts.
 * Type tests (*.types.ts) are no project: the compiler checks them in `npm run check`.
 */
import { defineConfig, type UserProjectConfigExport } from "vitest/config"

/** Conditions of Vite's own default for the server side, after ours. */
const conditions = ["sluice-source", "node", "module", "import", "default"]

const root = import.meta.dirname

/** Files share a worker and its loaded modules: no test may leave anything behind in one. Loading cost most of the time. */
const shared = { isolate: false }

/** The tests on Redis follow those without, and the faults come last, alone: they are the ones that mind a busy machine. */
const redis = { globalSetup: [`${root}/tests/support/globalSetup.ts`], sequence: { groupOrder: 1 } }

const project = (name: string, include: ReadonlyArray<string>, test: object = {}): UserProjectConfigExport => ({
  root,
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { name, include: [...include], execArgv: ["--conditions=sluice-source"], ...test }
})

export default defineConfig({
  test: {
    projects: [
      project("unit", ["{packages,examples}/*/test/**/*.test.ts", "scripts/**/*.test.ts"], shared),
      project("redis", [
        "packages/*/test-redis/**/*.test.ts",
        "tests/{redis,producer,consumer,observability,demo}/**/*.test.ts"
      ], { ...redis, ...shared }),
      project("faults", ["tests/faults/**/*.test.ts"], {
        ...redis,
        sequence: { groupOrder: 2 },
        fileParallelism: false,
        testTimeout: 120_000,
        hookTimeout: 60_000
      }),
      project("packaging", ["tests/packaging/**/*.test.ts"], { testTimeout: 120_000, hookTimeout: 120_000 }),
      project("docs", ["tests/docs/**/*.test.ts"], { testTimeout: 60_000, hookTimeout: 60_000 })
    ]
  }
})
