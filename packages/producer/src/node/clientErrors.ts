/**
 * Answers requests that never become requests: broken ones, ones with too long headers, ones that arrive too slowly.
 *
 * Node tells of them by an event, before any handler; its own answer has no body. The connection is closed after it. A
 * connection whose answer has begun is only closed: anything written would look like part of that answer.
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

const answerText = (problem: Problems.Problem): string => {
  const body = JSON.stringify(problem)
  return `HTTP/1.1 ${problem.status} ${reasons[problem.status] ?? ""}\r\n` +
    "content-type: application/problem+json\r\n" +
    `content-length: ${new TextEncoder().encode(body).length}\r\n` +
    `connection: close\r\n\r\n${body}`
}

/** Makes a server answer them with problems. */
export const answerClientErrors = (server: Server): void => {
  const answers = new WeakMap<Duplex, ServerResponse>()
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    answers.set(request.socket, response)
    response.once("close", () => answers.delete(request.socket))
  })
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    const hasBegun = answers.get(socket)?.headersSent === true
    if (error.code === "ECONNRESET" || !socket.writable || hasBegun) return socket.destroy()
    return socket.end(answerText(problemOf(error.code)))
  })
}
