import { assert, describe, it } from "@effect/vitest"
import { Broker, MemoryBroker } from "@sluice/core"
import { BrokerError, BrokerUnavailable } from "@sluice/core/BrokerError"
import { JobFactory } from "@sluice/core/testing"
import { Effect, Exit, Fiber, Layer } from "effect"
import { layer, SharedEnqueue } from "../src/enqueue/SharedEnqueue.ts"
import { ProducerOptions, resolve } from "../src/ProducerOptions.ts"

const job = (id: string) => JobFactory.job({ id })

/** A real broker that notes each enqueue: the queue, and the ids in their order. */
const noting = (calls: Array<string>, failure?: BrokerError) =>
  Layer.effect(
    Broker,
    Effect.map(Broker, (broker) =>
      Broker.of({
        ...broker,
        enqueue: (queue, jobs) => {
          calls.push(`${queue.name}: ${jobs.map(({ id }) => id).join(" ")}`)
          return failure === undefined ? broker.enqueue(queue, jobs) : Effect.fail(failure)
        }
      }))
  ).pipe(Layer.provide(MemoryBroker.layer))

const over = (broker: Layer.Layer<Broker>) =>
  layer.pipe(Layer.provide(broker), Layer.provide(Layer.succeed(ProducerOptions, resolve({}))))

describe("single jobs", () => {
  it.effect("that come together go in one call per queue, and each gets its own answer", () => {
    const calls: Array<string> = []
    return Effect.gen(function*() {
      const { enqueue } = yield* SharedEnqueue
      yield* enqueue("mail", job("known"))
      const answers = yield* Effect.all(
        [enqueue("mail", job("a")), enqueue("sms", job("b")), enqueue("mail", job("known")), enqueue("mail", job("c"))],
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(calls, ["mail: known", "mail: a known c", "sms: b"])
      assert.deepStrictEqual(answers.map(({ answer }) => answer), ["created", "created", "existing", "created"])
    }).pipe(Effect.provide(over(noting(calls))))
  })

  it.effect("of one call fail alike when it fails, and the next call is a new one", () => {
    const calls: Array<string> = []
    const failure = new BrokerError({
      reason: new BrokerUnavailable({ operation: "enqueue", detail: "gone" })
    })
    return Effect.gen(function*() {
      const { enqueue } = yield* SharedEnqueue
      const ids = ["a", "b"]
      const exits = yield* Effect.forEach(ids, (id) => Effect.exit(enqueue("mail", job(id))), { concurrency: 2 })
      assert.isTrue(exits.every(Exit.isFailure))
      yield* Effect.exit(enqueue("mail", job("c")))
      assert.deepStrictEqual(calls, ["mail: a b", "mail: c"])
    }).pipe(Effect.provide(over(noting(calls, failure))))
  })

  it.effect("are not enqueued when their request is gone before the call", () => {
    const calls: Array<string> = []
    return Effect.gen(function*() {
      const { enqueue } = yield* SharedEnqueue
      const gone = yield* Effect.forkChild(enqueue("mail", job("gone")), { startImmediately: true })
      const stays = yield* Effect.forkChild(enqueue("mail", job("stays")), { startImmediately: true })
      yield* Fiber.interrupt(gone)
      yield* Fiber.join(stays)
      assert.deepStrictEqual(calls, ["mail: stays"])
    }).pipe(Effect.provide(over(noting(calls))))
  })
})
