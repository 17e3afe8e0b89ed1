import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { GroupCommit } from "../../src/broker/redis/GroupCommit.ts"
import type { Reply } from "../../src/broker/redis/Reply.ts"
import type { Args } from "../../src/broker/redis/Scripts.ts"
import type { PlacedJob } from "../../src/broker/PartitionStore.ts"
import { BrokerError, BrokerFull, BrokerUnavailable } from "../../src/job/BrokerError.ts"
import * as JobId from "../../src/job/JobId.ts"
import * as JobQueue from "../../src/task/JobQueue.ts"
import { job } from "../../src/testing/JobFactory.ts"

const queue = JobQueue.make("q")

const placed = (name: string, payload = "{}"): PlacedJob => ({
  jobId: JobId.make(0, name),
  job: job({ payload })
})

/** A group commit whose calls a test answers by hand. */
const make = () => {
  const calls: Array<{
    readonly ids: ReadonlyArray<string>
    readonly reply: (reply: Reply) => void
    readonly fail: (error: BrokerError) => void
  }> = []
  const commit = new GroupCommit("{p:q:0}", "enqueue-1", (args: Args, done) => {
    const count = Number(args[5])
    calls.push({
      ids: args.slice(9, 9 + count).map((id) => JobId.localOf(String(id) as JobId.JobId)),
      reply: (reply) => done(Exit.succeed(reply)),
      fail: (error) => done(Exit.fail(error))
    })
  })
  const start = (...jobs: ReadonlyArray<PlacedJob>) =>
    Effect.forkChild(commit.enqueue(queue, jobs, ""), { startImmediately: true })
  return { calls, commit, start }
}

const full = new BrokerFull({ operation: "enqueue", detail: "test" })
const away = new BrokerUnavailable({ operation: "enqueue", detail: "test" })
const unavailable = new BrokerError({ reason: away })

