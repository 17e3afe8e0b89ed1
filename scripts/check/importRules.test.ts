import { assert, describe, it } from "vitest"
import { findCycles } from "./cycles.ts"
import { problemsOf, type Workspaces } from "./importRules.ts"
import { importsIn } from "./sourceFiles.ts"

const workspaces: Workspaces = new Map([
  [".", { name: "sluice", devDependencies: { vitest: "5", redis: "6" } }],
  ["packages/core", {
    name: "@sluice/core",
    exports: { ".": "", "./Task": "" },
    dependencies: { ioredis: "6" },
    peerDependencies: { effect: "4" }
  }],
  ["packages/consumer", { name: "@sluice/consumer", exports: { ".": "" }, dependencies: { "@sluice/core": "0" } }]
])

const problems = (file: string, specifier: string) => problemsOf({ file, specifier, line: 1 }, workspaces)

const job = "packages/core/src/job/JobId.ts"

describe("import rules", () => {
  it("lets the outside point at the centre, and not the other way", () => {
    assert.deepStrictEqual(problems("packages/core/src/broker/Broker.ts", "../job/JobId.ts"), [])
    assert.match(problems(job, "../broker/Broker.ts").join(), /the pure centre/)
    assert.match(problems(job, "node:fs").join(), /no I\/O/)
  })

  it("keeps the two brokers apart, and Redis out of the barrel", () => {
    const memory = "packages/core/src/broker/memory/MemoryBroker.ts"
    assert.match(problems(memory, "../redis/Keys.ts").join(), /may not lean on Redis/)
    assert.match(problems(memory, "ioredis").join(), /may not lean on Redis/)
    assert.match(problems("packages/core/src/index.ts", "./broker/redis/RedisBroker.ts").join(), /cheap to load/)
    assert.match(
      problems("packages/core/src/maintenance/Pruner.ts", "../broker/memory/MemoryBroker.ts").join(),
      /any broker/
    )
  })

  it("lets only tests and the kit itself import the test kit", () => {
    assert.match(problems("packages/core/src/index.ts", "./testing/index.ts").join(), /cheap to load/)
    assert.deepStrictEqual(problems("packages/core/test/a.test.ts", "../src/testing/index.ts"), [])
  })

  it("refuses undeclared packages, closed subpaths, bare built-ins and paths into another package", () => {
    const file = "packages/consumer/src/Consumer.ts"
    assert.match(problems(file, "redis").join(), /redis is not declared in packages\/consumer/)
    assert.match(problems(file, "@sluice/core/broker/memory/Lease").join(), /not in the exports of @sluice\/core/)
    assert.deepStrictEqual(problems(file, "@sluice/core/Task"), [])
    assert.match(problems("tests/a.test.ts", "fs").join(), /write node:fs/)
    assert.match(problems(file, "../../core/src/index.ts").join(), /by its name/)
    assert.match(problems(job, "./JobState.js").join(), /end in \.ts/)
  })

  it("lets tests use the root's tools", () => {
    assert.deepStrictEqual(problems("tests/redis/a.test.ts", "redis"), [])
  })
})

describe("reading imports", () => {
  it("finds every form over several lines, and none in comments", () => {
    const source = [
      `import * as A from "a"`,
      `import type { B } from 'b'`,
      `import "c"`,
      `export { D } from "d"`,
      `export * from "e"`,
      `import {`,
      `  F`,
      `} from "f"`,
      `const g = await import("g")`,
      `/**`,
      ` * import { H } from "h"`,
      ` */`,
      `// import("i")`,
      `export const j = "j"`
    ].join("\n")
    assert.deepStrictEqual(importsIn(source).map(({ line, specifier }) => `${specifier}${line}`), [
      "a1",
      "b2",
      "c3",
      "d4",
      "e5",
      "f6",
      "g9"
    ])
  })
})

describe("cycles", () => {
  it("are reported once, with the way round", () => {
    const edges = new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b", "outside"]], ["d", ["a", "c"]]])
    assert.deepStrictEqual(findCycles(edges), [["b", "c", "b"]])
  })

  it("are not seen where two ways lead to the same file", () => {
    assert.deepStrictEqual(findCycles(new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", []]])), [])
  })
})
