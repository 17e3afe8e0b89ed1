import * as MetricNames from "@sluice/core/MetricNames"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, inject, it, type TestContext } from "vitest"
import { uniquePrefix } from "../support/uniquePrefix.ts"
import { type App, startApp } from "./support/App.ts"
import { filled, labelsIn, metricsIn, samplesOf } from "./support/Expression.ts"
import { type Prometheus, startPrometheus } from "./support/Prometheus.ts"
import { prometheusBinary } from "./support/PrometheusBinary.ts"
import { type Sink, startSink } from "./support/Sink.ts"

const docs = join(import.meta.dirname, "../../docs/observability")
const alerts = join(docs, "alerts.yaml")

interface Panel {
  readonly title: string
  readonly targets?: ReadonlyArray<{ readonly expr: string }>
}

const dashboard = JSON.parse(readFileSync(join(docs, "dashboard.json"), "utf8")) as {
  readonly panels: ReadonlyArray<Panel>
  readonly templating: { readonly list: ReadonlyArray<{ readonly definition?: string }> }
}

const panels = dashboard.panels.flatMap(({ targets = [], title }) => targets.map(({ expr }) => [title, expr] as const))

/** The dashboard's variables, as the expressions that they stand for. */
const variables = dashboard.templating.list.flatMap(({ definition }) => {
  const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(definition ?? "") ?? []
  return metric === undefined ? [] : [["variables", `${metric}{${label}=""}`] as const]
})

const order = (app: App, url: string, fail: boolean) =>
  fetch(`${app.url}/orders/1`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ url, fail })
  })

let app: App
let sink: Sink
let page: string

const scrape = async () => (await fetch(`${app.url}/metrics`)).text()

// one application that has done what applications do: three jobs that went well, one that died, one bad request
beforeAll(async () => {
  sink = await startSink()
  app = await startApp({ redisUrl: inject("redisUrl"), prefix: uniquePrefix("prometheus"), env: {} })
  for (const fail of [false, false, false, true]) {
    assert.strictEqual((await order(app, sink.url, fail)).status, 200)
    await sink.next()
  }
  await fetch(`${app.url}/orders/1`, { method: "POST", body: "{}" })
  // the duties have their first turn within a second
  while (!(page = await scrape()).includes("sluice_maintenance_jobs_total")) await pause(100)
}, 20_000)

afterAll(async () => {
  await app.stop()
  await sink.stop()
})

