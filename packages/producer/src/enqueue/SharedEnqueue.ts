/**
 * Puts single jobs of concurrent requests into shared calls of the broker.
 *
 * Jobs of one queue that arrive in the same turn of the event loop go in one call at its end, in their order; nothing
 * waits on a timer, and a lone request waits for nobody. Each request gets its own job's answer; when the call fails, all
 * in it fail alike, and repeating with the same id is safe. The job of a request that is interrupted before the call is
 * not enqueued.
 */
import { Broker, type EnqueueAnswer, type NewJob } from "@sluice/core/Broker"
import type { BrokerError } from "@sluice/core/BrokerError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { ProducerOptions, queueOf } from "../ProducerOptions.ts"

/** See the module. */
export class SharedEnqueue extends Context.Service<SharedEnqueue, {
  readonly enqueue: (queue: string, job: NewJob) => Effect.Effect<EnqueueAnswer, BrokerError>
}>()("@sluice/producer/SharedEnqueue") {}

type Resume = (answer: Effect.Effect<EnqueueAnswer, BrokerError>) => void

interface Waiting {
  readonly job: NewJob
  readonly resume: Resume
  isInterrupted: boolean
}

/** Over the broker. */
export const layer: Layer.Layer<SharedEnqueue, never, Broker | ProducerOptions> = Layer.effect(
  SharedEnqueue,
  Effect.gen(function*() {
    const broker = yield* Broker
    const options = yield* ProducerOptions
    const fork = Effect.runForkWith(yield* Effect.context<never>())
    const queues = new Map<string, Array<Waiting>>()

    const send = (queue: string) =>
      Effect.suspend(() => {
        const waiting = (queues.get(queue) ?? []).filter(({ isInterrupted }) => !isInterrupted)
        queues.delete(queue)
        const call = Effect.suspend(() => broker.enqueue(queueOf(options, queue), waiting.map(({ job }) => job)))
        return Effect.matchCause(call, {
          onSuccess: (answers) => waiting.forEach(({ resume }, index) => resume(Exit.succeed(answers[index]!))),
          onFailure: (cause) => waiting.forEach(({ resume }) => resume(Exit.failCause(cause)))
        })
      })

    return SharedEnqueue.of({
      enqueue: (queue, job) =>
        Effect.callback((resume) => {
          const own: Waiting = { job, resume, isInterrupted: false }
          const waiting = queues.get(queue)
          if (waiting === undefined) {
            queues.set(queue, [own])
            // the scheduler goes on after what has arrived by now is read
            fork(Effect.andThen(Effect.yieldNow, send(queue)))
          } else waiting.push(own)
          return Effect.sync(() => {
            own.isInterrupted = true
          })
        })
    })
  })
)
