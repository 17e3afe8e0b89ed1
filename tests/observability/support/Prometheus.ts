/**
 * A real Prometheus that scrapes some targets, for tests: on a free loopback port, with its data in a temporary folder.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** One series of an answer: its labels and its value. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [at: number, value: string]
}

/** What Prometheus answers; `data` is what the path is about. */
interface Answer<A> {
  readonly status: "success" | "error"
  readonly error?: string
  readonly data: A
}

/** A rule as Prometheus has read it. */
export interface Rule {
  readonly name: string
  readonly query: string
  readonly health: string
}

/** A running Prometheus. */
export interface Prometheus {
  /** The samples of an instant query. Fails on what is no query. */
  readonly query: (expression: string) => Promise<ReadonlyArray<Sample>>
  /** Asks until there is an answer that is wanted. */
  readonly until: (
    expression: string,
    isWanted: (samples: ReadonlyArray<Sample>) => boolean
  ) => Promise<ReadonlyArray<Sample>>
  /** The rules, once all of them have been evaluated. */
  readonly evaluated: () => Promise<ReadonlyArray<Rule>>
  readonly stop: () => Promise<void>
}

/** What it scrapes, and by which rules it alerts. */
export interface Options {
  readonly binary: string
  /** `host:port` of each target. */
  readonly targets: ReadonlyArray<string>
  readonly rules?: string
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  return typeof address === "object" && address !== null ? address.port : 0
}

const configOf = ({ rules, targets }: Options): string =>
  JSON.stringify({
    global: { scrape_interval: "250ms", evaluation_interval: "250ms" },
    rule_files: rules === undefined ? [] : [rules],
    scrape_configs: [{ job_name: "sluice", static_configs: [{ targets }] }]
  })

const ask = async <A>(url: string): Promise<A> => {
  const answer = await (await fetch(url)).json() as Answer<A>
  if (answer.status !== "success") throw new Error(`${url}: ${answer.error}`)
  return answer.data
}

/** Asks until an answer is wanted: a scrape happens when it happens. */
const eventually = async <A>(ask: () => Promise<A>, isWanted: (answer: A) => boolean): Promise<A> => {
  const deadline = performance.now() + 20_000
  let last = "nothing"
  for (;;) {
    const answer = await ask().catch((error: unknown) => {
      last = String(error)
      return undefined
    })
    if (answer !== undefined && isWanted(answer)) return answer
    if (answer !== undefined) last = JSON.stringify(answer)
    if (performance.now() > deadline) throw new Error(`still ${last} after 20 s`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const launch = (options: Options, port: number, folder: string): ChildProcess => {
  const config = join(folder, "prometheus.yml")
  // JSON is YAML, too
  writeFileSync(config, configOf(options))
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--log.level=warn"
  ]
  return spawn(options.binary, args, { stdio: ["ignore", "ignore", "ignore"] })
}

/** Starts one, and waits until it is ready. */
export const startPrometheus = async (options: Options): Promise<Prometheus> => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-prometheus-"))
  const port = await freePort()
  const child = launch(options, port, folder)
  const gone = once(child, "exit")
  const end = () => child.kill("SIGKILL")
  process.once("exit", end)
  const api = `http://127.0.0.1:${port}`
  await eventually(async () => (await fetch(`${api}/-/ready`)).status, (status) => status === 200)
  const query = async (expression: string) => {
    const { result } = await ask<{ readonly result: ReadonlyArray<Sample> }>(
      `${api}/api/v1/query?query=${encodeURIComponent(expression)}`
    )
    return result
  }
  return {
    query,
    until: (expression, isWanted) => eventually(() => query(expression), isWanted),
    evaluated: () =>
      eventually(async () => {
        const { groups } = await ask<{ readonly groups: ReadonlyArray<{ readonly rules: ReadonlyArray<Rule> }> }>(
          `${api}/api/v1/rules`
        )
        return groups.flatMap(({ rules }) => rules)
      }, (rules) => rules.every(({ health }) => health !== "unknown")),
    stop: async () => {
      end()
      await gone
      process.off("exit", end)
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
