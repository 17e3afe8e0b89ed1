import { assert, describe, it } from "@effect/vitest"
import { Consumer, ConsumerHealth } from "@sluice/consumer"
import { Inspector } from "@sluice/core"
import { Effect, Exit, Layer } from "effect"
import { TestClock } from "effect/testing"
import { A, B, backlog, C, consumer, type Lane, Seen } from "./support/Sharing.ts"
import * as TappedBroker from "./support/TappedBroker.ts"

/** A consumer with 400 jobs waiting in each of the queues that it is told of. */
const loaded = <A, E>(
  slots: number,
  lanes: ReadonlyArray<Lane>,
  test: (seen: Seen) => Effect.Effect<A, E, TappedBroker.Provided | ConsumerHealth>
) => {
  const seen = new Seen()
  return Effect.gen(function*() {
    for (const [index] of lanes.entries()) yield* backlog([A, B, C][index]!, 400)
    yield* Effect.provide(test(seen), consumer(seen, slots, lanes))
    assert.isAtMost(seen.most, slots)
  }).pipe(Effect.provide(TappedBroker.layer))
}

/** A consumer of two queues only, whose jobs take a second. */
const pair = (options: Omit<Consumer.Options<[typeof A, typeof B]>, "tasks">) =>
  Consumer.layer({ ...options, tasks: [A, B], grace: 0 }).pipe(
    Layer.provide(Layer.merge(A.toLayer(() => Effect.sleep("1 second")), B.toLayer(() => Effect.sleep("1 second"))))
  )

describe("queues that share slots", () => {
  it.effect("get them by their weights", () =>
    loaded(10, [{ weight: 3 }, {}, {}], (seen) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("29.5 seconds")
        assert.deepStrictEqual(seen.running, [6, 2, 2])
        assert.deepStrictEqual(seen.started, [180, 60, 60])
      })))

  it.effect.each(
    [
      [1, [3, 1], [90, 30, 0]],
      [2, [3, 1], [180, 60, 0]],
      [4, [0.5, 0.25], [320, 160, 0]],
      [2, [5, 4, 3], [100, 80, 60]],
      [1, [1, 1, 1], [40, 40, 40]]
    ] as const
  )(
    "take turns at what does not divide: %j slots, weights %j",
    ([slots, weights, expected]) =>
      loaded(slots, weights.map((weight) => ({ weight })), (seen) =>
        Effect.gen(function*() {
          yield* TestClock.adjust("119.5 seconds")
          const off = seen.started.map((count, index) => Math.abs(count - expected[index]!))
          assert.isAtMost(Math.max(...off), 2, JSON.stringify(seen.started))
        }))
  )

  it.effect("hold their shares whatever their jobs take", () =>
    loaded(4, [{ takes: "1 minute" }, {}], (seen) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("119.5 seconds")
        assert.deepStrictEqual(seen.started, [4, 240, 0])
      })))

  it.effect("share a single slot by time, so that long jobs don't take it from short ones", () =>
    loaded(1, [{ takes: "10 seconds" }, {}], (seen) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("199.5 seconds")
        assert.deepStrictEqual(seen.started, [10, 100, 0])
      })))

  it.effect("owe each other a minute at most, however long a job took", () =>
    loaded(1, [{ takes: "5 minutes" }, {}], (seen) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("299.5 seconds")
        assert.deepStrictEqual(seen.started, [1, 0, 0])
        yield* TestClock.adjust("130 seconds")
        assert.deepStrictEqual(seen.started, [2, 120, 0])
      })))

  it.effect("take turns also when jobs take no time", () =>
    loaded(1, [{ takes: 0 }, { takes: 0 }, { takes: 0 }], (seen) =>
      Effect.gen(function*() {
        yield* TestClock.adjust(1)
        const counts = seen.started.map((count) => Math.abs(count - seen.started[0]!))
        assert.isAbove(seen.started[0]!, 100)
        assert.isAtMost(Math.max(...counts), 1)
      })))

  it.effect("leave theirs to the others at once when they have no work, and have it back when they have", () =>
    loaded(6, [{}], (seen) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("9.5 seconds")
        assert.deepStrictEqual(seen.running, [6, 0, 0])
        yield* backlog(B, 6)
        yield* TestClock.adjust("100 millis")
        // what runs is left alone
        assert.deepStrictEqual(seen.running, [6, 0, 0])
        yield* TestClock.adjust("900 millis")
        assert.deepStrictEqual(seen.running, [3, 3, 0])
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(seen.running, [3, 3, 0])
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(seen.running, [6, 0, 0])
      })))

  it.effect("use what another one's own concurrency leaves", () =>
    loaded(10, [{ weight: 100, concurrency: 2 }, {}, { weight: 3 }], (seen) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("9.5 seconds")
        assert.deepStrictEqual(seen.running, [2, 2, 6])
      })))

  it.effect("claim exactly what they can start, in the same calls as queues that share nothing", () => {
    const calls = (options: Pick<Parameters<typeof pair>[0], "concurrency" | "queues">) =>
      Effect.gen(function*() {
        const tap = yield* TappedBroker.Tap
        tap.latency = 5
        yield* backlog(A, 100)
        yield* backlog(B, 100)
        const run = Effect.andThen(TestClock.adjust("9.5 seconds"), Effect.sync(() => tap.latency = 0))
        yield* Effect.provide(run, pair(options))
        return tap.exchanges.map(({ reply, request: { claim, queue, settle } }) =>
          `${queue.name}: settles ${settle.length}, claims ${claim}, gets ${reply?.jobs.length}`
        )
      }).pipe(Effect.provide(TappedBroker.layer))
    return Effect.gen(function*() {
      const alone = yield* calls({ queues: { a: { concurrency: 6 }, b: { concurrency: 4 } } })
      const queues = { a: { concurrency: 100, weight: 3 }, b: { concurrency: 100, weight: 2 } }
      assert.deepStrictEqual(yield* calls({ concurrency: 10, queues }), alone)
      assert.include(alone, "a: settles 5, claims 5, gets 5")
    })
  })

  it.effect.each(Array.from({ length: 12 }, (_, seed) => seed + 1))(
    "leave no slot idle that a queue could use, and never take more than there are: seed %d",
    (seed) => scramble(seed)
  )
})

