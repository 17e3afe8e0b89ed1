/**
 * The events of a queue as server-sent events, resumable by `Last-Event-ID`.
 *
 * A comment line comes at once and every 15 seconds. The stream ends when the producer stops or the broker fails; clients
 * come back by themselves. A client that reads slowly holds up only its own reader, and is told of a `gap` once it is too
 * far behind. A broker that tells no events is refused as `BrokerRefused`.
 */
import { type EventDocument, Problems, Values } from "@sluice/core/api"
import { Events, type QueueEvent } from "@sluice/core/Events"
import * as EventStream from "@sluice/core/EventStream"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Stopping } from "../http/Stopping.ts"
import { ProducerOptions, queueOf } from "../ProducerOptions.ts"

const heartbeat = "15 seconds"
const comment = ": waiting\n\n"

const document = (told: QueueEvent): EventDocument.EventDocument => ({
  event: told.event,
  at: Values.timestamp(told.atMs),
  ...("id" in told ? { id: told.id } : {}),
  ...("task" in told && told.task !== undefined ? { task: told.task } : {}),
  ...("attempt" in told && told.attempt !== undefined ? { attempt: told.attempt } : {})
})

const text = (told: QueueEvent): string =>
  `id: ${told.cursor}\nevent: ${told.event}\ndata: ${JSON.stringify(document(told))}\n\n`

const unsupported = new Problems.BrokerRefused({ detail: "This producer's broker tells no events." })

/** The stream of a queue's events behind a cursor, or from now on. */
export const events = Effect.fnUntraced(function*(name: string, after: string | undefined) {
  const found = yield* Effect.serviceOption(Events)
  if (Option.isNone(found)) return yield* unsupported
  const queue = queueOf(yield* ProducerOptions, name)
  const { begun } = yield* Stopping
  const told = EventStream.make(queue, { after }).pipe(
    Stream.provideService(Events, found.value),
    Stream.map(text),
    Stream.catchCause((cause) =>
      Stream.drain(Stream.fromEffect(Effect.logWarning("a stream of events ended; its client comes back", cause)))
    )
  )
  const beats = Stream.map(Stream.drop(Stream.tick(heartbeat), 1), () => comment)
  const body = Stream.succeed(comment).pipe(
    Stream.concat(Stream.merge(told, beats, { haltStrategy: "either" })),
    Stream.interruptWhen(begun),
    Stream.encodeText
  )
  return HttpServerResponse.stream(body, { contentType: "text/event-stream" })
})
