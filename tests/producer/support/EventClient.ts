/**
 * A client of a producer's server-sent events, on a connection of its own: it can stop reading, and it knows what came.
 */
import { once } from "node:events"
import { get, type IncomingMessage } from "node:http"

/** One event as it came. */
export interface SentEvent {
  readonly id: string
  readonly event: string
  /** The id of its job, if it is about one. */
  readonly job: string | undefined
}

/** An open stream. */
export interface EventClient {
  /** Everything so far, in order. */
  readonly events: () => ReadonlyArray<SentEvent>
  /** Resolves once an event of this kind, and of this job if one is named, has come. */
  readonly until: (event: string, job?: string) => Promise<ReadonlyArray<SentEvent>>
  /** Reads nothing any more, until `resume`. */
  readonly pause: () => void
  readonly resume: () => void
  readonly hangUp: () => Promise<void>
  /** Resolves when the producer has ended the stream. */
  readonly ended: Promise<void>
}

const eventOf = (text: string): SentEvent | undefined => {
  const [, id = "", event = "", data = ""] = /^id: (\S+)\nevent: (\S+)\ndata: (.*)$/m.exec(text) ?? []
  return id === "" ? undefined : { id, event, job: /"id":"([^"]*)"/.exec(data)?.[1] }
}

/** Follows a queue; resolves once the producer listens. `after`: the id of the last event that was seen. */
export const follow = async (url: string, queue: string, after?: string): Promise<EventClient> => {
  const asking = get(`${url}/v1/queues/${queue}/events`, {
    agent: false,
    headers: after === undefined ? {} : { "last-event-id": after }
  })
  const [response] = await once(asking, "response") as [IncomingMessage]
  const events: Array<SentEvent> = []
  let rest = ""
  let look = () => {}
  const closed = new Promise<void>((resolve) => response.once("close", resolve))
  response.setEncoding("utf8").on("error", () => {}).on("data", (text: string) => {
    const parts = (rest + text).split("\n\n")
    rest = parts.pop() ?? ""
    for (const event of parts.map(eventOf)) if (event !== undefined) events.push(event)
    look()
  })
  const until = (event: string, job?: string) =>
    new Promise<ReadonlyArray<SentEvent>>((resolve, reject) => {
      look = () => {
        if (events.some((one) => one.event === event && (job === undefined || one.job === job))) resolve(events)
      }
      look()
      void closed.then(() => reject(new Error(`it ended after ${JSON.stringify(events.slice(-3))}`)))
    })
  await until("listening")
  return {
    events: () => events,
    until,
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    hangUp: async () => {
      response.destroy()
      await closed
    },
    ended: closed
  }
}