/** Random weights, own limits, run times and arrivals; checked all the time. */
const scramble = Effect.fnUntraced(function*(seed: number) {
  const random = (limit: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor(seed / 2 ** 31 * limit)
  }
  const slots = 1 + random(9)
  const lanes = [A, B, C].map(() => ({
    concurrency: 1 + random(6),
    weight: [0.5, 1, 3, 10][random(4)]!,
    priority: random(3) === 0 ? 1 : 0,
    takes: 1 + random(40)
  }))
  const seen = new Seen()
  const enqueued = [0, 0, 0]
  const check = () => {
    const state = JSON.stringify({ slots, lanes, enqueued, seen })
    assert.isAtMost(seen.most, slots, state)
    const usable = lanes.map(({ concurrency }, index) => {
      const waiting = enqueued[index]! - seen.started[index]!
      return Math.min(waiting, concurrency - seen.running[index]!)
    })
    assert.strictEqual(
      Math.min(slots - seen.total(), usable.reduce((sum, count) => sum + count, 0)),
      0,
      state
    )
  }
  const run = Effect.gen(function*() {
    for (let step = 0; step < 150; step++) {
      if (random(4) === 0) {
        const queue = random(3)
        const count = 1 + random(20)
        enqueued[queue]! += count
        yield* backlog([A, B, C][queue]!, count)
      }
      yield* TestClock.adjust(1 + random(10))
      check()
    }
    yield* TestClock.adjust("1 minute")
    assert.deepStrictEqual(seen.started, enqueued)
  })
  yield* Effect.provide(run, Layer.provideMerge(consumer(seen, slots, lanes), TappedBroker.layer))
})

describe("queues of different priorities", () => {
  it.effect("are served in their order: a later one gets slots only while those before have nothing to claim", () => {
    const seen = new Seen()
    return Effect.gen(function*() {
      yield* backlog(C, 100)
      yield* backlog(B, 5)
      yield* backlog(A, 5)
      const run = Effect.gen(function*() {
        yield* TestClock.adjust("5.5 seconds")
        assert.strictEqual(seen.order.join(""), "aaaaabbbbbcc")
        yield* backlog(A, 3)
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual(seen.order.join(""), "aaaaabbbbbccaaac")
      })
      yield* Effect.provide(run, consumer(seen, 2, [{ priority: 2 }, { priority: 1 }]))
    }).pipe(Effect.provide(TappedBroker.layer))
  })

  it.effect("leave what the own concurrency of the first does not take, and share it by weights", () =>
    loaded(10, [{ priority: 1, concurrency: 4 }, { weight: 2 }, {}], (seen) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("9.5 seconds")
        assert.deepStrictEqual(seen.running, [4, 4, 2])
      })))

  it.effect("don't make a consumer look ill when the later ones wait for long", () =>
    loaded(2, [{ priority: 1, takes: "5 minutes" }, {}], (seen) =>
      Effect.gen(function*() {
        const health = yield* ConsumerHealth
        yield* TestClock.adjust("4 minutes")
        assert.deepStrictEqual(seen.running, [2, 0, 0])
        assert.deepStrictEqual(yield* health.check, { live: true, ready: true, reasons: [] })
        const { b } = yield* health.queues
        assert.strictEqual(b?.watchdogRestarts, 0)
      })))
})

