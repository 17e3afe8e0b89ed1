/**
 * Writes docs/reference/benchmarks.md from the JSON of a full run: `node tests/bench/report.ts bench.json`.
 * The page says how to repeat the run, compares Sluice with BullMQ, explains what falls short, and holds every figure.
 * Refuses a run without both systems, and a shortfall that shortfalls.ts does not explain; then the page stays as it was.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { headline } from "./headline.ts"
import { fromJson, type Result } from "./Result.ts"
import { shortfalls } from "./shortfalls.ts"
import { asMarkdown, headlineRows, scenarioRows } from "./table.ts"

const page = new URL("../../docs/reference/benchmarks.md", import.meta.url)

const intro = `# Benchmarks

<!-- Written by tests/bench/report.ts from the JSON of a run. Change that script, not this page. -->

Sluice beside the queues people use on Redis today: BullMQ, bee-queue, and Effect's own PersistedQueue. Repeat it with

\`\`\`sh
npm run bench -- --json bench.json
npm exec -- node tests/bench/report.ts bench.json
\`\`\`

It takes about a quarter of an hour. \`--quick\` takes less than one and is rough; \`--only\` and \`--systems\` narrow it down.
`

const method = `## How it is measured

- One redis-server on loopback for all, started by the benchmark, without persistence. Each round runs in a fresh Node
  process on an empty Redis, and the systems take turns: A B C D, A B C D, ... so that a slow minute falls on all of them.
- A figure is the median of the rounds, with the lowest and the highest in brackets. Every round warms up first.
- Every system gets the same number of the same jobs, with a payload of about 90 bytes, and the settings that its own
  documentation recommends for speed; each file in \`tests/bench/systems\` names them. Finished jobs are removed at once
  in all of them. Sluice and PersistedQueue check each payload against a Schema; the other two do not.
- Producer and consumer run in one process and share nothing but Redis. Over HTTP the server is a process of its own:
  the program sluice-producer with its default settings and one API key; BullMQ behind \`node:http\` with no framework,
  no keys and no checks. The load is the same for both: kept connections, requests made beforehand, one at a time on
  each. Node µs are then the server's, and latencies are those that the client sees.
- Every round proves that each job ran exactly once and that Redis holds nothing unfinished at its end. A round that
  cannot is an error, not a figure.
- Redis µs and Node µs are microseconds of CPU time for each job, of the server and of the measured process.
`

const environment = (result: Result): string =>
  `## Where\n\n${Object.entries(result.environment).map(([name, value]) => `- ${name}: ${value}`).join("\n")}\n`

const explained = (result: Result): string => {
  const short = headline(result).filter(({ isMet }) => isMet === false)
  const unexplained = short.filter(({ scenario }) => shortfalls[scenario] === undefined)
  if (unexplained.length > 0) {
    const names = unexplained.map(({ scenario }) => scenario).join(", ")
    throw new Error(`${names}: short of the aim, and tests/bench/shortfalls.ts does not say why. Nothing was written.`)
  }
  if (short.length === 0) return "Every aim is met.\n"
  return `### What falls short, and what would close it\n\n${
    short.map(({ scenario }) => `**${scenario}.** ${shortfalls[scenario]}\n`).join("\n")
  }`
}

const compose = (result: Result): string => {
  const comparison = headlineRows(result)
  if (comparison.length === 0) throw new Error("the run lacks Sluice or BullMQ. Nothing was written.")
  const figures = result.scenarios.map((scenario) =>
    `### ${scenario.name}\n\n${scenario.title}\n\n${asMarkdown(scenarioRows(scenario))}\n`
  )
  return [
    intro,
    `## Sluice compared with BullMQ\n\nAbove 1x, Sluice is better.\n\n${asMarkdown(comparison)}\n`,
    explained(result),
    method,
    environment(result),
    `## All figures\n\n${figures.join("\n")}`
  ].join("\n")
}

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error("name the JSON file of a run: node tests/bench/report.ts bench.json")
writeFileSync(page, compose(fromJson(readFileSync(file, "utf8"))))
