import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Alarm from "../src/Alarm.ts"
import * as Deadlines from "../src/Deadlines.ts"
import * as Host from "../src/Host.ts"

const host = Effect.map(Effect.context<never>(), Host.make)

describe("an alarm", () => {
  it.effect("rings once, when it was last set to", () =>
    Effect.gen(function*() {
      const clock = yield* host
      const rung: Array<number> = []
      const alarm = Alarm.make(clock, () => rung.push(clock.nowMs()))
      alarm.set(1000)
      alarm.set(3000)
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(rung, [])
      alarm.set(2500)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(rung, [2500])
      assert.isUndefined(alarm.at())
      alarm.set(13_000)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(rung, [2500, 13_000])
    }))

  it.effect("does not ring once it is cleared", () =>
    Effect.gen(function*() {
      let rung = 0
      const alarm = Alarm.make(yield* host, () => rung++)
      alarm.set(1000)
      alarm.clear()
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(rung, 0)
    }))
})

describe("deadlines", () => {
  it.effect("fall due one by one, each its time after it was added, unless it was deleted", () =>
    Effect.gen(function*() {
      const clock = yield* host
      const due: Array<string> = []
      const deadlines = Deadlines.make<string>(clock, 1000, (item) => due.push(`${item} ${clock.nowMs()}`))
      deadlines.add("a")
      yield* TestClock.adjust("300 millis")
      deadlines.add("b")
      deadlines.add("c")
      yield* TestClock.adjust("300 millis")
      deadlines.add("d")
      deadlines.delete("b")
      yield* TestClock.adjust("5 seconds")
      deadlines.add("e")
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(due, ["a 1000", "c 1300", "d 1600", "e 6600"])
    }))

  it.effect("are all forgotten when cleared", () =>
    Effect.gen(function*() {
      let due = 0
      const deadlines = Deadlines.make<string>(yield* host, 1000, () => due++)
      deadlines.add("a")
      deadlines.clear()
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(due, 0)
    }))
})
