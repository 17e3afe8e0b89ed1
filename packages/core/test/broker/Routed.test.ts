import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { Broker, type ExchangeRequest } from "../../src/broker/Broker.ts"
import { Inspector } from "../../src/broker/Inspector.ts"
import * as MemoryStore from "../../src/broker/memory/MemoryStore.ts"
import type { PartitionStore } from "../../src/broker/PartitionStore.ts"
import * as Routed from "../../src/broker/Routed.ts"
import { BrokerError, BrokerFull, BrokerUnavailable } from "../../src/job/BrokerError.ts"
import type { JobId } from "../../src/job/JobId.ts"
import * as JobQueue from "../../src/task/JobQueue.ts"
import { job, jobs, settle } from "../../src/testing/JobFactory.ts"

const unavailable = (operation: string) =>
  new BrokerError({ reason: new BrokerUnavailable({ operation, detail: "test" }) })

/** A store over memory that notes the calls it gets, with what a test changes. */
const noted = (change: (store: PartitionStore) => Partial<PartitionStore> = () => ({})) => {
  const memory = MemoryStore.make()
  const calls: Array<string> = []
  const store: PartitionStore = {
    ...memory,
    open: (queue) => {
      calls.push(`open ${queue.name}`)
      return memory.open(queue)
    },
    exchange: (place, request) => {
      calls.push(`exchange ${place.partition} ${request.lane} ${request.claim}`)
      return memory.exchange(place, request)
    },
    enqueue: (place, all) => {
      calls.push(`enqueue ${place.partition} ${all.length}`)
      return memory.enqueue(place, all)
    },
    ...change(memory)
  }
  return { store, calls }
}

const services = (store: PartitionStore) =>
  Effect.map(Routed.make(store), (context) => ({
    broker: Context.get(context, Broker),
    inspector: Context.get(context, Inspector)
  }))

const queue = JobQueue.make("q")
const three = JobQueue.make("q", { partitions: 3 })

const request = (overrides: Partial<ExchangeRequest>): ExchangeRequest => ({
  queue: three,
  consumer: "c",
  lane: "l",
  sequence: 1,
  settle: [],
  claim: 0,
  leaseMs: 1000,
  wake: false,
  ...overrides
})

