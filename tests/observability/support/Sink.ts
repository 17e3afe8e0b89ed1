/**
 * A server that handlers call: answers everything, and hands the headers of each call to the test.
 */
import { once } from "node:events"
import { createServer, type IncomingHttpHeaders } from "node:http"

/** A sink. */
export interface Sink {
  readonly url: string
  /** The headers of the next call that nobody has asked for yet. */
  readonly next: () => Promise<Readonly<Record<string, string>>>
  readonly stop: () => Promise<void>
}

const texts = (headers: IncomingHttpHeaders): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))

/** Starts one on a free loopback port. */
export const startSink = async (): Promise<Sink> => {
  const calls: Array<Readonly<Record<string, string>>> = []
  const waiting: Array<(headers: Readonly<Record<string, string>>) => void> = []
  const server = createServer((request, response) => {
    const headers = texts(request.headers)
    const first = waiting.shift()
    if (first === undefined) calls.push(headers)
    else first(headers)
    response.end("ok")
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/`,
    next: () =>
      new Promise((resolve) => {
        const call = calls.shift()
        if (call === undefined) waiting.push(resolve)
        else resolve(call)
      }),
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    }
  }
}
