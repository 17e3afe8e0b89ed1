import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import {
  findSettings,
  InvalidSettings,
  printConfig,
  readSettings,
  redisOptions,
  redisTable,
  Setting,
  settingsTable,
  type Source,
  sources
} from "@sluice/core/program"
import { ConfigProvider, Effect, Redacted, Result } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const environment = (record: Record<string, string>): Source => ({
  name: "environment",
  provider: ConfigProvider.fromEnvRecord(record)
})

const table = {
  port: Setting.port.required("APP_PORT", "7070", "The port."),
  wait: Setting.duration(0).required("APP_WAIT", "30s", "How long to wait."),
  key: Setting.secret().optional("APP_KEY", "A key."),
  names: Setting.list.required("APP_NAMES", "", "Names.")
}

const read = <A>(kind: { required: (...args: [string, string, string]) => Setting.Setting<A> }, text: string) => {
  const value = kind.required("X", "", "").read(text)
  return Result.isSuccess(value) ? value.success : value.failure
}

describe("a setting", () => {
  it("reads whole numbers within their range", () => {
    const kind = Setting.count("jobs", 1, 1000)
    assert.deepStrictEqual(["1", "1_000", "1000"].map((text) => read(kind, text)), [1, 1000, 1000])
    for (const text of ["0", "1001", "-1", "1.5", "1e2", "ten", " 1", "0x10"]) {
      assert.strictEqual(read(kind, text), "expected a whole number from 1 to 1000", text)
    }
  })

  it("reads durations as milliseconds", () => {
    const kind = Setting.duration(100, 86_400_000)
    assert.deepStrictEqual(["250", "30s", "5 minutes", "1.5 h"].map((text) => read(kind, text)), [
      250,
      30_000,
      300_000,
      5_400_000
    ])
    for (const text of ["99", "2 days", "soon", "-1s", "1 fortnight"]) {
      assert.match(String(read(kind, text)), /^expected/)
    }
  })

  it("reads sizes as bytes", () => {
    const kind = Setting.bytes(1, 1024 ** 3)
    assert.deepStrictEqual(["512", "500kB", "8 MiB", "1 GiB", "1.5 KiB"].map((text) => read(kind, text)), [
      512,
      500_000,
      8_388_608,
      1_073_741_824,
      1536
    ])
    for (const text of ["0", "2 GiB", "8 bits", ""]) assert.match(String(read(kind, text)), /^expected a size/)
  })

  it("reads true and false in the usual words", () => {
    assert.deepStrictEqual(["true", "YES", "on", "1"].map((text) => read(Setting.flag, text)), [true, true, true, true])
    assert.deepStrictEqual(["false", "No", "off", "0"].map((text) => read(Setting.flag, text)), [
      false,
      false,
      false,
      false
    ])
    assert.strictEqual(read(Setting.flag, "maybe"), "expected true or false")
  })

  it("reads lists and words", () => {
    assert.deepStrictEqual(read(Setting.list, " a, b ,,c "), ["a", "b", "c"])
    assert.strictEqual(read(Setting.word(["refuse", "warn"]), "WARN"), "warn")
    assert.strictEqual(read(Setting.word(["refuse", "warn"]), "ignore"), "expected one of refuse, warn")
  })
})

