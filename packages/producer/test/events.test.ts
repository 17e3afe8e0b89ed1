import { assert, describe, it } from "@effect/vitest"
import { MemoryBroker } from "@sluice/core"
import { Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as Stopping from "../src/http/Stopping.ts"
import { ProducerOptions, resolve } from "../src/ProducerOptions.ts"
import { events } from "../src/queues/events.ts"
import { call, startProducer, type TestProducer, withProducer } from "./support/TestProducer.ts"

const enqueue = (producer: TestProducer, id: string) =>
  call(producer, "POST", "/v1/queues/mail/jobs", { task: "Send", payload: 1, id })

/** Opens the stream; reads until a pattern has come. */
const follow = async (producer: TestProducer, lastId?: string) => {
  const response = await fetch(`${producer.url}/v1/queues/mail/events`, {
    headers: lastId === undefined ? {} : { "last-event-id": lastId }
  })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ""
  const until = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(text)) {
      const { done, value } = await reader.read()
      if (done) throw new Error(`it ended: ${text}`)
      text += value
    }
    return text
  }
  return { response, until, reader }
}

describe("the events of a queue", () => {
  it(
    "come as they happen, after a comment, and go on behind the last one that was seen",
    withProducer({}, async (producer) => {
      await enqueue(producer, "a")
      const first = await follow(producer)
      assert.strictEqual(first.response.headers.get("content-type"), "text/event-stream")
      assert.include(await first.until(/event: listening/), ": waiting\n\n")
      await enqueue(producer, "b")
      const text = await first.until(/"id":"0:b".*\n\n/)
      assert.match(text, /event: enqueued\ndata: {"event":"enqueued","at":"[^"]+Z","id":"0:b","task":"Send"}/)
      const ids = [...text.matchAll(/^id: (\S+)$/gm)].map(([, one]) => one)
      await first.reader.cancel()
      await enqueue(producer, "c")
      const again = await follow(producer, ids.at(-1))
      const rest = await again.until(/"id":"0:c"/)
      assert.notInclude(rest, "0:b")
      assert.notInclude(rest, "event: gap")
      await again.reader.cancel()
    })
  )

  it(
    "begin with a gap behind a cursor that is none",
    withProducer({}, async (producer) => {
      await enqueue(producer, "a")
      const { reader, until } = await follow(producer, "nonsense")
      assert.include(await until(/event: gap/), "event: listening")
      await reader.cancel()
    })
  )

  it.effect("have a comment every 15 seconds, so that nobody takes the connection for dead", () =>
    Effect.gen(function*() {
      const { body } = yield* events("mail", undefined)
      let text = ""
      const reading = body._tag === "Stream"
        ? Stream.runForEach(Stream.decodeText(Stream.orDie(body.stream)), (part) => Effect.sync(() => text += part))
        : Effect.die("it is no stream")
      yield* Effect.forkScoped(reading)
      // second by second, as the stream has to get to its next wait in between
      yield* Effect.repeat(TestClock.adjust("1 second"), { times: 13 })
      assert.strictEqual(text, ": waiting\n\n")
      yield* Effect.repeat(TestClock.adjust("1 second"), { times: 46 })
      assert.strictEqual(text, ": waiting\n\n".repeat(5))
    }).pipe(
      Effect.provide([MemoryBroker.layer, Stopping.layer, Layer.succeed(ProducerOptions, resolve({}))])
    ))

  it("end when the producer stops", async () => {
    const producer = await startProducer({ server: { shutdownTimeoutMs: 60_000 } })
    await enqueue(producer, "a")
    const { reader, until } = await follow(producer)
    await until(/listening/)
    const stopped = producer.stop()
    while (!(await reader.read()).done);
    await stopped
    assert.isTrue((await reader.read()).done)
  })
})
