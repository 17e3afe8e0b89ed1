/**
 * A real HTTP server on loopback that records what it gets and answers as it is told. For the tests of deliveries.
 */
import { Effect } from "effect"
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"

/** What was received. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** See the module. */
export interface HttpSink {
  readonly port: number
  readonly received: Array<Received>
  /** How many connections were opened. */
  readonly connections: () => number
}

const close = (server: Server) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

/** Listens for as long as the scope is open. `answer` is called when a request has been read. */
export const listen = (answer: RequestListener) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<HttpSink & { readonly server: Server }>((resume) => {
        const received: Array<Received> = []
        let connections = 0
        const server = createServer((request, response) => {
          const chunks: Array<Buffer> = []
          request.on("data", (chunk: Buffer) => chunks.push(chunk)).once("end", () => {
            const { headers, method = "", url = "" } = request
            received.push({ method, url, headers, body: Buffer.concat(chunks).toString("utf8") })
            answer(request, response)
          })
        }).on("connection", () => connections++)
        server.listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          resume(Effect.succeed({ server, port, received, connections: () => connections }))
        })
      }),
      ({ server }) => close(server)
    ),
    (sink): HttpSink => sink
  )
