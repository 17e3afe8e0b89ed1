/**
 * The connection between one process and its Redis, in the test's hands: it can hold what the process asks, or what Redis
 * answers, so that a kill meets a call exactly where the test wants it. Connections that subscribe are never held.
 *
 * What is held when the process dies is lost, as it would be in the buffers of a dead machine.
 */
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"

/** What is held. */
export type Direction = "requests" | "replies"

/** See the module. */
export interface Wire {
  /** Where the process connects to. */
  readonly url: string
  /** Holds one direction from the first request, or reply, on that contains a text; that one is held if it goes there. */
  readonly hold: (direction: Direction, from: { readonly first: Direction; readonly text: string }) => void
  /** Whether it has begun to hold. */
  readonly isHolding: () => boolean
  /** Lets go of all that is held, and holds nothing more. */
  readonly release: () => void
  readonly close: () => void
}

/** One direction of one connection: passes on what `isHeld` does not want. */
class Lane {
  private readonly held: Array<Buffer> = []
  private readonly to: Socket

  constructor(from: Socket, to: Socket, isHeld: (data: Buffer) => boolean) {
    this.to = to
    from.on("data", (data: Buffer) => {
      if (isHeld(data)) this.held.push(data)
      else to.write(data)
    })
    from.on("error", () => {}).on("close", () => to.destroy())
  }

  release(): void {
    for (const data of this.held.splice(0)) this.to.write(data)
  }
}

/** Listens on a free port and passes everything on to a Redis on this machine. */
export const wireTo = async (port: number): Promise<Wire> => {
  let holding: Direction | undefined
  let awaited: { readonly first: Direction; readonly text: string; readonly hold: Direction } | undefined
  const isHeld = (direction: Direction) => (data: Buffer): boolean => {
    // our texts are short, and what has one of them is a small write: none is cut in two
    if (awaited?.first === direction && data.includes(awaited.text)) {
      holding = awaited.hold
      awaited = undefined
    }
    return holding === direction
  }
  const lanes: Array<Lane> = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const redis = connect(port, "127.0.0.1")
    let subscribes = false
    client.on("data", (data: Buffer) => subscribes ||= /subscribe/i.test(data.toString("latin1")))
    lanes.push(
      new Lane(client, redis, (data) => !subscribes && isHeld("requests")(data)),
      new Lane(redis, client, (data) => !subscribes && isHeld("replies")(data))
    )
    for (const socket of [client, redis]) sockets.add(socket)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the system gave no port")
  return {
    url: `redis://127.0.0.1:${address.port}`,
    hold: (direction, from) => awaited = { ...from, hold: direction },
    isHolding: () => holding !== undefined,
    release: () => {
      holding = undefined
      for (const lane of lanes) lane.release()
    },
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}