describe("Routed", () => {
  it.effect("opens a queue once", () =>
    Effect.gen(function*() {
      const { calls, store } = noted()
      const { broker } = yield* services(store)
      yield* broker.enqueue(queue, [job()])
      yield* broker.enqueue(queue, [job()])
      yield* broker.pause(queue)
      assert.deepStrictEqual(calls.filter((call) => call.startsWith("open")), ["open q"])
    }))

  it.effect("tries again when a queue could not be opened", () =>
    Effect.gen(function*() {
      let failures = 1
      const { store } = noted((memory) => ({
        open: (one) => failures-- > 0 ? Effect.fail(unavailable("open")) : memory.open(one)
      }))
      const { broker } = yield* services(store)
      const enqueue = broker.enqueue(queue, [job()])
      assert.strictEqual((yield* Effect.flip(enqueue)).reason._tag, "BrokerUnavailable")
      assert.strictEqual((yield* enqueue)[0]?.answer, "created")
    }))

  it.effect("does not open a queue to look at it or to act on its jobs", () =>
    Effect.gen(function*() {
      const { calls, store } = noted()
      const { broker, inspector } = yield* services(store)
      const id = "0:a" as JobId
      yield* inspector.stats(queue)
      yield* inspector.job(queue, id)
      yield* inspector.list(queue, "dead")
      yield* broker.cancel(queue, [id], "no")
      yield* broker.remove(queue, [id])
      yield* broker.awaitVerdict(queue, id)
      yield* broker.rescue(queue, 10)
      yield* broker.drain(queue, 10)
      assert.deepStrictEqual(calls, [])
      assert.deepStrictEqual(yield* inspector.queues, [])
    }))

  it.effect("makes ids of its own nonce and a counter", () =>
    Effect.gen(function*() {
      const ids = Effect.gen(function*() {
        const { broker } = yield* services(MemoryStore.make())
        const answers = yield* broker.enqueue(queue, jobs(37))
        return answers.map((answer) => answer.answer === "refused" ? "" : String(answer.id))
      })
      const first = yield* ids
      const second = yield* ids
      for (const id of first) assert.match(id, /^0:[0-9A-Za-z]{10}[0-9a-z]+$/)
      const nonce = first[0]!.slice(0, 12)
      assert.deepStrictEqual([first[0], first[35], first[36]], [`${nonce}0`, `${nonce}z`, `${nonce}10`])
      assert.isFalse(second[0]!.startsWith(nonce))
      // two lives under one seed must not make the same ids
      assert.notDeepEqual(yield* Random.withSeed(ids, "a"), yield* Random.withSeed(ids, "a"))
    }))

  it.effect("rounds times up to whole milliseconds, so that no job is early", () =>
    Effect.gen(function*() {
      const { broker, inspector } = yield* services(MemoryStore.make())
      yield* broker.enqueue(queue, [job({ delayMs: 0.25 }), job({ runAtMs: 1.5 })])
      const page = yield* inspector.list(queue, "scheduled")
      assert.deepStrictEqual(page.jobs.map(({ dueAtMs }) => dueAtMs), [1, 2])
    }))

  it.effect("calls a job created that the store knows only because the call was repeated there", () =>
    Effect.gen(function*() {
      const { store } = noted(() => ({ enqueue: (_, all) => Effect.succeed(all.map(() => "existing" as const)) }))
      const { broker } = yield* services(store)
      const answers = yield* broker.enqueue(queue, [job(), job({ id: "a" })])
      assert.deepStrictEqual(answers.map(({ answer }) => answer), ["created", "existing"])
    }))

  it.effect("sends each partition its jobs in one call", () =>
    Effect.gen(function*() {
      const { calls, store } = noted()
      const { broker } = yield* services(store)
      yield* broker.enqueue(three, jobs(7))
      assert.deepStrictEqual(calls.slice(1), ["enqueue 0 3", "enqueue 1 2", "enqueue 2 2"])
    }))

  it.effect("answers for each job where one partition fails and others do not", () =>
    Effect.gen(function*() {
      const failing = new Map([[1, unavailable("enqueue").reason], [
        2,
        new BrokerFull({ operation: "enqueue", detail: "" })
      ]])
      const { store } = noted((memory) => ({
        enqueue: (place, all) => {
          const reason = failing.get(place.partition)
          return reason === undefined ? memory.enqueue(place, all) : Effect.fail(new BrokerError({ reason }))
        }
      }))
      const { broker } = yield* services(store)
      const answers = yield* broker.enqueue(three, [job({ id: "a" }), job({ priority: 1000 }), ...jobs(3)])
      const shown = answers.map((one) => [one.answer, "reason" in one ? one.reason._tag : undefined])
      const unknown = answers.find((one) => one.answer === "unknown")
      assert.sameDeepMembers(shown.slice(1), [
        ["refused", "InvalidOption"],
        ["created", undefined],
        ["unknown", "BrokerUnavailable"],
        ["refused", "BrokerFull"]
      ])
      assert.match(unknown!.id, /^1:/)
      failing.set(0, new BrokerFull({ operation: "enqueue", detail: "" }))
      const error = yield* Effect.flip(broker.enqueue(three, jobs(3)))
      assert.strictEqual(error.reason._tag, "BrokerFull")
    }))

  it.effect("asks for fair shares, beginning at another partition each time", () =>
    Effect.gen(function*() {
      const { calls, store } = noted()
      const { broker } = yield* services(store)
      yield* broker.enqueue(three, jobs(30))
      calls.length = 0
      yield* broker.exchange(request({ sequence: 3, claim: 4 }))
      yield* broker.exchange(request({ sequence: 4, claim: 4 }))
      assert.deepStrictEqual(calls, [
        "exchange 0 l 2",
        "exchange 1 l 1",
        "exchange 2 l 1",
        "exchange 1 l 2",
        "exchange 2 l 1",
        "exchange 0 l 1"
      ])
    }))

  it.effect("asks again where there was enough, and only there", () =>
    Effect.gen(function*() {
      const { calls, store } = noted()
      const { broker } = yield* services(store)
      yield* broker.enqueue(three, jobs(10, () => ({ key: "k" })))
      calls.length = 0
      const reply = yield* broker.exchange(request({ claim: 9 }))
      assert.strictEqual(reply.jobs.length, 9)
      const holder = Number.parseInt(reply.jobs[0]!.id, 36)
      assert.deepStrictEqual(calls.slice(3), [`exchange ${holder} l~1 6`])
    }))

  it.effect("asks those first that have woken the consumer, and comes by at those it has no room for", () =>
    Effect.gen(function*() {
      const { calls, store } = noted()
      const { broker } = yield* services(store)
      yield* broker.wakeups(three, "c", () => {})
      yield* broker.exchange(request({ claim: 1, wake: true }))
      // jobs without key go to the partitions in turn
      yield* broker.enqueue(three, jobs(2))
      calls.length = 0
      const call = broker.exchange(request({ sequence: 2, claim: 1, wake: true }))
      assert.deepStrictEqual((yield* call).jobs.length, 1)
      assert.deepStrictEqual(calls, ["exchange 0 l 1", "exchange 1 l~1 0"])
      // the repeat says the same; the next call owes nothing to anybody
      yield* call
      assert.deepStrictEqual(calls.slice(2), ["exchange 0 l 1", "exchange 1 l~1 0"])
      calls.length = 0
      yield* broker.exchange(request({ sequence: 4, claim: 1, wake: true }))
      assert.deepStrictEqual(calls, ["exchange 1 l 1"])
    }))

  it.effect("repeats a call whose second step failed word for word, and goes on from there", () =>
    Effect.gen(function*() {
      let failures = 1
      const { calls, store } = noted((memory) => ({
        exchange: (place, one) => {
          calls.push(`${place.partition} ${one.lane} ${one.claim}`)
          const answer = memory.exchange(place, one)
          // the reply is lost, not the call
          return one.lane === "l~1" && failures-- > 0
            ? Effect.andThen(answer, Effect.fail(unavailable("claim")))
            : answer
        }
      }))
      const { broker, inspector } = yield* services(store)
      yield* broker.enqueue(three, jobs(10, () => ({ key: "k" })))
      calls.length = 0
      const call = broker.exchange(request({ claim: 9 }))
      yield* Effect.flip(call)
      const sent = calls.splice(0)
      const reply = yield* call
      assert.deepStrictEqual(calls, sent)
      assert.strictEqual(new Set(reply.jobs.map(({ id }) => id)).size, 9)
      assert.strictEqual((yield* inspector.stats(three)).states.running, 9)
    }))

  it.effect("sends settlements to their own partitions only", () =>
    Effect.gen(function*() {
      const { calls, store } = noted()
      const { broker } = yield* services(store)
      yield* broker.enqueue(three, jobs(9))
      const reply = yield* broker.exchange(request({ claim: 9 }))
      const two = reply.jobs.filter(({ id }) => !id.startsWith("1:"))
      calls.length = 0
      const answer = yield* broker.exchange(request({ sequence: 2, settle: two.map((one) => settle.complete(one)) }))
      assert.deepStrictEqual(calls.toSorted(), ["exchange 0 l 0", "exchange 2 l 0"])
      assert.isTrue(answer.settled.every((one) => one === "settled"))
    }))

  it.effect("sweeps partitions until the limit is used up, beginning at another one each time", () =>
    Effect.gen(function*() {
      const sweeps: Array<string> = []
      const { store } = noted((memory) => ({
        drain: (place, limit) => {
          sweeps.push(`${place.partition} ${limit}`)
          return memory.drain(place, limit)
        }
      }))
      const { broker } = yield* services(store)
      yield* broker.enqueue(three, jobs(9))
      const answers = [yield* broker.drain(three, 4), yield* broker.drain(three, 4), yield* broker.drain(three, 4)]
      assert.deepStrictEqual(answers, [
        { count: 4, more: true },
        { count: 4, more: true },
        { count: 1, more: false }
      ])
      assert.deepStrictEqual(sweeps, ["0 4", "1 1", "1 4", "2 2", "2 4", "0 3", "1 3"])
    }))

  it.effect("calls a queue paused when all of its partitions are", () =>
    Effect.gen(function*() {
      const { store } = noted()
      const { broker, inspector } = yield* services(store)
      yield* broker.enqueue(three, jobs(3))
      for (const partition of [0, 1, 2]) {
        const reply = yield* broker.exchange(request({ sequence: partition + 3 }))
        const stats = yield* inspector.stats(three)
        assert.deepStrictEqual([reply.paused, stats.paused], [false, false])
        yield* store.pause({ queue: three, partition })
      }
      assert.isTrue((yield* broker.exchange(request({ sequence: 9 }))).paused)
      assert.isTrue((yield* inspector.stats(three)).paused)
    }))

  it.effect("passes a failure of any partition on", () =>
    Effect.gen(function*() {
      const { store } = noted((memory) => ({
        cancel: (place, ids, reason) =>
          place.partition === 1 ? Effect.fail(unavailable("cancel")) : memory.cancel(place, ids, reason)
      }))
      const { broker } = yield* services(store)
      yield* broker.enqueue(three, jobs(3))
      const error = yield* Effect.flip(broker.cancel(three, ["0:x", "1:x"] as Array<JobId>, "no"))
      assert.strictEqual(error.reason._tag, "BrokerUnavailable")
    }))

  it.effect("finds a queue that another process has opened", () =>
    Effect.gen(function*() {
      const store = MemoryStore.make()
      const first = yield* services(store)
      const second = yield* services(store)
      assert.strictEqual((yield* second.inspector.stats(queue)).states.available, 0)
      yield* first.broker.enqueue(three, jobs(3))
      const stats = yield* second.inspector.stats(queue)
      assert.deepStrictEqual([stats.partitions, stats.states.available], [3, 3])
    }))
})
