import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { settingsTable } from "@sluice/core/program"
import { ConfigProvider, Effect } from "effect"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { loadSettings } from "../../src/runtime/loadSettings.ts"
import { table } from "../../src/runtime/table.ts"

const load = (record: Readonly<Record<string, string>>) =>
  loadSettings([{ name: "environment", provider: ConfigProvider.fromEnvRecord(record) }], {
    folder: tmpdir(),
    environment: { PATH: "/bin" }
  }).pipe(Effect.provide(NodeFileSystem.layer))

const problems = (record: Readonly<Record<string, string>>) =>
  Effect.map(Effect.flip(load(record)), ({ problems }) => problems)

const file = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), "sluice-settings-")), "settings.json")
  writeFileSync(path, text)
  return path
}

const names = (loaded: Effect.Success<ReturnType<typeof load>>) => loaded.plan.tasks.map(({ _tag }) => _tag)

describe("the settings of handlers without code", () => {
  it.effect("name tasks: targets, a task for requests, commands", () =>
    Effect.gen(function*() {
      const loaded = yield* load({
        SLUICE_HTTP_TARGETS: JSON.stringify({
          a: "https://a.example",
          b: { url: "http://b.example", method: "PUT", headers: { "x-b": "1" }, secrets: [], timeout: "5s" }
        }),
        SLUICE_HTTP_ALLOW: "a.example, *.b.example",
        SLUICE_HTTP_TASK: "request",
        SLUICE_COMMANDS: JSON.stringify({ c: ["c"], d: { argv: ["d", "-x"], discard: [2], timeout: "1h" } })
      })
      assert.deepStrictEqual(names(loaded), ["a", "b", "request", "c", "d"])
      const limits = loaded.plan.tasks.map(({ definition }) => definition.timeoutMs)
      assert.deepStrictEqual(limits.slice(3), [300_000, 3_600_000])
    }))

  it.effect("may stand in files", () =>
    Effect.gen(function*() {
      const loaded = yield* load({
        SLUICE_HTTP_TARGETS_FILE: file(`{"a":"https://a.example"}`),
        SLUICE_COMMANDS_FILE: file(`{"c":["c"]}`)
      })
      assert.deepStrictEqual(names(loaded), ["a", "c"])
    }))

  it.effect("are told apart where they are wrong, without their values", () =>
    Effect.gen(function*() {
      const both = { SLUICE_COMMANDS: `{"c":["c"]}`, SLUICE_COMMANDS_FILE: "x" }
      assert.deepStrictEqual(yield* problems(both), ["SLUICE_COMMANDS and SLUICE_COMMANDS_FILE: one or the other"])
      assert.deepStrictEqual(yield* problems({ SLUICE_COMMANDS_FILE: "/no/such" }), [
        "SLUICE_COMMANDS_FILE: /no/such can't be read"
      ])
      const wrongFile = file("{\"a\":s3cret}")
      assert.deepStrictEqual(yield* problems({ SLUICE_HTTP_TARGETS_FILE: wrongFile }), [
        `SLUICE_HTTP_TARGETS_FILE (${wrongFile}): expected JSON`
      ])
      const wrong = yield* problems({
        SLUICE_HTTP_TARGETS: JSON.stringify({
          a: { url: "https://a.example", header: {} },
          b: { url: 1, timeout: "s3cret" }
        }),
        SLUICE_HTTP_ALLOW: "a.example,https://b.example/s3cret",
        SLUICE_HTTP_NETWORKS: "10.0.0.0/8,s3cret",
        SLUICE_HTTP_SECRETS: "s3cret",
        SLUICE_HTTP_SUCCESS: "2xx",
        SLUICE_COMMANDS: `{"c":[]}`
      })
      assert.notInclude(wrong.join(), "s3cret")
      assert.deepStrictEqual(wrong.map((problem) => problem.split(" ")[0]), [
        "SLUICE_HTTP_TARGETS",
        "SLUICE_HTTP_ALLOW",
        "SLUICE_HTTP_NETWORKS",
        "SLUICE_HTTP_SECRETS",
        "SLUICE_HTTP_SUCCESS",
        "SLUICE_COMMANDS"
      ])
      assert.match(wrong[0] ?? "", /at \["a"\]\["header"\].*at \["b"\]\["url"\].*at \["b"\]\["timeout"\]/)
      assert.deepStrictEqual(wrong.slice(1, 3), [
        "SLUICE_HTTP_ALLOW (environment): entry 2: expected one of the targets",
        "SLUICE_HTTP_NETWORKS (environment): entry 2: expected one of the networks"
      ])
    }))

  it.effect("are checked by the handlers, too", () =>
    Effect.gen(function*() {
      const ftp = yield* problems({ SLUICE_HTTP_TARGETS: `{"a":"ftp://a.example"}` })
      assert.match(ftp.join(), /^SLUICE_HTTP_\*: .*the url of target "a" has to be http\(s\)/)
      const long = yield* problems({ SLUICE_COMMANDS: `{"a":{"argv":["a"],"timeout":"2 days"}}` })
      assert.match(long.join(), /^SLUICE_COMMAND\*: .*timeout of command "a"/)
    }))
})

describe("the reference page", () => {
  it("lists every setting with its default; else: npm run try -- scripts/generate-settings.ts", () => {
    const page = readFileSync(join(import.meta.dirname, "../../../../docs/reference/consumer-program.md"), "utf8")
    assert.include(page, `<!-- settings -->\n\n${settingsTable(table)}\n\n<!-- /settings -->`)
  })
})
