/**
 * Answers requests that never become requests: broken ones, ones with too long headers, ones that arrive too slowly.
 *
 * Node tells of them by an event, before any handler; its own answer has no body. The connection is closed after it. Whole
 * requests that came before on the same connection are answered first, or their answers would be taken for this one. A
 * connection whose answer to the broken request has begun is only closed: anything written would look like part of it.
 */
import { Problems } from "@sluice/core/api"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"

const problemOf = (code: string | undefined): Problems.Problem => {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new Problems.RequestTimeout({ detail: "Nothing was done, unless lines of a stream were answered." })
    case "HPE_HEADER_OVERFLOW":
      return new Problems.HeadersTooLarge({ detail: "Nothing was done." })
    default:
      return new Problems.InvalidRequest({ detail: "This is no HTTP/1.1 request. Nothing was done.", errors: [] })
  }
}

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large"
}

const answerText = (problem: Problems.Problem, id: string): string => {
  const body = JSON.stringify(problem)
  return `HTTP/1.1 ${problem.status} ${reasons[problem.status] ?? ""}\r\n` +
    "content-type: application/problem+json\r\n" +
    `content-length: ${new TextEncoder().encode(body).length}\r\n` +
    `cache-control: no-store\r\nx-content-type-options: nosniff\r\nx-request-id: ${id}\r\n` +
    `connection: close\r\n\r\n${body}`
}

/** A request that a handler has, and its answer. */
interface Open {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** A request that was refused here, for the log. */
export interface Refused {
  readonly requestId: string
  readonly status: number
  /** Node's word for what was wrong. */
  readonly code: string | undefined
}

/** Calls `then` once these answers are out, or their connection is gone. */
const afterAll = (open: ReadonlyArray<Open>, then: () => void): void => {
  let left = open.length
  if (left === 0) return then()
  for (const { response } of open) response.once("close", () => --left === 0 && then())
}

/** Makes a server answer them with problems. `nextId` gives the ids of their answers. */
export const answerClientErrors = (
  server: Server,
  nextId: (given: string | undefined) => string,
  onRefused: (refused: Refused) => void
): void => {
  const answering = new WeakMap<Duplex, Set<Open>>()
  const closing = new WeakSet<Duplex>()
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const own = { request, response }
    const all = answering.get(request.socket) ?? new Set()
    answering.set(request.socket, all.add(own))
    response.once("close", () => all.delete(own))
  })
  const refuse = (socket: Duplex, code: string | undefined, broken: Open | undefined) => {
    if (!socket.writable || broken?.response.headersSent === true) return socket.destroy()
    const given = broken?.request.headers["x-request-id"]
    const problem = problemOf(code)
    const requestId = nextId(typeof given === "string" ? given : undefined)
    onRefused({ requestId, status: problem.status, code })
    return socket.end(answerText(problem, requestId))
  }
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy()
    // what else comes on a connection that is to be closed is told once more
    if (closing.has(socket)) return undefined
    closing.add(socket)
    const all = [...answering.get(socket) ?? []]
    const broken = all.find(({ request }) => !request.complete)
    return afterAll(all.filter((one) => one !== broken), () => refuse(socket, error.code, broken))
  })
  // an expectation that is not known may be passed over
  server.on("checkExpectation", (request, response) => server.emit("request", request, response))
}
