/**
 * Sluice under test, through its public face: a task, a consumer layer, the Redis broker.
 * Settings: all defaults (lease, heartbeat, maintenance and wake-ups included), but that completed jobs are not kept
 * (`retention: { completed: 0 }`), as in the other systems. Payloads are checked against a Schema on both sides.
 * Over HTTP it is the program sluice-producer with its default settings and one API key, as a user runs it.
 */
import { Inspector, Task } from "@sluice/core"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { Consumer } from "@sluice/consumer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Schema from "effect/Schema"
import { startServer } from "../http/ServerProcess.ts"
import { forEachEffectInFlight } from "./effectsInFlight.ts"
import type { ConsumerOptions, HttpProducer, Producer, System } from "./System.ts"

class Send extends Task.make("Send", {
  queue: "bench",
  payload: { n: Schema.Int, to: Schema.String, subject: Schema.String, tenant: Schema.String },
  retention: { completed: 0 }
}) {}

const brokerOn = (port: number) => RedisBroker.layer({ url: `redis://127.0.0.1:${port}` })

const unfinished = Inspector.use((inspector) => inspector.stats(Send.queue)).pipe(
  Effect.map(({ states }) => states.scheduled + states.blocked + states.available + states.running + states.retryable)
)

const producer = async (port: number): Promise<Producer> => {
  const runtime = ManagedRuntime.make(brokerOn(port))
  return {
    enqueueBulk: async (payloads) => {
      const answers = await runtime.runPromise(Send.enqueueAll(payloads))
      const created = answers.filter(({ answer }) => answer === "created")
      if (created.length < payloads.length) throw new Error(`${created.length} of ${payloads.length} jobs were created`)
    },
    enqueueSingles: (payloads, inFlight) =>
      runtime.runPromise(forEachEffectInFlight(payloads, inFlight, (payload) => Send.enqueue(payload))),
    enqueue: async (payload, delayMs) => {
      await runtime.runPromise(Send.enqueue(payload, { delay: delayMs }))
    },
    unfinished: () => runtime.runPromise(unfinished),
    close: () => runtime.dispose()
  }
}

const consume = async (port: number, { concurrency, onJob, workMs }: ConsumerOptions) => {
  const work = workMs > 0 ? Effect.sleep(workMs) : Effect.void
  const handler = Send.toLayer((payload) => {
    onJob(payload)
    return work
  })
  const consumer = Consumer.layer({ tasks: [Send], queues: { bench: { concurrency } } })
  const runtime = ManagedRuntime.make(consumer.pipe(Layer.provide(handler), Layer.provide(brokerOn(port))))
  await runtime.context()
  return { close: () => runtime.dispose() }
}

/** Of the length that the program asks for. */
const apiKey = "the-key-of-the-benchmark"

const httpProducer = async (port: number): Promise<HttpProducer> => ({
  server: await startServer(new URL("../../../packages/producer/src/bin.ts", import.meta.url), {
    SLUICE_HTTP_PORT: "0",
    SLUICE_REDIS_URL: `redis://127.0.0.1:${port}`,
    SLUICE_API_KEYS: `bench:enqueue:${apiKey}`
  }),
  path: "/v1/queues/bench/jobs",
  headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` },
  single: { body: (payload) => JSON.stringify({ task: "Send", payload }), status: 201 },
  bulk: { body: (payloads) => JSON.stringify(payloads.map((payload) => ({ task: "Send", payload }))), status: 207 }
})

/** The same, for bodies of one JSON text per line. */
const httpLineProducer = async (port: number): Promise<HttpProducer> => {
  const producer = await httpProducer(port)
  return {
    ...producer,
    headers: { ...producer.headers, "content-type": "application/x-ndjson" },
    bulk: { ...producer.bulk, body: (payloads) => payloads.map(producer.single.body).join("\n") }
  }
}

/** Sluice itself. */
export const sluice: System = { name: "sluice", producer, consume, httpProducer, httpLineProducer }
