/**
 * The endpoint that webhooks are delivered to: a real HTTP server on this machine, unreliable on purpose.
 *
 * It stands for somebody else's server, so it is plain Node, knows nothing of jobs, and counts a delivery as received
 * only when it answers 200. Its answer is a receipt: what it received, by digest and length. The same delivery may come
 * twice (a client that timed out cannot know); the sink takes both and counts them, as a good receiver does.
 */
import { Context, Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { buffer } from "node:stream/consumers"
import { type Fault, faultFor, type FaultPlan, latencyFor } from "./faults.ts"

/** What the sink is told when it starts. */
export interface SinkOptions extends FaultPlan {
  /** The bounds (ms) between which it thinks before it answers. */
  readonly latency: readonly [minimum: number, maximum: number]
  /** What its 429 says in Retry-After: whole seconds, as HTTP has it. */
  readonly retryAfterSeconds: number
}

/** What has been received of one delivery. */
export interface Received {
  /** In lower-case hexadecimal. */
  readonly sha256: string
  readonly bytes: number
  /** How often it was received; more than once is no fault of anyone. */
  readonly times: number
  /** Whether all of those times brought the same bytes. */
  readonly isSame: boolean
}

/** The running sink. Both maps grow while it runs. */
export class Sink extends Context.Service<Sink, {
  /** Where to POST deliveries. */
  readonly url: string
  /** By delivery: only what was answered with 200. */
  readonly received: ReadonlyMap<string, Received>
  /** How many calls were treated in which way. */
  readonly calls: ReadonlyMap<Fault, number>
}>()("webhooks/Sink") {
  /** Listens on a free port of the loopback interface until the scope closes. Dies when it can't. */
  static readonly layer = (options: SinkOptions) =>
    Layer.effect(
      Sink,
      Effect.gen(function*() {
        const received = new Map<string, Received>()
        const calls = new Map<Fault, number>()
        const server = createServer(receiver(options, received, calls))
        const port = yield* Effect.acquireRelease(listen(server), () => close(server))
        return Sink.of({ url: `http://127.0.0.1:${port}/webhooks`, received, calls })
      })
    )
}

const listen = (server: Server) =>
  Effect.callback<number>((resume) => {
    server.once("error", (cause) => resume(Effect.die(cause)))
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(typeof address === "object" && address !== null ? Effect.succeed(address.port) : Effect.die("no port"))
    })
  })

const close = (server: Server) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections() // the calls that it never answered are still open
  })

/** Which delivery a call is of: GitHub names it in one header, Standard Webhooks in another, as `<queue>/<partition>:<id>`. */
const deliveryOf = ({ headers }: IncomingMessage): string =>
  String(headers["x-github-delivery"] ?? String(headers["webhook-id"]).replace(/^[^:]*:/, ""))

const receiver = (options: SinkOptions, received: Map<string, Received>, calls: Map<Fault, number>) => {
  const callsOf = new Map<string, number>() // by delivery
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const delivery = deliveryOf(request)
    const body = await buffer(request)
    const call = (callsOf.get(delivery) ?? 0) + 1
    callsOf.set(delivery, call)
    const fault = faultFor(options, delivery, call)
    calls.set(fault, (calls.get(fault) ?? 0) + 1)
    const answer = (): void => {
      // who answers 410 has read the whole body, too: it has arrived, and is refused
      if ((fault === "none" || fault === "gone") && !response.destroyed) keep(received, delivery, body)
      respond(response, fault, body, options)
    }
    setTimeout(answer, latencyFor(options, delivery, call, ...options.latency))
  }
  return (request: IncomingMessage, response: ServerResponse): void => {
    receive(request, response).catch(() => response.destroy()) // the client hung up in the middle of its request
  }
}

const sha256 = (body: Buffer): string => createHash("sha256").update(body).digest("hex")

const keep = (received: Map<string, Received>, delivery: string, body: Buffer): void => {
  const before = received.get(delivery)
  const digest = sha256(body)
  received.set(delivery, {
    sha256: digest,
    bytes: body.length,
    times: (before?.times ?? 0) + 1,
    isSame: before === undefined || (before.isSame && before.sha256 === digest)
  })
}

const respond = (response: ServerResponse, fault: Fault, body: Buffer, options: SinkOptions): void => {
  switch (fault) {
    case "none": {
      response.writeHead(200, { "content-type": "application/json" })
      response.end(JSON.stringify({ sha256: sha256(body), bytes: body.length }))
      return
    }
    case "error":
      return void response.writeHead(500).end()
    case "limit":
      return void response.writeHead(429, { "retry-after": String(options.retryAfterSeconds) }).end()
    case "gone":
      return void response.writeHead(410).end()
    case "reset":
      return void response.destroy()
    case "silence":
      return // the client has to give up by itself
  }
}
