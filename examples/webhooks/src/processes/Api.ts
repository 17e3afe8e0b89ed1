/**
 * The producer as a client sees it: plain HTTP, as curl or any other language would do it. No code of Sluice is needed for
 * this; the schemas only check what comes back.
 *
 * Every call fails with `ApiFailed` when nobody answers, or when the answer is a problem. Nothing is tried again here.
 */
import { EventDocument, JobDocument, QueueDocument } from "@sluice/core/api"
import { Data, Effect, Schema, Stream } from "effect"

/** A call that did not do what it was to do. */
export class ApiFailed extends Data.TaggedError("ApiFailed")<{ readonly call: string; readonly detail: string }> {
  override get message() {
    return `${this.call} failed: ${this.detail}`
  }
}

/** Where the API is, and who calls. */
export interface Api {
  readonly url: string
  readonly key: string
}

/** A caller's own part of a job's id, which is `<partition>:<own id>`. */
export const localOf = (id: string): string => id.slice(id.indexOf(":") + 1)

/** An answer, read whole. */
export interface Answer {
  readonly status: number
  readonly text: string
}

const detailOf = (cause: unknown): string => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return inner instanceof Error ? inner.message : String(inner)
}

const attempt = <A>(call: string, run: (signal: AbortSignal) => Promise<A>) =>
  Effect.tryPromise({ try: run, catch: (cause) => new ApiFailed({ call, detail: detailOf(cause) }) })

const open = (api: Api, path: string, body?: string, headers: Readonly<Record<string, string>> = {}) => {
  const method = body === undefined ? "GET" : "POST"
  return attempt(`${method} ${path}`, (signal) =>
    fetch(`${api.url}${path}`, {
      method,
      body: body ?? null,
      signal,
      headers: { authorization: `Bearer ${api.key}`, ...headers }
    }))
}

const refused = (call: string, status: number, text: string) =>
  new ApiFailed({ call, detail: `answered ${status}: ${text}` })

/** Sends a body and reads the whole answer; fails when its status is no success. */
export const post = Effect.fnUntraced(function*(
  api: Api,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>
) {
  const call = `POST ${path}`
  const response = yield* open(api, path, body, headers)
  const text = yield* attempt(call, () => response.text())
  if (!response.ok) return yield* refused(call, response.status, text)
  return { status: response.status, text } satisfies Answer
})

const read = Effect.fnUntraced(function*<A>(api: Api, path: string, document: Schema.ConstraintDecoder<A>) {
  const call = `GET ${path}`
  const response = yield* open(api, path)
  const text = yield* attempt(call, () => response.text())
  if (!response.ok) return yield* refused(call, response.status, text)
  return yield* Effect.mapError(
    Schema.decodeUnknownEffect(Schema.fromJsonString(document))(text),
    (error) => new ApiFailed({ call, detail: error.message })
  )
})

/** The counts of a queue. */
export const queue = (api: Api, name: string) => read(api, `/v1/queues/${name}`, QueueDocument.QueueDocument)

/** All jobs of a queue in one state, page by page. */
export const jobsIn = Effect.fnUntraced(function*(api: Api, name: string, state: string) {
  const jobs: Array<typeof JobDocument.JobDocument.Type> = []
  for (let cursor: string | undefined;;) {
    const after = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`
    const page = yield* read(api, `/v1/queues/${name}/jobs?state=${state}&limit=1000${after}`, JobDocument.JobPage)
    jobs.push(...page.jobs)
    cursor = page.cursor
    if (cursor === undefined) return jobs
  }
})

const readEvent = Schema.decodeUnknownSync(Schema.fromJsonString(EventDocument.EventDocument))

/** The data of one server-sent event; of a comment, nothing. */
const dataOf = (block: string) =>
  block.split("\n").filter((line) => line.startsWith("data: ")).map((line) => readEvent(line.slice("data: ".length)))

const blocks = async function*(body: ReadableStream<Uint8Array>) {
  let rest = ""
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const parts = `${rest}${text}`.split("\n\n")
    rest = parts.pop() ?? ""
    yield* parts
  }
}

/** What happens to a queue's jobs from now on, as server-sent events tell it. It ends when the producer stops. */
export const events = (api: Api, name: string): Stream.Stream<EventDocument.EventDocument, ApiFailed> => {
  const path = `/v1/queues/${name}/events`
  return Stream.unwrap(Effect.gen(function*() {
    const { body, ok, status } = yield* open(api, path)
    if (!ok || body === null) return yield* refused(`GET ${path}`, status, "no stream of events")
    return Stream.fromAsyncIterable(
      blocks(body),
      (cause) => new ApiFailed({ call: `GET ${path}`, detail: detailOf(cause) })
    ).pipe(Stream.flatMap((block) => Stream.fromIterable(dataOf(block))))
  }))
}
