/** What the command line takes, and what it says to a mistake. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { parse } from "../src/arguments.ts"

const accepted = (args: ReadonlyArray<string>, environment?: string) => Result.getOrThrow(parse(args, environment))
const refused = (args: ReadonlyArray<string>, environment?: string) =>
  Result.getOrThrow(Result.flip(parse(args, environment)))

describe("arguments", () => {
  it("has a default for everything", () => {
    assert.deepStrictEqual(accepted([]), {
      redis: undefined,
      processes: false,
      seed: 42,
      copies: 1,
      concurrency: 10,
      failures: 0.3,
      run: undefined,
      keep: false
    })
  })

  it("reads every option", () => {
    const args =
      "--redis redis://localhost --seed 7 --copies 3 --concurrency 50 --failures 0 --run a.b-c --keep --processes"
        .split(
          " "
        )
    assert.deepStrictEqual(accepted(args), {
      redis: "redis://localhost",
      processes: true,
      seed: 7,
      copies: 3,
      concurrency: 50,
      failures: 0,
      run: "a.b-c",
      keep: true
    })
  })

  it("delivers more at once in processes", () => {
    assert.include(accepted(["--processes"]), { processes: true, concurrency: 25, redis: undefined })
    assert.include(accepted(["--processes", "--concurrency", "3"]), { concurrency: 3 })
  })

  it("takes the Redis address of the environment, unless --redis says another", () => {
    assert.include(accepted([], "redis://a"), { redis: "redis://a" })
    assert.include(accepted(["--redis", "redis://b"], "redis://a"), { redis: "redis://b" })
    assert.include(accepted([], ""), { redis: undefined })
  })

  it("offers help", () => {
    assert.strictEqual(accepted(["-h"]), "help")
    assert.strictEqual(accepted(["--help"]), "help")
  })

  it.each([
    [["--copies", "0"], "--copies is \"0\"; it has to be a whole number from 1 to 1000."],
    [["--seed", "x"], "--seed is \"x\"; it has to be a whole number from 0 to 9007199254740991."],
    [["--concurrency", "1.5"], "--concurrency is \"1.5\"; it has to be a whole number from 1 to 1000."],
    [["--failures", "30%"], "--failures is \"30%\"; it has to be a number from 0 to 1."],
    [["--failures", ""], "--failures is \"\"; it has to be a number from 0 to 1."],
    [
      ["--redis", "localhost:6379"],
      "The Redis address is \"localhost:6379\"; it has to be a URL such as redis://localhost:6379."
    ],
    [
      ["--redis", "redis://a:b:c"],
      "The Redis address is \"redis://a:b:c\"; it has to be a URL such as redis://localhost:6379."
    ],
    [
      ["--redis", "redis://a", "--run", "a*"],
      "--run is \"a*\"; use 1 to 40 letters, digits, dots, dashes and underscores."
    ],
    [["--keep"], "--keep needs Redis (--redis URL): jobs in memory end with the process."],
    [["--run", "a"], "--run needs Redis (--redis URL): jobs in memory end with the process."],
    [["--run", "a", "--processes"], "--run needs Redis (--redis URL): the demo's own Redis ends with the run."]
  ])("refuses %j and says why", (args, why) => {
    assert.strictEqual(refused(args), why)
  })

  it("refuses what it does not know", () => {
    assert.include(refused(["--speed", "9"]), "--speed")
    assert.include(refused(["more"]), "more")
  })
})
