import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { pieces } from "../../src/broker/redis/Exchange.ts"
import { decode, encode, laneOf } from "../../src/broker/redis/ExchangeCall.ts"
import { completed, jobs, settle } from "../../src/testing/JobFactory.ts"
import type { JobId } from "../../src/job/JobId.ts"
import { connect, created, queue, request, server } from "./support/Brokers.ts"

const lease = (name: string, token = "t") => ({ id: `0:${name}` as JobId, token })
const wire = (...settlements: Parameters<typeof pieces>[0]) =>
  encode("b", "channel", "", "lane", request(1, { settle: settlements })).args.slice(12)

describe("an exchange on the wire", () => {
  it("sends one head and one token for outcomes alike, and no verdict that says nothing", () => {
    assert.deepStrictEqual(
      wire(settle.complete(lease("a"), 5), settle.complete(lease("b"), 5)),
      ["C", 5, 2, "t", "0:a", "0:b"]
    )
  })

  it("groups outcomes by kind and time, and remembers where each stood", () => {
    const settlements = [
      settle.complete(lease("a"), 5, completed("1")),
      settle.snooze(lease("b"), 7),
      settle.complete(lease("c", "u"), 5, completed("2")),
      settle.snooze(lease("d"), 8)
    ]
    const { args, positions } = encode("b", "channel", "", "lane", request(1, { settle: settlements }))
    const completions = ["c", 5, 2, "", "0:a", "0:c", "t", "u", completed("1"), completed("2")]
    assert.deepStrictEqual(args.slice(12), completions.concat(["s", 7, 1, "t", "0:b"], ["s", 8, 1, "t", "0:d"]))
    const reply = decode(request(1, { settle: settlements }), "lane", positions, [4, "2 3", -1, 0, "", "", [], 0])
    assert.deepStrictEqual(reply.settled, ["settled", "lost", "lost", "settled"])
  })

  it("sends a lease that is named twice once: the first outcome counts", () => {
    const settlements = [settle.snooze(lease("a"), 7), settle.complete(lease("b"), 0), settle.release(lease("a"))]
    const { positions } = encode("b", "channel", "", "lane", request(1, { settle: settlements }))
    const settled = (lost: string) =>
      decode(request(1, { settle: settlements }), "lane", positions, [2, lost, -1, 0, "", "", [], 0]).settled
    assert.deepStrictEqual(settled(""), ["settled", "settled", "lost"])
    assert.deepStrictEqual(settled("1"), ["lost", "settled", "lost"])
  })

  it("sends no token that could be taken for several words or for none", () => {
    for (const token of ["", " ", "t 1", "t\n"]) {
      assert.deepStrictEqual(wire(settle.release(lease("a", token))), ["b", 0, 1, "-", "0:a"])
    }
  })

  it("names lanes without white space, and never two alike", () => {
    const names = [["a b", "c"], ["a", "b c"], ["a%20;b", "c"], ["a\u00a0b", "c"], ["a", "/c"], ["a/", "c"]]
      .map(([consumer, lane]) => laneOf(request(1, { consumer: consumer!, lane: lane! })))
    assert.strictEqual(new Set(names).size, names.length)
    for (const name of names) assert.notMatch(name, /\s/)
  })
})

describe("an exchange with more outcomes than a call may carry", () => {
  it("is cut by number and by length", () => {
    const lengths = (all: ReturnType<typeof pieces>) => all.map((one) => one.length)
    assert.deepStrictEqual(lengths(pieces([])), [0])
    assert.deepStrictEqual(lengths(pieces(Array.from({ length: 2001 }, () => settle.release(lease("a"))))), [
      1000,
      1000,
      1
    ])
    const long = settle.complete(lease("a"), 1, completed(JSON.stringify("x".repeat(3_000_000))))
    assert.deepStrictEqual(lengths(pieces([long, long, settle.release(lease("b"))])), [1, 2])
  })

  it.live("settles all of them, claims once, and can be repeated", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const { broker, inspector } = yield* connect({ url })
      yield* created(broker, jobs(1500))
      const first = (yield* broker.exchange(request(1, { claim: 1000 }))).jobs
      const second = (yield* broker.exchange(request(2, { claim: 1000 }))).jobs
      yield* created(broker, jobs(3))
      const settles = [...first, ...second].map((one) => settle.complete(one))
      const all = request(3, { settle: settles, claim: 2 })
      const reply = yield* broker.exchange(all)
      assert.strictEqual(reply.settled.filter((one) => one === "settled").length, 1500)
      assert.strictEqual(reply.jobs.length, 2)
      assert.deepStrictEqual(yield* broker.exchange(all), reply)
      const { states, totals } = yield* inspector.stats(queue)
      assert.deepStrictEqual([states.running, states.available, totals.completed], [2, 1, 1500])
    }))
})
