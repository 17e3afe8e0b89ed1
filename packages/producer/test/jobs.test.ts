import { assert, describe, it } from "@effect/vitest"
import { Broker, JobQueue } from "@sluice/core"
import type { Settlement } from "@sluice/core/Lease"
import * as Verdict from "@sluice/core/Verdict"
import { call, claim, startProducer, type TestProducer, withProducer } from "./support/TestProducer.ts"

const jobs = "/v1/queues/mail/jobs"

const enqueue = async (producer: TestProducer, id: string, more: object = {}) => {
  const { status } = await call(producer, "POST", jobs, { task: "Send", payload: { to: id }, id, ...more })
  assert.strictEqual(status, 201)
}

/** Runs the next job, as a consumer would, and ends it so. */
const settle = async (
  producer: TestProducer,
  as: (lease: { readonly id: Settlement["id"]; readonly token: string }) => Settlement
) => {
  const [job] = await claim(producer, "mail")
  assert.isDefined(job)
  await producer.run(Broker.use((broker) =>
    broker.exchange({
      queue: JobQueue.make("mail"),
      consumer: "test",
      lane: crypto.randomUUID(),
      sequence: 1,
      settle: [as({ id: job.id, token: job.token })],
      claim: 0,
      leaseMs: 1000,
      wake: false
    })
  ))
}

const complete =
  (success?: string) => (lease: { readonly id: Settlement["id"]; readonly token: string }): Settlement => ({
    ...lease,
    _tag: "complete",
    keepMs: 60_000,
    verdict: Verdict.encode({ _tag: "Completed", ...(success === undefined ? {} : { success }) })
  })

const die = (error?: string) => (lease: { readonly id: Settlement["id"]; readonly token: string }): Settlement => ({
  ...lease,
  _tag: "die",
  keepMs: 60_000,
  verdict: Verdict.encode({
    _tag: "Dead",
    reason: "exhausted",
    message: "no more attempts",
    ...(error === undefined ? {} : { error })
  }),
  failure: Verdict.encodeFailure({ attempt: 1, kind: "Bounced", message: "no such address", consumer: "c" })
})

describe("looking at a job", () => {
  it(
    "shows who runs it, without the lease's token",
    withProducer({}, async (producer) => {
      await enqueue(producer, "a")
      await claim(producer, "mail")
      const { json, text } = await call(producer, "GET", `${jobs}/0%3Aa`)
      assert.deepInclude(json, { state: "running", attempt: 1, attempts: 10, payload: { to: "a" } })
      assert.deepInclude(json["lease"], { consumer: "test" })
      assert.notInclude(text, "token")
    })
  )

  it(
    "shows how it failed and ended, with the task's error as it was written",
    withProducer({}, async (producer) => {
      await enqueue(producer, "a")
      await settle(producer, die(`{"code":1e400}`))
      const { json, text } = await call(producer, "GET", `${jobs}/0%3Aa`)
      assert.deepStrictEqual(json["outcome"], { state: "dead", reason: "exhausted", message: "no more attempts" })
      assert.deepInclude((json["failures"] as ReadonlyArray<object>)[0], { kind: "Bounced", attempt: 1, consumer: "c" })
      assert.include(text, `"error":{"code":1e400}`)
    })
  )

  it(
    "shows what is not JSON as a text",
    withProducer({}, async (producer) => {
      await enqueue(producer, "a")
      await settle(producer, complete("not json"))
      assert.strictEqual((await call(producer, "GET", `${jobs}/0%3Aa`)).json["result"], "not json")
    })
  )

  it(
    "is 404 for one that never was",
    withProducer({}, async (producer) => {
      const answer = await call(producer, "GET", `${jobs}/0%3Anobody`)
      assert.strictEqual(answer.status, 404)
      assert.deepInclude(answer.json, { type: "urn:sluice:problem:job-not-found", queue: "mail", id: "0:nobody" })
      assert.deepStrictEqual((await call(producer, "GET", "/v1/queues")).json.queues, [])
    })
  )

  it(
    "takes the longest ids, of any characters",
    withProducer({}, async (producer) => {
      const id = "ü/?#%;&".repeat(36) + "1234"
      await enqueue(producer, id)
      const { json } = await call(producer, "GET", `${jobs}/${encodeURIComponent(`0:${id}`)}`)
      assert.strictEqual(json.id, `0:${id}`)
    })
  )
})

