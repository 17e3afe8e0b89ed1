import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Broker } from "../../src/broker/Broker.ts"
import type { Inspector } from "../../src/broker/Inspector.ts"
import * as MemoryBroker from "../../src/broker/memory/MemoryBroker.ts"
import * as Command from "../../src/testing/random/Command.ts"
import { findDifference, randomOperations, report } from "../../src/testing/RandomOperations.ts"

const memory = () => MemoryBroker.layer
const seeds = Array.from({ length: 12 }, (_, index) => index + 1)

randomOperations("memory and memory, one partition", memory, memory, { seeds })
randomOperations("memory and memory, three partitions", memory, memory, { seeds, partitions: 3 })

/** A memory broker with one verb done wrong. */
const broken =
  (change: (broker: Broker["Service"]) => Partial<Broker["Service"]>) => (): Layer.Layer<Broker | Inspector> =>
    Layer.effectContext(Effect.map(Layer.build(MemoryBroker.layer), (context) => {
      const broker = Context.get(context, Broker)
      return Context.add(context, Broker, { ...broker, ...change(broker) })
    }))

const brokenBrokers: { readonly [What in string]: () => Layer.Layer<Broker | Inspector> } = {
  "puts released jobs at the end": broken((broker) => ({
    exchange: (request) =>
      broker.exchange({
        ...request,
        settle: request.settle.map((one) =>
          one._tag === "release" ? { _tag: "snooze", id: one.id, token: one.token, delayMs: 0 } : one
        )
      })
  })),
  "cancels without a reason": broken((broker) => ({ cancel: (queue, ids) => broker.cancel(queue, ids, "") })),
  "prunes one more than it was told": broken((broker) => ({
    prune: (queue, limit) => broker.prune(queue, limit + 1)
  })),
  "does repeated calls anew": broken((broker) => {
    let sequence = 0
    return { exchange: (request) => broker.exchange({ ...request, sequence: ++sequence }) }
  }),
  "forgets that jobs are awaited": broken((broker) => ({
    enqueue: (queue, jobs) => broker.enqueue(queue, jobs.map((job) => ({ ...job, awaited: false })))
  }))
}

describe("random operations on a broken broker", () => {
  for (const [what, brokenBroker] of Object.entries(brokenBrokers)) {
    it.effect(`find out that it ${what}, and shrink the case`, () =>
      Effect.gen(function*() {
        for (const seed of seeds) {
          const found = yield* findDifference(memory, brokenBroker, { seed, partitions: 1, length: 200 })
          if (found === undefined) continue
          assert.isAtMost(found.commands.length, 20)
          assert.include(report(seed, found), `seed ${seed}, ${found.commands.length} commands:`)
          return
        }
        assert.fail("no seed found it")
      }))
  }
})

describe("random commands", () => {
  it("are the same for the same seed, and others for another", () => {
    const show = (seed: number) => Command.sequence(seed, 50).map(Command.show)
    assert.deepStrictEqual(show(7), show(7))
    assert.notDeepEqual(show(7), show(8))
  })
})
