/**
 * Sends one HTTP request and reads its answer, up to a size. Opens connections only to permitted addresses, and keeps them
 * for the next request.
 *
 * It follows no redirect, knows no retry and sets no time limit: `deliver` does, and its interruption ends the request.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as http from "node:http"
import * as https from "node:https"
import type { LookupFunction } from "node:net"
import { AddressRefused, guardedLookup, type Resolve } from "./AddressPolicy.ts"

/** A request, ready to be sent. */
export interface Request {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** An answer. */
export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  /** As UTF-8; what is not, is replaced. */
  readonly body: string
  /** Whether the body went on beyond the limit. */
  readonly truncated: boolean
}

/** There was no answer. */
export class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", { detail: Schema.String }) {}
/** The target may not be connected to, or the request is one that HTTP can't carry: it will never work. */
export class NotSendable extends Schema.TaggedError<NotSendable>()("NotSendable", { detail: Schema.String }) {}

/** What a sender needs. */
export interface Options {
  readonly resolve: Resolve
  readonly isPermitted: (address: string) => boolean
  /** The most bytes of an answer's body that are read. */
  readonly maxResponseBytes: number
}

/** See the module. */
export interface Sender {
  readonly send: (request: Request) => Effect.Effect<Answer, NoAnswer | NotSendable>
}

/** How long (ms) a connection is kept for the next request: less than servers usually do. */
const idleMs = 4000

const detailOf = (error: Error): string => {
  // several addresses were tried: their errors are inside
  const [first] = error instanceof AggregateError ? error.errors : []
  const text = error.message === "" && first instanceof Error ? first.message : error.message
  return "code" in error && typeof error.code === "string" && !text.includes(error.code)
    ? `${error.code}: ${text}`
    : text
}

const failureOf = (error: Error): NoAnswer | NotSendable =>
  error instanceof AddressRefused
    ? new NotSendable({ detail: error.message })
    : new NoAnswer({ detail: detailOf(error) })

/** Reads a body up to the limit; the rest is not waited for. */
const read = (response: http.IncomingMessage, limit: number, done: (answer: Answer) => void): void => {
  const chunks: Array<Buffer> = []
  let length = 0
  const finish = (truncated: boolean) => {
    const body = Buffer.concat(chunks).subarray(0, limit).toString("utf8")
    done({ status: response.statusCode ?? 0, headers: response.headers, body, truncated })
  }
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length > limit) response.destroy()
  })
  // not at its end but once it is closed: by then its connection is free for the next request
  response.once("close", () => {
    if (response.complete || length > limit) finish(length > limit)
  })
}

const literalOf = ({ hostname }: URL): string | undefined =>
  hostname.startsWith("[") ? hostname.slice(1, -1) : /^[\d.]+$/.test(hostname) ? hostname : undefined

interface Agents {
  readonly "http:": http.Agent
  readonly "https:": https.Agent
}

const agents = (lookup: LookupFunction, keepAlive: boolean): Agents => ({
  "http:": new http.Agent({ keepAlive, timeout: idleMs, lookup }),
  "https:": new https.Agent({ keepAlive, timeout: idleMs, lookup })
})

const begin = ({ body, headers, method, url }: Request, agents: Agents): http.ClientRequest => {
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) }
  const options = { method, headers: { ...headers, ...length } }
  return url.protocol === "https:"
    ? https.request(url, { ...options, agent: agents["https:"] })
    : http.request(url, { ...options, agent: agents["http:"] })
}

/** The server closed a kept connection just when it was used again: nothing is wrong with the request. */
const stale = Symbol("stale")

type Failure = NoAnswer | NotSendable | typeof stale

const exchange = (request: Request, agents: Agents, limit: number): Effect.Effect<Answer, Failure> =>
  Effect.callback((resume) => {
    let open: http.ClientRequest
    try {
      open = begin(request, agents)
    } catch (error) {
      // what Node refuses to write: a header or a path with characters that HTTP does not have
      return resume(Effect.fail(new NotSendable({ detail: String(error) })))
    }
    open.once("response", (response) => {
      response.on("error", (error) => resume(Effect.fail(failureOf(error))))
      read(response, limit, (answer) => resume(Effect.succeed(answer)))
    })
    open.on("error", (error: NodeJS.ErrnoException) => {
      resume(Effect.fail(open.reusedSocket && error.code === "ECONNRESET" ? stale : failureOf(error)))
    })
    open.end(request.body)
    return Effect.sync(() => open.destroy())
  })

const unstale = (failure: Failure) =>
  Effect.fail(failure === stale ? new NoAnswer({ detail: "the connection was closed" }) : failure)

/** A sender, whose connections are closed with the scope. */
export const make = Effect.fnUntraced(function*(options: Options): Effect.fn.Return<Sender, never, Scope.Scope> {
  const { isPermitted, maxResponseBytes, resolve } = options
  const lookup = guardedLookup(resolve, isPermitted)
  const fresh = agents(lookup, false)
  const kept = yield* Effect.acquireRelease(
    Effect.sync(() => agents(lookup, true)),
    (kept) => Effect.sync(() => Object.values(kept).forEach((agent: http.Agent) => agent.destroy()))
  )
  return {
    send: (request) => {
      // a socket does not look a literal address up, so it is checked here
      const literal = literalOf(request.url)
      if (literal !== undefined && !isPermitted(literal)) {
        return Effect.fail(new NotSendable({ detail: new AddressRefused(request.url.hostname).message }))
      }
      return exchange(request, kept, maxResponseBytes).pipe(
        Effect.catch((failure) =>
          failure === stale ? exchange(request, fresh, maxResponseBytes) : Effect.fail(failure)
        ),
        Effect.catch(unstale)
      )
    }
  }
})
