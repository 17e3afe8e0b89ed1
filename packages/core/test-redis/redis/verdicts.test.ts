import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { scripts } from "../../src/broker/redis/Scripts.generated.ts"
import { jobs, settle } from "../../src/testing/JobFactory.ts"
import { client, connect, created, queue, request, server } from "./support/Brokers.ts"

it.live("whoever awaits a job is told of its end, and does not ask again and again", () =>
  Effect.gen(function*() {
    const { url } = yield* server()
    const redis = yield* client(url)
    const { broker } = yield* connect({ url })
    const ids = yield* created(broker, jobs(20))
    const waiting = yield* Effect.forEach(
      ids,
      (id) => Effect.forkChild(broker.awaitVerdict(queue, id), { startImmediately: true })
    )
    const channels = Effect.promise(() => redis.pubsub("CHANNELS", "sluice:results:*"))
    while ((yield* channels).length === 0) yield* Effect.yieldNow
    const { jobs: held } = yield* broker.exchange(request(1, { claim: 20 }))
    const looks: Array<string> = []
    const monitor = yield* Effect.promise(() => redis.monitor())
    monitor.on("monitor", (_: string, args: ReadonlyArray<string>) => {
      if (args[1] === scripts.await.sha1) looks.push(args[4]!)
    })
    const start = performance.now()
    yield* broker.exchange(request(2, { settle: held.map((one) => settle.complete(one, 0)) }))
    const ended = yield* Effect.forEach(waiting, (fiber) => Fiber.join(fiber))
    monitor.disconnect()
    assert.isTrue(ended.every((one) => one?.state === "completed"))
    // the second look that nobody needs comes after two seconds
    assert.isBelow(performance.now() - start, 1_500)
    assert.isAtMost(looks.length, 20)
    assert.deepStrictEqual((yield* channels).length, 1)
  }))
