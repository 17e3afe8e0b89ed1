import { assert, describe, it } from "@effect/vitest"
import { Broker, Inspector, JobQueue } from "@sluice/core"
import * as Verdict from "@sluice/core/Verdict"
import { call, claim, type TestProducer, withProducer } from "./support/TestProducer.ts"

const enqueue = (producer: TestProducer, queue: string, more: object = {}, count = 1) =>
  call(
    producer,
    "POST",
    `/v1/queues/${queue}/jobs`,
    Array.from({ length: count }, () => ({ task: "Send", payload: 1, ...more }))
  )

/** Makes jobs and lets all that wait die, each for its own reason. */
const kill = async (
  producer: TestProducer,
  reason: Verdict.Verdict & { readonly _tag: "Dead" },
  kind: string,
  count: number
) => {
  const jobs = await claim(producer, "mail", count)
  await producer.run(Broker.use((broker) =>
    broker.exchange({
      queue: JobQueue.make("mail"),
      consumer: "test",
      lane: crypto.randomUUID(),
      sequence: 1,
      settle: jobs.map(({ id, token }) => ({
        _tag: "die" as const,
        id,
        token,
        keepMs: 60_000,
        verdict: Verdict.encode(reason),
        failure: Verdict.encodeFailure({ attempt: 1, kind, message: "no" })
      })),
      claim: 0,
      leaseMs: 1000,
      wake: false
    })
  ))
}

const exhausted = { _tag: "Dead", reason: "exhausted", message: "no" } as const
const discarded = { _tag: "Dead", reason: "discarded", message: "no" } as const

describe("counts", () => {
  it(
    "are zero for a queue that was never used, and asking does not make it",
    withProducer({}, async (producer) => {
      const { json, status } = await call(producer, "GET", "/v1/queues/nobody")
      assert.strictEqual(status, 200)
      assert.strictEqual(json.states["available"], 0)
      assert.deepStrictEqual(await producer.run(Inspector.use(({ queues }) => queues)), [])
    })
  )

  it(
    "come for all queues by name, page by page",
    withProducer({}, async (producer) => {
      for (const queue of ["c", "a", "b"]) await enqueue(producer, queue)
      const first = await call(producer, "GET", "/v1/queues?limit=2")
      assert.deepStrictEqual(first.json.queues.map((one) => one.queue), ["a", "b"])
      const second = await call(producer, "GET", `/v1/queues?limit=2&cursor=${first.json.cursor}`)
      assert.deepStrictEqual(second.json.queues.map((one) => one.queue), ["c"])
      assert.notProperty(second.json, "cursor")
    })
  )
})

it(
  "pauses a queue and resumes it",
  withProducer({}, async (producer) => {
    await enqueue(producer, "mail")
    const paused = await call(producer, "POST", "/v1/queues/mail/pause")
    assert.deepStrictEqual<unknown>(paused.json, { queue: "mail", paused: true })
    assert.deepStrictEqual(await claim(producer, "mail"), [])
    await call(producer, "POST", "/v1/queues/mail/resume")
    assert.strictEqual((await claim(producer, "mail")).length, 1)
  })
)

describe("draining", () => {
  it(
    "deletes what waits, within the limit, and says whether there is more",
    withProducer({}, async (producer) => {
      await enqueue(producer, "mail", {}, 5)
      await claim(producer, "mail")
      const some = await call(producer, "POST", "/v1/queues/mail/drain", { limit: 3 })
      assert.deepStrictEqual<unknown>(some.json, { queue: "mail", removed: 3, more: true })
      const rest = await call(producer, "POST", "/v1/queues/mail/drain")
      assert.deepStrictEqual<unknown>(rest.json, { queue: "mail", removed: 1, more: false })
      assert.strictEqual((await call(producer, "GET", "/v1/queues/mail")).json.states["running"], 1)
    })
  )
})

