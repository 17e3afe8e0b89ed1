/**
 * A TCP proxy before a Redis server, which loses replies on demand: the command arrives, and its reply is never seen.
 */
import * as Effect from "effect/Effect"
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"

interface Loss {
  readonly text: string
  readonly done: () => void
}

/** A proxy: see the module. */
class Proxy {
  private readonly server = createServer((socket) => this.accept(socket))
  private readonly sockets = new Set<Socket>()
  private readonly port: number
  private loss: Loss | undefined

  constructor(port: number) {
    this.port = port
  }

  /** Listens, and answers the proxy's address. */
  async start(): Promise<string> {
    this.server.listen(0, "127.0.0.1")
    await once(this.server, "listening")
    const address = this.server.address()
    if (address === null || typeof address === "string") throw new Error("no port")
    return `redis://127.0.0.1:${address.port}`
  }

  async stop(): Promise<void> {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
    await once(this.server, "close")
  }

  /** The next reply to a command that holds this text is lost, and the connection with it. Resolves when it happened. */
  loseReplyTo(text: string): Promise<void> {
    return new Promise((done) => {
      this.loss = { text, done }
    })
  }

  private accept(socket: Socket): void {
    const upstream = connect(this.port, "127.0.0.1")
    let lost: Loss | undefined
    for (const [each, other] of [[socket, upstream], [upstream, socket]] as const) {
      this.sockets.add(each)
      each.on("error", () => {}).on("close", () => {
        this.sockets.delete(each)
        other.destroy()
      })
    }
    socket.on("data", (data) => {
      if (this.loss !== undefined && data.includes(this.loss.text)) {
        lost = this.loss
        this.loss = undefined
      }
      upstream.write(data)
    })
    upstream.on("data", (data) => {
      if (lost === undefined) return void socket.write(data)
      socket.destroy()
      lost.done()
    })
  }
}

/** A proxy before the server on this port, in the test's scope. */
export const proxy = (port: number) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const running = new Proxy(port)
      return { running, url: await running.start(), loseReplyTo: (text: string) => running.loseReplyTo(text) }
    }),
    ({ running }) => Effect.promise(() => running.stop())
  )
