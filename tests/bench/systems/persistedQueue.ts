/**
 * Effect 4.1's PersistedQueue under test, on its Redis store.
 * Settings: ioredis with auto-pipelining, which is about twice as fast here as without; one taker for each unit of
 * concurrency, as its documentation has it; polling each 100 ms in place of its default of 1 s, since only an offer in the
 * same process would wake it. It has no bulk offer, so bulk is 1000 offers at a time. It validates payloads against a
 * Schema, as Sluice does, and keeps no record of finished jobs.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as PersistedQueue from "effect/persistence/PersistedQueue"
import * as PersistenceRedis from "effect/persistence/Redis"
import * as Schema from "effect/Schema"
import { Redis } from "ioredis"
import type { Payload } from "../payload.ts"
import { forEachEffectInFlight } from "./effectsInFlight.ts"
import type { ConsumerOptions, Producer, System } from "./System.ts"

const Email = Schema.Struct({ n: Schema.Int, to: Schema.String, subject: Schema.String, tenant: Schema.String })

const prefix = "effectq:"

class Client extends Context.Service<Client, Redis>()("bench/Client") {}

/** The `Redis` service of effect/persistence on ioredis. The queue uses `send` and scripts only. */
const redisOn = (port: number) =>
  Layer.effectContext(Effect.gen(function*() {
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => new Redis(port, "127.0.0.1", { enableAutoPipelining: true, maxRetriesPerRequest: null })),
      (redis) => Effect.promise(() => redis.quit())
    )
    const unused = Effect.die("the benchmark neither reserves connections nor subscribes")
    const service = yield* PersistenceRedis.make({
      send: <A = unknown>(command: string, ...args: ReadonlyArray<string>) =>
        Effect.tryPromise({
          try: () => client.call(command, [...args]) as Promise<A>,
          catch: (cause) => new PersistenceRedis.RedisError({ cause })
        }),
      connect: unused,
      subscribe: () => unused
    })
    return Context.make(Client, client).pipe(Context.add(PersistenceRedis.Redis, service))
  }))

const runtimeOn = (port: number) =>
  ManagedRuntime.make(
    PersistedQueue.layer.pipe(
      Layer.provide(PersistedQueue.layerStoreRedis({ prefix, pollInterval: "100 millis" })),
      Layer.provideMerge(redisOn(port))
    )
  )

const openQueue = PersistedQueue.make({ name: "bench", schema: Email })

const unfinished = Effect.gen(function*() {
  const client = yield* Client
  const counts = yield* Effect.promise(() =>
    Promise.all([
      client.llen(`${prefix}bench`),
      client.zcard(`${prefix}bench:delayed`),
      client.hlen(`${prefix}bench:pending`)
    ])
  )
  return counts.reduce((sum, count) => sum + count, 0)
})

const producer = async (port: number): Promise<Producer> => {
  const runtime = runtimeOn(port)
  const queue = await runtime.runPromise(openQueue)
  const offerAll = (payloads: ReadonlyArray<Payload>, inFlight: number) =>
    runtime.runPromise(forEachEffectInFlight(payloads, inFlight, (payload) => queue.offer(payload)))
  return {
    enqueueBulk: (payloads) => offerAll(payloads, 1000),
    enqueueSingles: offerAll,
    enqueue: async (payload, delayMs) => {
      await runtime.runPromise(queue.offer(payload, delayMs > 0 ? { delay: delayMs } : {}))
    },
    unfinished: () => runtime.runPromise(unfinished),
    close: () => runtime.dispose()
  }
}

interface Taker {
  isBusy: boolean
}

const consume = async (port: number, { concurrency, onJob, workMs }: ConsumerOptions) => {
  const runtime = runtimeOn(port)
  const queue = await runtime.runPromise(openQueue)
  const state = { isClosing: false }
  const handler = workMs > 0 ? Effect.sleep(workMs) : Effect.void
  const work = Effect.fnUntraced(function*(taker: Taker) {
    while (!state.isClosing) {
      yield* queue.take((payload) => {
        taker.isBusy = true
        onJob(payload)
        return handler
      })
      taker.isBusy = false
    }
  })
  const takers = Array.from({ length: concurrency }, () => {
    const taker: Taker = { isBusy: false }
    return { taker, fiber: runtime.runFork(work(taker)) }
  })
  return {
    // An interrupted handler's job would go back into the queue, so only idle takers are interrupted.
    close: async () => {
      state.isClosing = true
      const end = takers.map(({ fiber, taker }) => taker.isBusy ? Fiber.await(fiber) : Fiber.interrupt(fiber))
      await Effect.runPromise(Effect.all(end, { concurrency: "unbounded", discard: true }))
      await runtime.dispose()
    }
  }
}

/** Effect's own durable queue: `effect/persistence/PersistedQueue` */
export const persistedQueue: System = { name: "persisted-queue", producer, consume }
