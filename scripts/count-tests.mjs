/**
 * Prints `N passed, N failed` alone on a line from vitest's JSON report, so that a machine can read how the tests went.
 * `.ci/run` calls it last, with the report's path. No report, or an empty one, counts as one failure.
 * It fails when a test failed. A file that could not be loaded counts as one failed test.
 */
import { existsSync, readFileSync } from "node:fs"

const [path = ""] = process.argv.slice(2)
const report = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { testResults: [] }

const unloaded = report.testResults.filter(({ assertionResults, status }) => {
  return status === "failed" && !assertionResults.some((result) => result.status === "failed")
})
const passed = report.numPassedTests ?? 0
const failed = (report.numFailedTests ?? 0) + unloaded.length + (passed === 0 ? 1 : 0)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
