import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Keys from "../../src/broker/redis/Keys.ts"
import * as JobState from "../../src/job/JobState.ts"
import { job, jobs, settle } from "../../src/testing/JobFactory.ts"
import { client, connect, created, queue, request, server } from "./support/Brokers.ts"

/** Uses every kind of key there is. */
const useEverything = Effect.fnUntraced(function*(url: string) {
  const { broker, inspector } = yield* connect({ url, prefix: "my-app" })
  yield* broker.resume({ ...queue, recordEvents: "always" })
  yield* created(broker, [
    ...jobs(8),
    job({ delayMs: 60_000, priority: 7, awaited: true }),
    job({ delayMs: 1000, priority: -7 })
  ])
  const { jobs: claimed } = yield* broker.exchange(request(1, { claim: 7 }))
  const [complete, cancel, die, retry, handBack, run] = claimed
  yield* broker.progress(queue, run!, "1")
  yield* broker.cancel(queue, [run!.id], "no")
  yield* broker.exchange(request(2, {
    claim: 5,
    wake: true,
    settle: [
      settle.complete(complete!, 60_000),
      settle.cancel(cancel!),
      settle.die(die!),
      settle.retry(retry!),
      settle.handBack(handBack!)
    ]
  }))
  // a paused queue has jobs and idle consumers at the same time
  yield* broker.pause(queue)
  yield* broker.exchange(request(3, { claim: 1, wake: true }))
  yield* created(broker, jobs(1))
  return { broker, inspector }
})

describe("keys", () => {
  it.live("of a partition share one hash tag, are those that are documented, and never expire by themselves", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      yield* useEverything(url)
      const base = "{my-app:q:0}"
      const found = yield* Effect.promise(() => redis.keys("*"))
      const documented = Keys.partitionKeys.map((name) => Keys.partitionKey(base, name))
      assert.sameMembers(
        found,
        // no operation moves a job to `blocked` yet
        ["my-app:queues", ...documented.filter((key) => !key.endsWith(":blocked"))]
      )
      for (const key of found) assert.strictEqual(yield* Effect.promise(() => redis.pttl(key)), -1, key)
    }))

  it.live("of jobs that are gone are gone", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const redis = yield* client(url)
      const { broker, inspector } = yield* useEverything(url)
      yield* broker.resume(queue)
      yield* broker.drain(queue, 100)
      const { jobs: running } = yield* inspector.list(queue, "running")
      const settles = running.map(({ id, lease }) => settle.complete({ id, token: lease!.token }, 0))
      yield* broker.exchange(request(4, { settle: settles }))
      for (const state of JobState.finals) {
        const { jobs: ended } = yield* inspector.list(queue, state)
        yield* broker.remove(queue, ended.map(({ id }) => id))
      }
      assert.sameMembers(
        yield* Effect.promise(() => redis.keys("*")),
        ["my-app:queues", "{my-app:q:0}:meta", "{my-app:q:0}:calls", "{my-app:q:0}:events"]
      )
    }))

  it("of a partition are all in the reference, and no others", () => {
    const page = readFileSync(join(import.meta.dirname, "../../../../docs/reference/protocol.md"), "utf8")
    const section = page.slice(page.indexOf("## Keys"), page.indexOf("Some keys belong to no partition"))
    const listed = [...section.matchAll(/^\| `(\w+)` +\| (?:hash|sorted set|stream) /gm)].map(([, name]) => name)
    assert.sameMembers(listed, [...Keys.partitionKeys])
  })

  it("tell which queue they are of", () => {
    for (const name of ["q", "a:b", "mail/eu-1"]) assert.strictEqual(Keys.queueOf("p", Keys.base("p", name, 12)), name)
  })

  it("can't be confused by a prefix", () => {
    for (const good of ["sluice", "my-app", "a/b.c_d", "x".repeat(64)]) assert.isTrue(Keys.isPrefix(good), good)
    for (const bad of ["", "a:b", "{a}", "a b", "\u00e9", "x".repeat(65)]) assert.isFalse(Keys.isPrefix(bad), bad)
  })
})