describe("the dashboard and the alert rules", () => {
  // the rules as texts: Prometheus reads the same file below
  const rules = readFileSync(alerts, "utf8").replace(/^#.*$/gm, "").split(/^ {6}- alert: /m).slice(1)
    .map((rule) => [rule.split("\n", 1)[0]!, /expr:(.*?)\n {8}(?:for|labels):/s.exec(rule)?.[1] ?? ""] as const)

  it("speak of metrics and labels that a real page has", () => {
    const samples = samplesOf(page)
    for (const [title, expression] of [...panels, ...rules, ...variables]) {
      const names = metricsIn(expression)
      assert.isNotEmpty(names, `${title}: ${expression}`)
      for (const name of names) assert.isTrue(samples.has(name), `${title}: there is no ${name}`)
      // a metric that failed calls have has the error's label only when one has failed
      const labels = new Set([...names.flatMap((name) => [...samples.get(name)!]), "error_type"])
      for (const label of labelsIn(expression)) assert.isTrue(labels.has(label), `${title}: there is no label ${label}`)
    }
    assert.isAbove(panels.length, 30)
    assert.isAbove(rules.length, 10)
  })

  it("leave out none of our metrics", () => {
    const shown = new Set([...panels, ...rules].flatMap(([, expression]) => metricsIn(expression)))
    const base = (name: string) => name.replace(/_(?:bucket|sum|count)$/, "")
    const bases = new Set([...shown].map(base))
    const missing = MetricNames.all.map((one) => MetricNames.prometheusName(one)).filter((name) => !bases.has(name))
    assert.deepStrictEqual(missing, ["sluice_queues_hidden"])
  })
})

describe("the page of a real process", () => {
  it("has no metric of ours that is not in the list, and each with its type and its meaning", () => {
    const known = new Map(MetricNames.all.map((one) => [MetricNames.prometheusName(one), one]))
    const families = [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
    assert.isAbove(families.length, 18)
    for (const [, name = "", type] of families) {
      assert.strictEqual(known.get(name)?.kind, type, name)
      assert.include(page, `# HELP ${name} ${known.get(name)?.description}`)
    }
  })

  it("gives metrics exactly the attributes that the list says", () => {
    const samples = samplesOf(page)
    for (const definition of MetricNames.all) {
      const name = MetricNames.prometheusName(definition)
      const found = samples.get(definition.kind === "histogram" ? `${name}_bucket` : name) ?? new Set()
      const said = new Set([...definition.attributes.map((one) => one.replaceAll(".", "_")), "le"])
      for (const label of found) assert.isTrue(said.has(label), `${name} has a label ${label}`)
    }
  })
})

describe("a real Prometheus", () => {
  const binary = prometheusBinary()
  const skipWithout = (context: TestContext) => typeof binary === "string" ? context.skip(binary) : binary

  /** Runs a test on one that scrapes the application and has read our rules. */
  const scraping = async (context: TestContext, test: (prometheus: Prometheus) => Promise<void>) => {
    const { prometheus: program } = skipWithout(context)
    const targets = [app.url.replace("http://", "")]
    const prometheus = await startPrometheus({ binary: program, targets, rules: alerts })
    try {
      await test(prometheus)
    } finally {
      await prometheus.stop()
    }
  }

  it("scrapes the page and answers what has happened", { timeout: 60_000 }, async (context) => {
    await scraping(context, async (prometheus) => {
      const value = async (expression: string) => {
        const [sample] = await prometheus.until(expression, (samples) => samples.length > 0)
        return Number(sample?.value[1])
      }
      await prometheus.until("sum(messaging_client_consumed_messages_total)", ([sample]) => sample?.value[1] === "4")
      assert.strictEqual(await value("sum(messaging_client_sent_messages_total{sluice_answer=\"created\"})"), 4)
      assert.strictEqual(await value("sum(messaging_process_duration_seconds_count{sluice_task=\"Call\"})"), 4)
      assert.strictEqual(await value("sluice_jobs_settled_total{sluice_outcome=\"die\"}"), 1)
      assert.strictEqual(await value("sluice_queue_jobs{sluice_state=\"dead\"}"), 1)
      assert.strictEqual(await value("sluice_queue_events_total{sluice_event=\"completed\"}"), 3)
      assert.strictEqual(await value("up{job=\"sluice\"}"), 1)
      const wait = "histogram_quantile(0.99, sum by (le) (sluice_job_wait_duration_seconds_bucket))"
      assert.isBelow(await value(wait), 1)
    })
  })

  it("understands every panel and every rule", { timeout: 60_000 }, async (context) => {
    await scraping(context, async (prometheus) => {
      await prometheus.until("sluice_queue_jobs", (samples) => samples.length === 8)
      for (const [title, expression] of panels) {
        await prometheus.query(filled(expression)).catch((error: unknown) => assert.fail(`${title}: ${String(error)}`))
      }
      const stats = panels.slice(0, 6)
      for (const [title, expression] of stats) {
        assert.strictEqual((await prometheus.query(filled(expression))).length, 1, title)
      }
      const evaluated = await prometheus.evaluated()
      assert.strictEqual(evaluated.length, readFileSync(alerts, "utf8").match(/- alert:/g)?.length)
      assert.deepStrictEqual(evaluated.filter(({ health }) => health !== "ok"), [])
    })
  })

  it("finds no fault with the file of rules", (context) => {
    const { promtool } = skipWithout(context)
    const { status, stderr, stdout } = spawnSync(promtool, ["check", "rules", alerts], { encoding: "utf8" })
    assert.strictEqual(status, 0, stdout + stderr)
  })

  it("alerts when jobs die, when enqueues fail, and when nothing comes out", (context) => {
    const { promtool } = skipWithout(context)
    const file = join(import.meta.dirname, "alerts.rules-test.yaml")
    const { status, stderr, stdout } = spawnSync(promtool, ["test", "rules", file], { encoding: "utf8" })
    assert.strictEqual(status, 0, stdout + stderr)
  })
})
