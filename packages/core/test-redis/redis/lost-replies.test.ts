import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Keys from "../../src/broker/redis/Keys.ts"
import { scripts } from "../../src/broker/redis/Scripts.generated.ts"
import * as JobId from "../../src/job/JobId.ts"
import { job, jobs, settle } from "../../src/testing/JobFactory.ts"
import { client, connect, created, queue, request, server } from "./support/Brokers.ts"
import { proxy } from "./support/Proxy.ts"

const setUp = Effect.gen(function*() {
  const { port, url } = yield* server()
  const lossy = yield* proxy(port)
  const direct = yield* connect({ url })
  const behind = yield* connect({ url: lossy.url, deadline: "20 seconds" })
  // loads the scripts, so that the calls below are EVALSHA
  yield* created(behind.broker, jobs(1))
  yield* behind.broker.exchange(request(1, { consumer: "warm", claim: 1 }))
  return { url, lossy, direct, behind }
})

describe("a call whose reply is lost", () => {
  it.live("enqueues once, and answers what it answered", () =>
    Effect.gen(function*() {
      const { behind, direct, lossy } = yield* setUp
      const lost = lossy.loseReplyTo(scripts.enqueue.sha1)
      yield* direct.broker.enqueue(queue, [job({ id: "theirs" })])
      const answers = yield* behind.broker.enqueue(queue, [...jobs(2), job({ id: "mine" }), job({ id: "theirs" })])
      yield* Effect.promise(() => lost)
      assert.deepStrictEqual(answers.map(({ answer }) => answer), ["created", "created", "created", "existing"])
      assert.strictEqual((yield* direct.inspector.stats(queue)).totals.enqueued, 5)
    }))

  it.live("enqueues once, even if the job has come and gone before the repeat", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker, inspector } = yield* connect({ url })
      yield* created(broker, jobs(1))
      const call = Effect.promise(() =>
        redis.eval(scripts.enqueue.lua, 1, Keys.base("sluice", queue.name, 0), "", "", 1, "n", "lane", 7, "0:a", "r")
      )
      assert.strictEqual(yield* call, "")
      assert.deepStrictEqual(yield* broker.remove(queue, [JobId.make(0, "a")]), ["done"])
      assert.strictEqual(yield* call, "")
      const { states, totals } = yield* inspector.stats(queue)
      assert.deepStrictEqual([totals.enqueued, totals.removed, states.available], [2, 1, 1])
    }))

  it.live("enqueues nothing when its first copy arrives after later calls", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker, inspector } = yield* connect({ url })
      yield* created(broker, jobs(1))
      const call = (sequence: number) =>
        Effect.promise(() =>
          redis.eval(
            scripts.enqueue.lua,
            1,
            Keys.base("sluice", queue.name, 0),
            "",
            "",
            1,
            "n",
            "lane",
            sequence,
            "0:a",
            "r"
          )
            .then(() => "taken", (error: Error) => error.message)
        )
      assert.strictEqual(yield* call(9), "taken")
      assert.include(yield* call(7), "overtaken")
      assert.strictEqual((yield* inspector.stats(queue)).totals.enqueued, 2)
    }))

  it.live("gives the jobs that it had claimed, and no others", () =>
    Effect.gen(function*() {
      const { behind, direct, lossy } = yield* setUp
      const ids = yield* created(direct.broker, jobs(5))
      const lost = lossy.loseReplyTo(scripts.exchange.sha1)
      const reply = yield* behind.broker.exchange(request(1, { claim: 2 }))
      yield* Effect.promise(() => lost)
      assert.deepStrictEqual(reply.jobs.map(({ attempt, id }) => [id, attempt]), [[ids[0], 1], [ids[1], 1]])
      const { states } = yield* direct.inspector.stats(queue)
      assert.deepStrictEqual([states.running, states.available], [3, 3])
      const settled = yield* behind.broker.exchange(
        request(2, { settle: reply.jobs.map((one) => settle.complete(one)) })
      )
      assert.deepStrictEqual(settled.settled, ["settled", "settled"])
    }))

  it.live("settles once, and answers what became of it", () =>
    Effect.gen(function*() {
      const { behind, direct, lossy } = yield* setUp
      yield* created(direct.broker, jobs(2))
      const [first, second] = (yield* behind.broker.exchange(request(1, { claim: 2 }))).jobs
      const lost = lossy.loseReplyTo(scripts.exchange.sha1)
      const reply = yield* behind.broker.exchange(request(2, {
        settle: [settle.retry(first!), { ...settle.complete(second!), token: "wrong" }]
      }))
      yield* Effect.promise(() => lost)
      assert.deepStrictEqual(reply.settled, ["settled", "lost"])
      assert.strictEqual((yield* direct.inspector.stats(queue)).totals.retried, 1)
    }))

  it.live("is not noticed by the others of its group", () =>
    Effect.gen(function*() {
      const { behind, direct, lossy } = yield* setUp
      const lost = lossy.loseReplyTo(scripts.enqueue.sha1)
      const answers = yield* Effect.forEach(jobs(100), (job) => behind.broker.enqueue(queue, [job]), {
        concurrency: "unbounded"
      })
      yield* Effect.promise(() => lost)
      assert.isTrue(answers.every(([one]) => one?.answer === "created" || one?.answer === "existing"))
      assert.strictEqual((yield* direct.inspector.stats(queue)).totals.enqueued, 101)
    }))
})

it.live("connections that are killed all the time lose no job and run none twice", () =>
  Effect.gen(function*() {
    const { url } = yield* server()
    const redis = yield* client(url)
    const { broker, inspector } = yield* connect({ url, deadline: "20 seconds" })
    const ids = yield* created(broker, jobs(400))
    const kill = Effect.promise(() => redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
    const killing = yield* Effect.forkChild(Effect.forever(Effect.andThen(kill, Effect.sleep("7 millis"))))
    const seen: Array<string> = []
    const line = Effect.fnUntraced(function*(lane: string) {
      let sequence = 0
      let reply = yield* broker.exchange(request(++sequence, { lane, claim: 5 }))
      while (reply.jobs.length > 0) {
        for (const { id } of reply.jobs) seen.push(id)
        const settles = reply.jobs.map((one) => settle.complete(one))
        reply = yield* broker.exchange(request(++sequence, { lane, claim: 5, settle: settles }))
        assert.notInclude(reply.settled, "lost")
      }
    })
    yield* Effect.all([line("a"), line("b"), line("c")], { concurrency: 3 })
    killing.interruptUnsafe()
    assert.deepStrictEqual(seen.toSorted(), ids.toSorted())
    const { states, totals } = yield* inspector.stats(queue)
    assert.deepStrictEqual([states.completed, states.running, totals.completed], [400, 0, 400])
  }), 20_000)