describe("a queue without a slot", () => {
  it.effect("passes a wake-up on to another consumer", () => {
    const [full, idle] = [new Seen(), new Seen()]
    return Effect.gen(function*() {
      // both have looked for work in each queue, and are told of it in this order
      yield* Layer.build(consumer(full, 1, [{ takes: "1 hour" }]))
      yield* TestClock.adjust(1)
      yield* Layer.build(consumer(idle, 1, []))
      yield* TestClock.adjust(1)
      yield* backlog(A, 1)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(full.running, [1, 0, 0])
      yield* backlog(B, 1)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual([full.started, idle.started], [[1, 0, 0], [0, 1, 0]])
    }).pipe(Effect.scoped, Effect.provide(TappedBroker.layer))
  })
})

describe("a queue whose broker fails", () => {
  it.effect("leaves its slots to the others at once, whatever they do meanwhile", () => {
    const seen = new Seen()
    const lanes = [{ takes: "3 seconds" }, { takes: "1 hour" }] as const
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      const run = Effect.gen(function*() {
        // all have looked for work, and rest
        yield* TestClock.adjust(1)
        yield* backlog(B, 1)
        yield* backlog(A, 10)
        yield* backlog(B, 10)
        yield* TestClock.adjust("2 seconds")
        assert.deepStrictEqual(seen.running, [1, 1, 0])
        tap.losing = "a"
        tap.latency = 5
        yield* TestClock.adjust("1.5 seconds")
        assert.deepStrictEqual(seen.running, [0, 2, 0])
        tap.losing = undefined
        tap.latency = 0
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(seen.running, [0, 2, 0])
      })
      yield* Effect.provide(run, consumer(seen, 2, lanes))
    }).pipe(Effect.provide(TappedBroker.layer))
  })

  it.effect("leaves its slots to the others, and gives back what it has no slot for later", () => {
    const seen = new Seen()
    const lanes = [{ takes: "1 hour" }, { takes: "10 seconds" }] as const
    return Effect.gen(function*() {
      const tap = yield* TappedBroker.Tap
      yield* backlog(A, 10)
      yield* backlog(B, 100)
      tap.losing = "a"
      const run = Effect.gen(function*() {
        yield* TestClock.adjust("1 second")
        // the broker has given it jobs, and it has not heard of it: its slots went to the other queue
        assert.deepStrictEqual(seen.running, [0, 4, 0])
        tap.losing = undefined
        yield* TestClock.adjust("20 seconds")
        assert.deepStrictEqual(seen.running, [2, 2, 0])
        assert.strictEqual(seen.most, 4)
      })
      yield* Effect.provide(run, consumer(seen, 4, lanes))
      const attempts = yield* Inspector.use((inspector) => inspector.stats(A.queue))
      assert.strictEqual(attempts.states.available, 10)
    }).pipe(Effect.provide(TappedBroker.layer))
  })
})

describe("the options of sharing", () => {
  it.effect.each(
    [
      [{ concurrency: 0 }, {}, "the consumer's concurrency is 0; it has to be a whole number from 1 to 10000"],
      [{ concurrency: NaN }, {}, "the consumer's concurrency is NaN; it has to be a whole number from 1 to 10000"],
      [{ concurrency: 1.5 }, {}, "the consumer's concurrency is 1.5; it has to be a whole number from 1 to 10000"],
      [{ concurrency: 9 }, { weight: 0 }, "weight is 0; it has to be a number from 0.01 to 100"],
      [{ concurrency: 9 }, { weight: -1 }, "weight is -1; it has to be a number from 0.01 to 100"],
      [{ concurrency: 9 }, { weight: NaN }, "weight is NaN; it has to be a number from 0.01 to 100"],
      [{ concurrency: 9 }, { weight: 101 }, "weight is 101; it has to be a number from 0.01 to 100"],
      [{ concurrency: 9 }, { priority: 0.5 }, "priority is 0.5; it has to be a whole number from -100 to 100"],
      [
        {},
        { weight: 2 },
        "a queue has a weight, but there are no slots to share: give the whole consumer a concurrency"
      ],
      [
        {},
        { priority: 0 },
        "a queue has a priority, but there are no slots to share: give the whole consumer a concurrency"
      ]
    ] as const
  )("are refused when they are wrong: %j %j", ([process, queue, message]) =>
    Effect.gen(function*() {
      const layer = pair({ ...process, queues: { a: { concurrency: 1, ...queue }, b: { concurrency: 1 } } })
      const exit = yield* Effect.exit(Effect.scoped(Layer.build(layer)))
      assert.deepStrictEqual(exit, Exit.die(new RangeError(`Consumer: ${message}`)))
    }).pipe(Effect.provide(TappedBroker.layer)))

  it.effect("bound what is shown of each queue", () =>
    Effect.gen(function*() {
      const { a, b } = yield* ConsumerHealth.use(({ queues }) => queues)
      assert.deepStrictEqual([a?.concurrency, b?.concurrency], [5, 3])
    }).pipe(Effect.provide(
      pair({ concurrency: 5, queues: { a: { concurrency: 50 }, b: { concurrency: 3 } } }).pipe(
        Layer.provide(TappedBroker.layer)
      )
    )))
})
