/** What is shown while the demo runs, and when it gives up. */
import { assert, describe, it } from "@effect/vitest"
import { BrokerError, Inspector } from "@sluice/core"
import { BrokerUnavailable } from "@sluice/core/BrokerError"
import type { QueueStats } from "@sluice/core/Inspector"
import { Effect, Fiber, Layer, Option } from "effect"
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
const totals = { enqueued: 0, completed: 0, cancelled: 0, dead: 0, retried: 0, rescued: 0, pruned: 0, removed: 0 }
const statsOf = (states: Counts): QueueStats => ({
  queue: "deliveries",
  partitions: 1,
  paused: false,
  states,
  totals,
  oldestWaitMs: undefined,
  nextDueMs: undefined
})

const away = new BrokerError({ reason: new BrokerUnavailable({ operation: "stats", detail: "closed" }) })

/** An inspector that answers these in turn, and the last one for ever. */
const inspectorOf = (...answers: ReadonlyArray<Counts | "away">) => {
  let calls = 0
  return Layer.succeed(
    Inspector,
    Inspector.of({
      stats: () =>
        Effect.suspend(() => {
          const answer = answers[Math.min(calls++, answers.length - 1)] ?? none
          return answer === "away" ? Effect.fail(away) : Effect.succeed(statsOf(answer))
        }),
      job: () => Effect.succeed(Option.none()),
      list: () => Effect.succeed({ jobs: [], cursor: undefined }),
      queues: Effect.succeed([])
    })
  )
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
      const watching = yield* Effect.forkChild(watch(screen, 1).pipe(Effect.provide(inspectorOf(...answers))))
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* Fiber.join(watching), done)
      assert.deepStrictEqual(written, [running, waiting, done].map((counts) => `${lineOf(counts, 1)}\n`))
    }))

  it.effect("rewrites one line on a terminal, no longer than the terminal is wide", () =>
    Effect.gen(function*() {
      const { screen, written } = screenOf(true)
      const watching = yield* Effect.forkChild(watch(screen, 1).pipe(Effect.provide(inspectorOf(running, done))))
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
      const watching = yield* Effect.forkChild(watch(screen, 1).pipe(Effect.provide(inspectorOf("away", "away", done))))
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* Fiber.join(watching), done)
      assert.include(written[0], "waiting for the broker: The broker could not be reached")
    }))

  it.effect("fails when the broker stays away for half a minute", () =>
    Effect.gen(function*() {
      const watching = yield* Effect.forkChild(
        Effect.flip(watch(screenOf(false).screen, 1)).pipe(Effect.provide(inspectorOf("away")))
      )
      yield* TestClock.adjust("31 seconds")
      assert.strictEqual((yield* Fiber.join(watching))._tag, "BrokerError")
    }))

  it.effect("fails when no job has moved for a minute", () =>
    Effect.gen(function*() {
      const watching = yield* Effect.forkChild(
        Effect.flip(watch(screenOf(false).screen, 1)).pipe(Effect.provide(inspectorOf(running)))
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
        watch(screenOf(false).screen, 2).pipe(
          Effect.provide(inspectorOf(done, left, { ...done, completed: 2, running: 1 }))
        )
      )
      yield* TestClock.adjust("10 seconds")
      assert.isUndefined(watching.pollUnsafe())
      yield* Fiber.interrupt(watching)
    }))
})
