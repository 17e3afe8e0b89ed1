import { JobQueue, RetryPolicy, Task } from "@sluice/core"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Result, Schema } from "effect"
import { Bounced, SendEmail } from "./support/SendEmail.ts"

const year = 365 * 24 * 3_600_000

describe("a task's definition", () => {
  it("holds what was written", () => {
    const { definition } = SendEmail
    assert.strictEqual(SendEmail._tag, "SendEmail")
    assert.strictEqual(definition.name, "SendEmail")
    assert.strictEqual(SendEmail.queue.name, "emails")
    assert.strictEqual(definition.queue, SendEmail.queue)
    assert.strictEqual(definition.timeoutMs, 30_000)
    assert.strictEqual(definition.retry?.attempts, 7)
    assert.deepStrictEqual(definition.retention, { completedMs: 0, cancelledMs: 7 * 86_400_000, deadMs: 100 * year })
    assert.strictEqual(definition.key?.({ tenant: "acme" }), "acme")
  })

  it("has defaults for everything but its name", () => {
    const { definition, queue } = Task.make("Ping")
    assert.deepStrictEqual(queue, JobQueue.make("default"))
    assert.isUndefined(definition.retry)
    assert.isUndefined(definition.timeoutMs)
    assert.isUndefined(definition.key)
    assert.deepStrictEqual(definition.retention, {
      completedMs: 3_600_000,
      cancelledMs: 7 * 86_400_000,
      deadMs: 30 * 86_400_000
    })
    const given = Task.make("Ping", {
      queue: undefined,
      payload: undefined,
      retry: undefined,
      timeout: undefined,
      retention: undefined
    })
    assert.deepStrictEqual(given.definition.retention, definition.retention)
  })

  it("keeps the task's name apart from the class's", () => {
    class Renamed extends Task.make("send-email") {}
    assert.strictEqual(Renamed._tag, "send-email")
    assert.strictEqual(Renamed.name, "Renamed")
  })

  it("takes a queue by value", () => {
    const emails = JobQueue.make("emails", { partitions: 4 })
    assert.strictEqual(Task.make("Ping", { queue: emails }).queue, emails)
  })

  it("is refused where it is written when something is out of range, naming it", () => {
    for (const name of ["", "two words", "ü", "x".repeat(129), "a\nb"]) {
      assert.throws(() => Task.make(name), /no task name/)
      assert.throws(() => Task.make("Ping", { queue: name }), /no queue name/)
    }
    for (const timeout of [0, -1, Number.NaN, Infinity, "366 days"] as const) {
      assert.throws(() => Task.make("Ping", { timeout }), /Task "Ping": timeout is/)
    }
    for (const dead of [-1, Number.NaN, Infinity, "40000 days"] as const) {
      assert.throws(() => Task.make("Ping", { retention: { dead } }), /Task "Ping": retention.dead is/)
      assert.throws(() => Task.make("Ping", { retention: { completed: dead } }), /retention.completed is/)
      assert.throws(() => Task.make("Ping", { retention: { cancelled: dead } }), /retention.cancelled is/)
    }
  })

  it("takes names and times at their bounds", () => {
    Task.make("x".repeat(128), { queue: "A-Z_a.z/0:9", timeout: 1, retention: { completed: 0, dead: "36500 days" } })
    assert.strictEqual(Task.make("Ping", { timeout: 0.5 }).definition.timeoutMs, 1)
  })
})

describe("results", () => {
  const { decodeError, decodeSuccess, encodeError, encodeSuccess } = SendEmail.definition

  it("are written and read by the task's schemas", () => {
    const success = { messageId: "m-1", at: DateTime.makeUnsafe(0) }
    const text = Result.getOrThrow(encodeSuccess(success))
    assert.strictEqual(text, "{\"messageId\":\"m-1\",\"at\":\"1970-01-01T00:00:00.000Z\"}")
    assert.deepStrictEqual(decodeSuccess(text), Result.succeed(success))
    const error = Result.getOrThrow(decodeError(Result.getOrThrow(encodeError(new Bounced({ address: "a@x" })))))
    assert.instanceOf(error, Bounced)
    assert.strictEqual((error as { readonly address: string }).address, "a@x")
  })

  it("refuse what is not the task's own", () => {
    assert.isTrue(Result.isFailure(encodeSuccess({ messageId: 1 })))
    assert.isTrue(Result.isFailure(encodeSuccess(undefined)))
    assert.isTrue(Result.isFailure(decodeSuccess(undefined)))
    for (const error of [new Error("x"), { _tag: "Bounced", address: "a@x" }, undefined, "Bounced"]) {
      assert.isTrue(Result.isFailure(encodeError(error)))
    }
  })

  it("of a task that answers nothing are absent, whatever it gives", () => {
    for (const { definition } of [Task.make("Ping"), Task.make("Ping", { success: Schema.Void })]) {
      assert.deepStrictEqual(definition.encodeSuccess(5), Result.succeed(undefined))
      assert.deepStrictEqual(definition.decodeSuccess(undefined), Result.succeed(undefined))
      assert.deepStrictEqual(definition.decodeSuccess("{\"was\":1}"), Result.succeed(undefined))
    }
  })

  it("of a task that never fails hold no error", () => {
    const { definition } = Task.make("Ping", { retry: RetryPolicy.never })
    for (const error of [new Error("x"), undefined, null]) {
      assert.isTrue(Result.isFailure(definition.encodeError(error)))
    }
  })
})