describe("listing jobs", () => {
  it(
    "gives every job once, page by page, in the order in which they will run",
    withProducer({}, async (producer) => {
      for (const id of ["a", "b", "c", "d", "e"]) await enqueue(producer, id, { priority: id === "e" ? 1 : 0 })
      const seen: Array<string> = []
      let cursor: string | undefined
      do {
        const next = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`
        const { json } = await call(producer, "GET", `${jobs}?state=available&limit=2${next}`)
        seen.push(...json.jobs.map((job) => job.id))
        cursor = json.cursor
      } while (cursor !== undefined)
      assert.deepStrictEqual(seen, ["0:e", "0:a", "0:b", "0:c", "0:d"])
    })
  )

  it(
    "shows payloads only when asked",
    withProducer({}, async (producer) => {
      await enqueue(producer, "a")
      assert.notProperty((await call(producer, "GET", `${jobs}?state=available`)).json.jobs[0], "payload")
      const asked = await call(producer, "GET", `${jobs}?state=available&payload=true`)
      assert.deepStrictEqual(asked.json.jobs[0]?.["payload"], { to: "a" })
    })
  )

  it(
    "needs a state, and says which there are",
    withProducer({}, async (producer) => {
      const { json, status } = await call(producer, "GET", `${jobs}?state=waiting`)
      assert.strictEqual(status, 400)
      assert.deepStrictEqual(json.errors[0]?.path, ["query", "state"])
      assert.include(json.errors[0]?.message, "retryable")
    })
  )
})

describe("awaiting a result", () => {
  it(
    "answers as soon as the job has ended, with its result as it was written",
    withProducer({}, async (producer) => {
      await enqueue(producer, "a")
      const waiting = call(producer, "GET", `${jobs}/0%3Aa/result?wait=30s`)
      await settle(producer, complete(`{"n":12345678901234567890}`))
      const { json, status, text } = await waiting
      assert.strictEqual(status, 200)
      assert.deepInclude(json, { state: "completed", ended: true, id: "0:a", queue: "mail" })
      assert.include(text, `"result":{"n":12345678901234567890}`)
    })
  )

  it(
    "answers 202 at the end of the wait, which the producer limits",
    withProducer({
      producer: { maxWait: "10 millis" }
    }, async (producer) => {
      await enqueue(producer, "a")
      const { json, status } = await call(producer, "GET", `${jobs}/0%3Aa/result?wait=1h`)
      assert.strictEqual(status, 202)
      assert.deepStrictEqual<unknown>(json, { queue: "mail", id: "0:a", state: "available", ended: false })
    })
  )

  it(
    "only looks without a wait",
    withProducer({}, async (producer) => {
      await enqueue(producer, "a")
      assert.strictEqual((await call(producer, "GET", `${jobs}/0%3Aa/result`)).status, 202)
      await settle(producer, die(`{"_tag":"Bounced"}`))
      const { json, status } = await call(producer, "GET", `${jobs}/0%3Aa/result`)
      assert.strictEqual(status, 200)
      assert.deepStrictEqual(json["error"], { _tag: "Bounced" })
    })
  )

  it(
    "is 404 for a job that never was, at once, and for one that is removed meanwhile",
    withProducer({}, async (producer) => {
      assert.strictEqual((await call(producer, "GET", `${jobs}/0%3Ax/result?wait=30s`)).status, 404)
      await enqueue(producer, "a")
      const waiting = call(producer, "GET", `${jobs}/0%3Aa/result?wait=30s`)
      await call(producer, "DELETE", `${jobs}/0%3Aa`)
      assert.strictEqual((await waiting).status, 404)
    })
  )

  it("ends the wait when the producer stops", async () => {
    const producer = await startProducer()
    await enqueue(producer, "a")
    const waiting = call(producer, "GET", `${jobs}/0%3Aa/result?wait=30s`)
    // the request has arrived once its connection is one of two
    await call(producer, "GET", "/livez")
    const [answer] = await Promise.all([waiting, producer.stop()])
    assert.strictEqual(answer.status, 202)
  })
})

describe("acting on a job", () => {
  it(
    "cancels a waiting job at once, with its reason",
    withProducer({}, async (producer) => {
      await enqueue(producer, "a")
      const answer = await call(producer, "POST", `${jobs}/0%3Aa/cancel`, { reason: "not wanted" })
      assert.strictEqual(answer.status, 200)
      assert.deepStrictEqual<unknown>(answer.json, { queue: "mail", id: "0:a", answer: "done" })
      const { json } = await call(producer, "GET", `${jobs}/0%3Aa`)
      assert.deepStrictEqual(json["outcome"], { state: "cancelled", by: "operator", reason: "not wanted" })
    })
  )

  it(
    "asks the consumer of a running job, without a body too",
    withProducer({}, async (producer) => {
      await enqueue(producer, "a")
      await claim(producer, "mail")
      const answer = await call(producer, "POST", `${jobs}/0%3Aa/cancel`)
      assert.strictEqual(answer.status, 202)
      assert.strictEqual(answer.json.answer, "requested")
      assert.isString((await call(producer, "GET", `${jobs}/0%3Aa`)).json["cancelRequested"])
    })
  )

  it(
    "retries a dead job, promotes a scheduled one, and removes one",
    withProducer({}, async (producer) => {
      await enqueue(producer, "dead")
      await settle(producer, die())
      await enqueue(producer, "later", { delay: "1 hour" })
      assert.strictEqual((await call(producer, "POST", `${jobs}/0%3Adead/retry`)).status, 200)
      assert.strictEqual((await call(producer, "POST", `${jobs}/0%3Alater/promote`)).status, 200)
      const { json } = await call(producer, "GET", `${jobs}?state=available`)
      assert.deepStrictEqual(json.jobs.map((job) => job.id), ["0:dead", "0:later"])
      assert.strictEqual((await call(producer, "DELETE", `${jobs}/0%3Adead`)).status, 200)
      assert.strictEqual((await call(producer, "GET", `${jobs}/0%3Adead`)).status, 404)
    })
  )

  it.each([["POST", "/retry"], ["POST", "/promote"]])(
    "%s %s is 409 in a state that does not allow it",
    (method, verb) =>
      withProducer({}, async (producer) => {
        await enqueue(producer, "a")
        const { json, status } = await call(producer, method, `${jobs}/0%3Aa${verb}`)
        assert.strictEqual(status, 409)
        assert.deepInclude(json, { type: "urn:sluice:problem:wrong-state", state: "available" })
      })()
  )

  it(
    "does not remove a running job",
    withProducer({}, async (producer) => {
      await enqueue(producer, "a")
      await claim(producer, "mail")
      assert.strictEqual((await call(producer, "DELETE", `${jobs}/0%3Aa`)).status, 409)
    })
  )

  it.each([["POST", "/cancel"], ["POST", "/retry"], ["POST", "/promote"], ["DELETE", ""]])(
    "%s %s is 404 for a job that never was",
    (method, verb) =>
      withProducer({}, async (producer) => {
        assert.strictEqual((await call(producer, method, `${jobs}/0%3Ax${verb}`)).status, 404)
      })()
  )
})

describe("acting on many jobs", () => {
  const path = (id: string) => `${jobs}/0%3A${id}`
  const act = (producer: TestProducer, verb: string, ids: ReadonlyArray<string>, more: object = {}) =>
    call(producer, "POST", `/v1/queues/mail/jobs/${verb}`, { ids, ...more })
  const answersOf = ({ json }: Awaited<ReturnType<typeof act>>) =>
    json.results.map(({ answer, id, problem, status }) => [id, status, answer ?? problem.type.split(":").at(-1)])

  it(
    "answers each in its place, and one that is refused stops no other",
    withProducer({}, async (producer) => {
      for (const id of ["runs", "waits", "gone"]) await enqueue(producer, id)
      await claim(producer, "mail")
      await call(producer, "DELETE", path("gone"))
      const ids = ["0:waits", "0:gone", "0:runs", "7:elsewhere", "0:waits"]
      const cancelled = await act(producer, "cancel", ids, { reason: "too late" })
      assert.strictEqual(cancelled.status, 207)
      assert.deepStrictEqual(answersOf(cancelled), [
        ["0:waits", 200, "done"],
        ["0:gone", 404, "job-not-found"],
        ["0:runs", 202, "requested"],
        ["7:elsewhere", 404, "job-not-found"],
        ["0:waits", 409, "wrong-state"]
      ])
      const { json } = await call(producer, "GET", path("waits"))
      assert.deepNestedInclude(json, { outcome: { state: "cancelled", by: "operator", reason: "too late" } })
      assert.deepStrictEqual(answersOf(await act(producer, "retry", ["0:runs", "0:waits"])), [
        ["0:runs", 409, "wrong-state"],
        ["0:waits", 200, "done"]
      ])
    })
  )

  it(
    "promotes and removes a thousand at once, in several partitions too",
    withProducer({}, async (producer) => {
      const queue = JobQueue.make("mail", { partitions: 3 })
      await producer.run(Broker.use((broker) => broker.pause(queue)))
      const many = Array.from({ length: 1000 }, (_, index) => ({ task: "Send", payload: index, delay: "1h" }))
      const { json: { results } } = await call(producer, "POST", "/v1/queues/mail/jobs", many)
      const ids = results.map(({ id }) => id)
      assert.strictEqual(new Set(ids.map((id) => id[0])).size, 3)
      const expected = ids.map((id) => [id, 200, "done"])
      assert.deepStrictEqual(answersOf(await act(producer, "promote", ids)), expected)
      assert.strictEqual((await call(producer, "GET", "/v1/queues/mail")).json.states.available, 1000)
      assert.deepStrictEqual(answersOf(await act(producer, "remove", ids)), expected)
      assert.strictEqual((await call(producer, "GET", "/v1/queues/mail")).json.states.available, 0)
    })
  )

  it(
    "changes nothing when one of the ids is none, and of a queue that was never used finds none",
    withProducer({}, async (producer) => {
      assert.deepStrictEqual(answersOf(await act(producer, "remove", ["0:x"])), [["0:x", 404, "job-not-found"]])
      assert.deepStrictEqual((await call(producer, "GET", "/v1/queues")).json.queues, [])
      await enqueue(producer, "x")
      const answer = await act(producer, "remove", ["0:x", "no id"])
      assert.strictEqual(answer.status, 400)
      assert.deepStrictEqual<unknown>(answer.json.errors.map((one) => one.path), [["payload", "ids", 1]])
      assert.strictEqual((await call(producer, "GET", path("x"))).status, 200)
    })
  )
})
