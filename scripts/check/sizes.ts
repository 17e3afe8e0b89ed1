/**
 * Holds source files to the size limit: at most 300 lines in packages/[name]/src and scripts.
 * `npm run check` calls it.
 * Generated files and test suites are exempt: nobody reads the first from top to bottom, and the second are lists.
 */
import { filesOf, read } from "./sourceFiles.ts"

const maximumLines = 300

const tooLong = filesOf("packages/*/src/**/*.ts", "scripts/**/*.{ts,mjs}")
  .filter((file) => !file.endsWith(".generated.ts") && !file.includes("/testing/conformance/"))
  .map((file) => ({ file, lines: read(file).trimEnd().split("\n").length }))
  .filter(({ lines }) => lines > maximumLines)

for (const { file, lines } of tooLong) {
  console.error(`${file}: ${lines} lines, at most ${maximumLines}. Which concept in it deserves a file of its own?`)
}
process.exitCode = tooLong.length === 0 ? 0 : 1
