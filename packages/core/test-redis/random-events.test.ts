/**
 * The same random commands on the memory broker and on Redis: both have to tell the same events of each job, in the same
 * order, and the same pauses. Those of different jobs in one call may come in another order.
 */
import { assert, describe, it } from "@effect/vitest"
import { Broker } from "@sluice/core/Broker"
import type { BrokerError } from "@sluice/core/BrokerError"
import { Events, type QueueEvent } from "@sluice/core/Events"
import { Inspector } from "@sluice/core/Inspector"
import * as JobQueue from "@sluice/core/JobQueue"
import * as MemoryBroker from "@sluice/core/MemoryBroker"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { JobFactory } from "@sluice/core/testing"
import { Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { inject } from "vitest"
import { uniquePrefix } from "../../../tests/support/uniquePrefix.ts"
import * as Command from "../src/testing/random/Command.ts"
import * as World from "../src/testing/random/World.ts"

const startMs = 1_700_000_000_000

const open = Effect.fnUntraced(function*(
  layer: Layer.Layer<Broker | Inspector | Events, BrokerError>,
  queue: JobQueue.JobQueue
) {
  const context = yield* Layer.build(layer)
  const broker = Context.get(context, Broker)
  const reader = yield* Context.get(context, Events).read(queue)
  return { broker, reader, world: World.make(broker, Context.get(context, Inspector), queue) }
})

/** Enqueues one more job in each partition, and reads until they have come. */
const readAll = Effect.fnUntraced(
  function*({ broker, reader }: Effect.Success<ReturnType<typeof open>>, queue: JobQueue.JobQueue) {
    const answers = yield* broker.enqueue(queue, JobFactory.jobs(queue.partitions ?? 1))
    const last = new Set(answers.flatMap((answer) => answer.answer === "created" ? [answer.id] : []))
    const all: Array<QueueEvent> = []
    while (last.size > 0) {
      for (const event of yield* reader.next) {
        if (!("id" in event) || !last.delete(event.id)) all.push(event)
      }
    }
    return all
  }
)

/** What was told of each job, and of the queue. */
const byJob = (events: ReadonlyArray<QueueEvent>) => {
  const told: Record<string, Array<ReadonlyArray<unknown>>> = {}
  for (const event of events) {
    const [name, what] = "id" in event
      ? [event.id, [event.event, event.atMs, event.task, event.attempt]]
      : ["queue", [event.event, event.atMs]]
    ;(told[name] ??= []).push(what)
  }
  return told
}

const compare = Effect.fnUntraced(function*(seed: number, partitions: number) {
  const queue = JobQueue.make("random", { partitions, recordEvents: "always", keepEvents: 1_000_000 })
  yield* TestClock.setTime(startMs)
  const memory = yield* open(MemoryBroker.layer, queue)
  const redis = yield* open(
    RedisBroker.layer({ url: inject("redisUrl"), prefix: uniquePrefix(), clock: "caller" }),
    queue
  )
  // the first use of the queue by the broker is what makes it record always
  for (const { broker } of [memory, redis]) yield* broker.resume(queue)
  let now = startMs
  for (const command of Command.sequence(seed, 300)) {
    if (command._tag === "wait") yield* TestClock.setTime(now += command.ms)
    yield* memory.world.run(command, now)
    yield* redis.world.run(command, now)
  }
  const expected = byJob(yield* readAll(memory, queue))
  assert.deepStrictEqual(byJob(yield* readAll(redis, queue)), expected)
  return Object.keys(expected).length
})

describe("events of memory and Redis", () => {
  for (const partitions of [1, 3]) {
    for (let seed = 1; seed <= 20; seed++) {
      it.effect(
        `agree on random commands, ${partitions} partition(s), seed ${seed}`,
        () => Effect.map(Effect.scoped(compare(seed, partitions)), (jobs) => assert.isAbove(jobs, 3)),
        60_000
      )
    }
  }
})
