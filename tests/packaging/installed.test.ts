import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { publicPackages, root } from "./publicModules.ts"

/** Node and npm as a user has them: nothing here may lead back to the repository's sources. */
const { NODE_OPTIONS: _, ...env } = process.env

/** Runs a program in the user's folder and returns what it printed. */
const run = (folder: string, file: string, ...args: ReadonlyArray<string>): string =>
  execFileSync(file, [...args], {
    cwd: folder,
    env,
    encoding: "utf8",
    shell: file === "npm" && process.platform === "win32"
  })

/** Puts a packed package where `npm install` would, with its dependencies taken from the repository instead of a registry. */
const install = (app: string, folder: string, name: string): void => {
  const [packed] = JSON.parse(
    run(root, "npm", "pack", `./${folder}`, "--json", "--silent", "--pack-destination", app)
  ) as ReadonlyArray<{ readonly filename: string }>
  const target = join(app, "node_modules", name)
  mkdirSync(target, { recursive: true })
  run(app, "tar", "-xzf", packed?.filename ?? "", "-C", target, "--strip-components=1")
}

const link = (app: string, name: string): void => {
  const path = join(app, "node_modules", name)
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(join(root, "node_modules", name), path, "junction")
}

/** What the compiler says of the user's folder, a line each. */
const compile = (app: string): ReadonlyArray<string> => {
  const tsc = join(app, "node_modules/typescript/bin/tsc")
  const { stdout } = spawnSync(process.execPath, [tsc, "--pretty", "false"], { cwd: app, env, encoding: "utf8" })
  return stdout.split("\n").filter((line) => line !== "")
}

/** Every program of the packages, and its file in node_modules. */
const programs = publicPackages.flatMap(({ name, programs }) =>
  Object.entries(programs).map(([program, file]) => ({ program, file: join(name, file) }))
)

/** Strict, and without the condition that leads to the sources. */
const userSettings = {
  compilerOptions: {
    module: "NodeNext",
    target: "ES2022",
    lib: ["ES2023"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true
  },
  include: ["*.ts"]
}

describe("the packages as a user installs them", () => {
  const app = mkdtempSync(join(tmpdir(), "sluice-packaging-"))

  beforeAll(() => {
    run(root, process.execPath, "scripts/build.ts")
    for (const { folder, name } of publicPackages) install(app, folder, name)
    for (const name of ["effect", "@effect/platform-node", "ioredis", "typescript", "@types/node"]) link(app, name)
    writeFileSync(join(app, "package.json"), JSON.stringify({ type: "module" }))
    writeFileSync(join(app, "tsconfig.json"), JSON.stringify(userSettings))
    writeFileSync(join(app, "main.ts"), firstJob)
  })

  afterAll(() => rmSync(app, { recursive: true }))

  it.for(publicPackages.flatMap(({ modules }) => modules))("%s loads in plain Node", (specifier) => {
    const program = `await import(${JSON.stringify(specifier)}); console.log("loaded")`
    assert.strictEqual(run(app, process.execPath, "--input-type=module", "--eval", program), "loaded\n")
  })

  it.for(publicPackages)("$name holds sources, built files and its README, and no tests", ({ name }) => {
    const entries = readdirSync(join(app, "node_modules", name)).toSorted()
    assert.deepStrictEqual(entries, ["LICENSE", "README.md", "dist", "package.json", "src"])
  })

  it.for(programs)("$program starts in plain Node and says how it is used", ({ file, program }) => {
    assert.match(run(app, process.execPath, join("node_modules", file), "--help"), new RegExp(`^${program}: `))
  })

  it.for(programs)("$program names Node as what runs it", ({ file }) => {
    assert.match(readFileSync(join(app, "node_modules", file), "utf8"), /^#!\/usr\/bin\/env node\n/)
  })

  it("keeps everything else closed", () => {
    const inner = JSON.stringify("@sluice/core/job/JobId")
    const program = `await import(${inner}).catch((error) => console.log(error.code))`
    assert.strictEqual(
      run(app, process.execPath, "--input-type=module", "--eval", program),
      "ERR_PACKAGE_PATH_NOT_EXPORTED\n"
    )
  })

  it("runs a job on the memory broker", () => {
    assert.strictEqual(run(app, process.execPath, "main.ts"), "hello Ada\n")
  })

  it("has its types: right code compiles, and a wrong payload does not", () => {
    assert.deepStrictEqual(compile(app), [])
    writeFileSync(join(app, "wrong.ts"), firstJob.replace(`run({ name: "Ada" })`, "run({ name: 7 })"))
    assert.match(compile(app).join("\n"), /^wrong\.ts.*Type 'number' is not assignable to type 'string'/)
  })
})

const firstJob = `
import { MemoryBroker, Task } from "@sluice/core"
import { Consumer } from "@sluice/consumer"
import { Effect, Layer, Schema } from "effect"

class Greet extends Task.make("Greet", { payload: { name: Schema.String }, success: Schema.String }) {}
const GreetLive = Greet.toLayer(({ name }) => Effect.succeed("hello " + name))
const App = Consumer.layer({ tasks: [Greet], queues: { default: { concurrency: 1 } } }).pipe(Layer.provide(GreetLive))

await Greet.run({ name: "Ada" }).pipe(
  Effect.tap((greeting) => Effect.sync(() => console.log(greeting))),
  Effect.provide(App.pipe(Layer.provideMerge(MemoryBroker.layer))),
  Effect.runPromise
)
`
