/**
 * The benchmark runs and writes the JSON that machines read: a tenth of the jobs of some scenarios, a few seconds.
 * What the figures are is not tested here; that no job is lost or runs twice, every round proves by itself.
 */
import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const main = fileURLToPath(new URL("../bench/main.ts", import.meta.url))

const bench = (...args: ReadonlyArray<string>) =>
  promisify(execFile)(process.execPath, ["--conditions=sluice-source", main, ...args])

describe("the benchmark", () => {
  it("measures what it is asked to, prints it, and writes it as JSON", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"))
    try {
      const json = join(folder, "bench.json")
      const only = ["--only", "enqueue-bulk,process-c10", "--systems", "sluice,bullmq"]
      const { stdout } = await bench("--quick", ...only, "--json", json)
      assert.match(stdout, /process-c10[^]*sluice +[\d.]+k[^]*bullmq +[\d.]+k/)
      const { scenarios } = JSON.parse(readFileSync(json, "utf8"))
      assert.deepStrictEqual(scenarios.map(({ name }: { name: string }) => name), ["enqueue-bulk", "process-c10"])
      for (const { systems } of scenarios) {
        for (const field of ["jobsPerSecond", "redisMicros", "nodeMicros"]) {
          assert.isAbove(systems.sluice[field], 0)
          assert.isAbove(systems.bullmq[field], 0)
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 30_000)

  it("measures enqueues over HTTP, against the real producer and a lean server of BullMQ", async () => {
    const { stdout } = await bench("--quick", "--only", "http-enqueue-single,http-enqueue-bulk,http-enqueue-lines")
    assert.match(stdout, /http-enqueue-single:.*\n.*p99 ms.*\n +sluice +[\d.]+k?[^]*bullmq +[\d.]+k/)
    assert.match(stdout, /http-enqueue-bulk:.*\n.*p99 ms.*\n +sluice +[\d.]+k?[^]*bullmq +[\d.]+k/)
    assert.match(stdout, /http-enqueue-lines:.*\n.*p99 ms.*\n +sluice +[\d.]+k/)
  }, 120_000)

  it("refuses a scenario that it does not have, and names those it has", async () => {
    const failure = await bench("--only", "process-c7").then(() => undefined, (error: unknown) => error)
    assert.match(String(failure), /no scenario "process-c7"; there are: enqueue-bulk/)
  })
})
