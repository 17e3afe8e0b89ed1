/** What is shown while the demo runs, and when it gives up. */
import { assert, describe, it } from "@effect/vitest"
import { BrokerError } from "@sluice/core"
import { BrokerUnavailable } from "@sluice/core/BrokerError"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { type Counts, lineOf, type Screen, watch } from "../src/progress.ts"

const none: Counts = {
  scheduled: 0,
  blocked: 0,
  available: 0,
  running: 0,
  retryable: 0,
  completed: 0,
  cancelled: 0,
  dead: 0
}
const away = new BrokerError({ reason: new BrokerUnavailable({ operation: "stats", detail: "closed" }) })

/** A look that finds these in turn, and the last one for ever. */
const looking = (...answers: ReadonlyArray<Counts | "away">) => {
  let calls = 0
  return Effect.suspend(() => {
    const answer = answers[Math.min(calls++, answers.length - 1)] ?? none
    return answer === "away" ? Effect.fail(away) : Effect.succeed(answer)
  })
}

const screenOf = (isLive: boolean) => {
  const written: Array<string> = []
  const screen: Screen = { isLive, columns: 40, write: (text) => void written.push(text) }
  return { screen, written }
}

const running = { ...none, running: 1 }
const done = { ...none, completed: 1 }

describe("watch", () => {
  it.effect("shows a plain line a second, only when something has changed, and the last one at once", () =>
    Effect.gen(function*() {
      const { screen, written } = screenOf(false)
      const waiting = { ...none, available: 1 }
      const answers = [running, waiting, ...Array.from({ length: 22 }, () => running), waiting, done]
      const watching = yield* Effect.forkChild(watch(screen, 1, looking(...answers)))
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* Fiber.join(watching), done)
      assert.deepStrictEqual(written, [running, waiting, done].map((counts) => `${lineOf(counts, 1)}\n`))
    }))

  it.effect("rewrites one line on a terminal, no longer than the terminal is wide", () =>
    Effect.gen(function*() {
      const { screen, written } = screenOf(true)
      const watching = yield* Effect.forkChild(watch(screen, 1, looking(running, done)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(watching)
      assert.deepStrictEqual(written, [
        `\r\x1b[2K${lineOf(running, 1).slice(0, 39)}`,
        `\r\x1b[2K${lineOf(done, 1).slice(0, 39)}`,
        "\n"
      ])
    }))

  it.effect("waits for a broker that comes back, and says so", () =>
    Effect.gen(function*() {
      const { screen, written } = screenOf(false)
      const watching = yield* Effect.forkChild(watch(screen, 1, looking("away", "away", done)))
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* Fiber.join(watching), done)
      assert.include(written[0], "waiting for the broker: The broker could not be reached")
    }))

  it.effect("fails when the broker stays away for half a minute", () =>
    Effect.gen(function*() {
      const watching = yield* Effect.forkChild(
        Effect.flip(watch(screenOf(false).screen, 1, looking("away")))
      )
      yield* TestClock.adjust("31 seconds")
      assert.strictEqual((yield* Fiber.join(watching))._tag, "BrokerError")
    }))

  it.effect("fails when no job has moved for a minute", () =>
    Effect.gen(function*() {
      const watching = yield* Effect.forkChild(
        Effect.flip(watch(screenOf(false).screen, 1, looking(running)))
      )
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(watching.pollUnsafe())
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* Fiber.join(watching))._tag, "Standstill")
    }))

  it.effect("is not over while jobs are left, nor before all have ended", () =>
    Effect.gen(function*() {
      const left = { ...done, retryable: 1 }
      const watching = yield* Effect.forkChild(
        watch(screenOf(false).screen, 2, looking(done, left, { ...done, completed: 2, running: 1 }))
      )
      yield* TestClock.adjust("10 seconds")
      assert.isUndefined(watching.pollUnsafe())
      yield* Fiber.interrupt(watching)
    }))
})