describe("group commit", () => {
  it.effect("sends two calls at once, and what arrives meanwhile with the next", () =>
    Effect.gen(function*() {
      const { calls, start } = make()
      const fibers = yield* Effect.forEach(["a", "b", "c", "d", "e"], (name) => start(placed(name)))
      assert.deepStrictEqual(calls.map(({ ids }) => ids), [["a"], ["b"]])
      calls[0]!.reply("")
      assert.deepStrictEqual(calls.map(({ ids }) => ids), [["a"], ["b"], ["c", "d", "e"]])
      assert.deepStrictEqual(yield* Fiber.join(fibers[0]!), ["created"])
      assert.isUndefined(fibers[2]!.pollUnsafe())
      calls[2]!.reply("cef")
      calls[1]!.reply("")
      assert.deepStrictEqual(yield* Effect.forEach(fibers, (fiber) => Fiber.join(fiber)), [
        ["created"],
        ["created"],
        ["created"],
        ["existing"],
        ["full"]
      ])
      assert.strictEqual(calls.length, 3)
    }))

  it.effect("sends what those who are answered enqueue at once with one call", () =>
    Effect.gen(function*() {
      const { calls, commit, start } = make()
      yield* start(placed("a"))
      yield* start(placed("b"))
      yield* Effect.forEach(["c", "d", "e"], (name) =>
        Effect.forkChild(
          Effect.andThen(
            commit.enqueue(queue, [placed(name)], ""),
            commit.enqueue(queue, [placed(`${name}2`)], "")
          ),
          { startImmediately: true }
        ))
      calls[0]!.reply("")
      calls[2]!.reply("")
      assert.deepStrictEqual(calls.map(({ ids }) => ids), [["a"], ["b"], ["c", "d", "e"], ["c2", "d2", "e2"]])
    }))

  it.effect("fails all callers of a failed call alike, and goes on", () =>
    Effect.gen(function*() {
      const { calls, start } = make()
      const fibers = yield* Effect.forEach(["a", "b", "c", "d"], (name) => start(placed(name)))
      calls[0]!.reply("")
      calls[2]!.fail(unavailable)
      for (const fiber of fibers.slice(2)) {
        assert.strictEqual(yield* Effect.flip(Fiber.join(fiber)), unavailable)
      }
      calls[1]!.reply("")
      const later = yield* start(placed("e"))
      calls[3]!.reply("")
      assert.deepStrictEqual(yield* Fiber.join(later), ["created"])
    }))

  it.effect("drops what was not sent yet of callers that are interrupted", () =>
    Effect.gen(function*() {
      const { calls, start } = make()
      const fibers = yield* Effect.forEach(["a", "b", "c", "d"], (name) => start(placed(name)))
      yield* Fiber.interrupt(fibers[2]!)
      yield* Fiber.interrupt(fibers[0]!)
      calls[0]!.reply("")
      assert.deepStrictEqual(calls.map(({ ids }) => ids), [["a"], ["b"], ["d"]])
    }))

  it.effect("cuts what is too much for one call, and joins the answers in order", () =>
    Effect.gen(function*() {
      const { calls, start } = make()
      const many = yield* start(...Array.from({ length: 600 }, (_, index) => placed(String(index))))
      const after = yield* start(placed("after"))
      assert.deepStrictEqual(calls.map(({ ids }) => ids.length), [250, 250])
      calls[1]!.reply(`e${"c".repeat(249)}`)
      assert.deepStrictEqual(calls[2]!.ids.slice(-2), ["599", "after"])
      calls[2]!.reply(`${"c".repeat(99)}ff`)
      assert.isUndefined(many.pollUnsafe())
      calls[0]!.reply("")
      const answers = yield* Fiber.join(many)
      assert.strictEqual(answers.length, 600)
      assert.deepStrictEqual([answers[0], answers[249], answers[250], answers[251]], [
        "created",
        "created",
        "existing",
        "created"
      ])
      assert.deepStrictEqual([answers[598], answers[599]], ["created", "full"])
      assert.deepStrictEqual(yield* Fiber.join(after), ["full"])
    }))

  for (const order of [[0, 1], [1, 0]]) {
    it.effect(`answers the part that was taken when another one fails ${order[0] === 0 ? "before" : "after"} it`, () =>
      Effect.gen(function*() {
        const { calls, start } = make()
        const many = yield* start(...Array.from({ length: 600 }, (_, index) => placed(String(index))))
        for (const call of order) {
          assert.isUndefined(many.pollUnsafe())
          if (call === 0) calls[0]!.fail(new BrokerError({ reason: full }))
          else calls[1]!.reply(`e${"c".repeat(249)}`)
        }
        if (order[0] === 1) calls[2]!.reply(`${"c".repeat(99)}f`)
        const answers = yield* Fiber.join(many)
        // what was not sent when it became known is not sent any more, and fails alike
        const last = order[0] === 1 ? "full" : full
        assert.deepStrictEqual([0, 249, 250, 251, 499, 599].map((at) => answers[at]), [
          full,
          full,
          "existing",
          "created",
          "created",
          last
        ])
        assert.strictEqual(calls.length, order[0] === 1 ? 3 : 2)
      }))
  }

  it.effect("answers what was taken before the broker went away", () =>
    Effect.gen(function*() {
      const { calls, start } = make()
      const many = yield* start(...Array.from({ length: 900 }, (_, index) => placed(String(index))))
      calls[0]!.reply("")
      calls[1]!.fail(unavailable)
      calls[2]!.fail(unavailable)
      const answers = yield* Fiber.join(many)
      assert.deepStrictEqual([0, 249, 250, 500, 750, 899].map((at) => answers[at]), [
        "created",
        "created",
        away,
        away,
        away,
        away
      ])
    }))

  it.effect("sends at most 4 MiB in a call, but always one job", () =>
    Effect.gen(function*() {
      const { calls, start } = make()
      const mebibyte = 1_048_576
      yield* start(placed("a", "x".repeat(4 * mebibyte)), placed("b", "\u00e9".repeat(mebibyte)), placed("c", "y"))
      yield* start(placed("d", "\u00e9".repeat(mebibyte)), placed("e", "z"))
      assert.deepStrictEqual(calls.map(({ ids }) => ids), [["a"], ["b", "c"]])
      calls[0]!.reply("")
      assert.deepStrictEqual(calls[2]!.ids, ["d", "e"])
    }))

  it.effect("fails those who were waiting when a call went out that found no broker, and no later ones", () =>
    Effect.gen(function*() {
      const { calls, start } = make()
      const fibers = yield* Effect.forEach(["a", "b", "c"], (name) => start(placed(name)))
      calls[0]!.reply("")
      const late = yield* Effect.forEach(["d", "e"], (name) => start(placed(name)))
      calls[1]!.fail(unavailable)
      assert.deepStrictEqual(calls.map(({ ids }) => ids), [["a"], ["b"], ["c"], ["d", "e"]])
      const later = yield* start(placed("f"))
      calls[3]!.fail(unavailable)
      assert.deepStrictEqual(calls[4]!.ids, ["f"])
      calls[2]!.fail(unavailable)
      for (const fiber of [fibers[1]!, fibers[2]!, ...late]) assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
      assert.isUndefined(later.pollUnsafe())
    }))

  it.effect("does not let those who waited through a whole failed call wait for another one", () =>
    Effect.gen(function*() {
      const { calls, start } = make()
      const fibers = yield* Effect.forEach(["a", "b"], (name) => start(placed(name)))
      const many = yield* start(...Array.from({ length: 900 }, (_, index) => placed(String(index))))
      const behind = yield* start(placed("behind"))
      calls[0]!.reply("")
      calls[1]!.reply("")
      assert.strictEqual(calls.length, 4)
      calls[2]!.fail(unavailable)
      // the other part of the many is under way, and may be taken
      calls[3]!.fail(unavailable)
      assert.strictEqual(calls.length, 4)
      for (const fiber of [many, behind]) assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
      assert.strictEqual(calls.length, 4)
      for (const fiber of fibers) assert.deepStrictEqual(yield* Fiber.join(fiber), ["created"])
    }))

  it.effect("keeps callers with different limits apart", () =>
    Effect.gen(function*() {
      const { calls, commit, start } = make()
      yield* start(placed("a"))
      yield* start(placed("b"))
      yield* start(placed("c"))
      yield* Effect.forkChild(commit.enqueue(JobQueue.make("q", { maxJobs: 5 }), [placed("d")], ""), {
        startImmediately: true
      })
      calls[0]!.reply("")
      calls[1]!.reply("")
      assert.deepStrictEqual(calls.map(({ ids }) => ids), [["a"], ["b"], ["c"], ["d"]])
    }))
})