describe("the settings of a program", () => {
  it.effect("are their defaults where nothing is set, or the text is empty", () =>
    Effect.gen(function*() {
      const values = yield* readSettings(table, [environment({ APP_PORT: "" })])
      assert.deepStrictEqual(values, { port: 7070, wait: 30_000, key: undefined, names: [] })
    }))

  it.effect("come from the first place that has them", () =>
    Effect.gen(function*() {
      const file: Source = { name: ".env", provider: ConfigProvider.fromEnvRecord({ APP_PORT: "1", APP_WAIT: "1s" }) }
      const values = yield* readSettings(table, [environment({ APP_PORT: "2" }), file])
      assert.deepStrictEqual([values.port, values.wait], [2, 1000])
      assert.deepStrictEqual(
        (yield* findSettings(table, [environment({ APP_PORT: "2" }), file])).map(({ source }) => source),
        ["environment", ".env", "default", "default"]
      )
    }))

  it.effect("are told together when they are wrong: by name and place, never by value", () =>
    Effect.gen(function*() {
      const wrong = environment({ APP_PORT: "s3cret", APP_WAIT: "later" })
      const error = yield* Effect.flip(readSettings(table, [wrong]))
      assert.instanceOf(error, InvalidSettings)
      assert.deepStrictEqual(error.problems, [
        "APP_PORT (environment): expected a port: a whole number from 0 to 65535",
        "APP_WAIT (environment): expected a duration from 0 to 31536000000 ms, such as 30s or 5 minutes"
      ])
      assert.match(error.message, /^The settings are not valid; nothing was started\.\n {2}APP_PORT/)
    }))

  it.effect("are shown with their places and without secrets", () =>
    Effect.gen(function*() {
      const set = environment({ APP_KEY: "s3cret", APP_NAMES: "a b" })
      assert.strictEqual(
        printConfig(yield* findSettings(table, [set])),
        [
          "APP_PORT=7070 # default",
          "APP_WAIT=30s # default",
          "APP_KEY=<redacted> # environment",
          "APP_NAMES=\"a b\" # environment"
        ].join("\n")
      )
    }))

  it("make a table for their page, padded as the formatter does it", () => {
    assert.strictEqual(
      settingsTable({ wait: table.wait, key: table.key }),
      [
        "| variable   | type         | default | unit | meaning           |",
        "| ---------- | ------------ | ------- | ---- | ----------------- |",
        "| `APP_WAIT` | duration     | `30s`   | ms   | How long to wait. |",
        "| `APP_KEY`  | text, secret | not set |      | A key.            |"
      ].join("\n")
    )
  })
})

describe("the settings of Redis", () => {
  it.effect("are those of the broker", () =>
    Effect.gen(function*() {
      const given = environment({ SLUICE_REDIS_URL: "rediss://u:p@host:1/2", SLUICE_REDIS_DEADLINE: "2s" })
      const { url, ...others } = redisOptions(yield* readSettings(redisTable, [given]))
      assert.strictEqual(Redacted.value(url), "rediss://u:p@host:1/2")
      assert.deepStrictEqual(others, {
        password: undefined,
        prefix: "sluice",
        deadline: 2000,
        evictionPolicy: "refuse",
        connectionName: "sluice"
      })
    }))

  it.effect("are checked by name", () =>
    Effect.gen(function*() {
      const wrong = environment({ SLUICE_REDIS_URL: "http://host", SLUICE_PREFIX: "a b", SLUICE_REDIS_DEADLINE: "0" })
      const { problems } = yield* Effect.flip(readSettings(redisTable, [wrong]))
      assert.deepStrictEqual(problems.map((problem) => problem.split(" ")[0]), [
        "SLUICE_REDIS_URL",
        "SLUICE_PREFIX",
        "SLUICE_REDIS_DEADLINE"
      ])
    }))

  it.each([
    ["redis://host", "redis://host"],
    ["redis://user:pass@host:1/2", "redis://<redacted>@host:1/2"],
    ["redis://:p@ss@host/2", "redis://<redacted>@host/2"],
    ["no url s3cret", "<redacted>"]
  ])("show no password: %s", (text, shown) => assert.strictEqual(redisTable.redisUrl.mask(text), shown))
})

describe("the places of settings", () => {
  const inFolder = <A, E>(files: Record<string, string>, use: (folder: string) => Effect.Effect<A, E>) =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        const folder = mkdtempSync(join(tmpdir(), "sluice-settings-"))
        Object.entries(files).forEach(([name, text]) => writeFileSync(join(folder, name), text))
        return folder
      }),
      use,
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    )

  const find = (record: Record<string, string>) =>
    sources.pipe(
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnvRecord(record)),
      Effect.provide(NodeFileSystem.layer)
    )

  it.effect("are the environment and the file that SLUICE_ENV_FILE names", () =>
    inFolder({ "app.env": "APP_PORT=1 # the port\nAPP_KEY='s3cret'\n" }, (folder) =>
      Effect.gen(function*() {
        const places = yield* find({ SLUICE_ENV_FILE: join(folder, "app.env"), APP_WAIT: "1s" })
        assert.deepStrictEqual(places.map(({ name }) => name), ["environment", join(folder, "app.env")])
        const { key, port, wait } = yield* readSettings(table, places)
        assert.deepStrictEqual([port, wait, key && Redacted.value(key)], [1, 1000, "s3cret"])
      })))

  it.effect("have to be there when they are named", () =>
    Effect.gen(function*() {
      const { problems } = yield* Effect.flip(find({ SLUICE_ENV_FILE: "/no/such/file" }))
      assert.deepStrictEqual(problems, ["SLUICE_ENV_FILE: /no/such/file can't be read"])
    }))
})