describe("redriving", () => {
  const prepared = async (producer: TestProducer) => {
    await enqueue(producer, "mail", { task: "A" }, 3)
    await kill(producer, exhausted, "Bounced", 3)
    await enqueue(producer, "mail", { task: "B", key: "acme" }, 2)
    await kill(producer, discarded, "Timeout", 2)
  }

  it(
    "brings all dead jobs back",
    withProducer({}, async (producer) => {
      await prepared(producer)
      const { json } = await call(producer, "POST", "/v1/queues/mail/redrive")
      assert.deepInclude(json, { dryRun: false, examined: 5, matched: 5, redriven: 5 })
      assert.strictEqual((await call(producer, "GET", "/v1/queues/mail")).json.states["available"], 5)
    })
  )

  it.each([
    [{ task: "A" }, 3],
    [{ reason: "discarded" }, 2],
    [{ kind: "Bounced" }, 3],
    [{ key: "acme", kind: "Timeout" }, 2],
    [{ key: "acme", kind: "Bounced" }, 0]
  ])("brings only those back that are meant: %j", (filter, expected) =>
    withProducer({}, async (producer) => {
      await prepared(producer)
      const { json } = await call(producer, "POST", "/v1/queues/mail/redrive", filter)
      assert.deepInclude(json, { matched: expected, redriven: expected })
      assert.strictEqual((await call(producer, "GET", "/v1/queues/mail")).json.states["dead"], 5 - expected)
    })())

  it(
    "changes nothing in a dry run",
    withProducer({}, async (producer) => {
      await prepared(producer)
      const { json } = await call(producer, "POST", "/v1/queues/mail/redrive", { dryRun: true, task: "A" })
      assert.deepInclude(json, { dryRun: true, matched: 3, redriven: 0 })
      assert.strictEqual(json.ids.length, 3)
      assert.strictEqual((await call(producer, "GET", "/v1/queues/mail")).json.states["dead"], 5)
    })
  )

  it.each([true, false])(
    "goes on behind the last one at each limit, without missing any (dry run: %s)",
    (dryRun) =>
      withProducer({}, async (producer) => {
        await enqueue(producer, "mail", {}, 700)
        await kill(producer, exhausted, "Bounced", 700)
        const seen: Array<string> = []
        let cursor: string | undefined
        do {
          const more = cursor === undefined ? {} : { cursor }
          const { json } = await call(producer, "POST", "/v1/queues/mail/redrive", { limit: 300, dryRun, ...more })
          seen.push(...json.ids)
          cursor = json.cursor
        } while (cursor !== undefined)
        assert.strictEqual(seen.length, 700)
        assert.strictEqual(new Set(seen).size, 700)
        const { json } = await call(producer, "GET", "/v1/queues/mail")
        assert.strictEqual(json.states["dead"], dryRun ? 700 : 0)
      })()
  )
})

describe("the numbers for autoscalers", () => {
  it(
    "are zero for what does not exist yet, and asking does not make it",
    withProducer({}, async (producer) => {
      const one = await call(producer, "GET", "/v1/scale/nobody")
      assert.deepInclude(one.json, { queue: "nobody", backlog: 0, oldestWaitMs: 0 })
      const two = await call(producer, "GET", "/v1/scale?queue=nobody&queue=noone")
      assert.deepInclude(two.json, { backlog: 0, oldestWaitMs: 0 })
      assert.deepStrictEqual(await producer.run(Inspector.use(({ queues }) => queues)), [])
    })
  )

  it(
    "count what waits and what runs, over all queues that are named",
    withProducer({}, async (producer) => {
      await enqueue(producer, "a", {}, 3)
      await enqueue(producer, "b", {}, 2)
      await claim(producer, "a")
      const { json } = await call(producer, "GET", "/v1/scale?queue=a&queue=b")
      assert.deepInclude(json, { backlog: 5, available: 4, running: 1, dueSoon: false })
      assert.deepStrictEqual(json.queues.map((one) => one.backlog), [3, 2])
      assert.strictEqual((await call(producer, "GET", "/v1/scale?queue=a")).json.backlog, 3)
      const twice = await call(producer, "GET", "/v1/scale?queue=a&queue=a&queue=never")
      assert.strictEqual(twice.json.backlog, 3)
      assert.deepStrictEqual(twice.json.queues.map((one) => one.queue), ["a", "never"])
    })
  )

  it(
    "count a job that is due within the horizon, so that a first consumer wakes",
    withProducer({
      producer: { scaleHorizon: "1 minute" }
    }, async (producer) => {
      await enqueue(producer, "soon", { delay: "50 seconds" })
      await enqueue(producer, "later", { delay: "2 minutes" })
      assert.deepInclude((await call(producer, "GET", "/v1/scale/soon")).json, { backlog: 1, dueSoon: true })
      assert.deepInclude((await call(producer, "GET", "/v1/scale/later")).json, { backlog: 0, dueSoon: false })
    })
  )

  it(
    "leave out what no consumer could take because the queue is paused",
    withProducer({}, async (producer) => {
      await enqueue(producer, "mail", {}, 3)
      await claim(producer, "mail")
      await call(producer, "POST", "/v1/queues/mail/pause")
      assert.deepInclude((await call(producer, "GET", "/v1/scale/mail")).json, { backlog: 1, available: 2, running: 1 })
    })
  )

  it(
    "need a queue",
    withProducer({}, async (producer) => {
      const { json, status } = await call(producer, "GET", "/v1/scale")
      assert.strictEqual(status, 400)
      assert.deepStrictEqual(json.errors[0]?.path, ["query", "queue"])
    })
  )
})
