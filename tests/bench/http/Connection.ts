/**
 * One kept HTTP/1.1 connection of the load: the cheapest client there is, so that what is measured is the server. One
 * request at a time, whole texts made beforehand; of an answer it reads where it ends and which status it has, nothing
 * more. No redirects, no time-outs: the round has one. An answer that it can't follow, or a lost connection, is an error.
 */
import { once } from "node:events"
import { connect, type Socket } from "node:net"

/** A request's whole bytes: line, headers and body. */
export const requestOf = (path: string, headers: Readonly<Record<string, string>>, body: string): Buffer => {
  const length = Buffer.byteLength(body)
  const lines = Object.entries({ host: "127.0.0.1", ...headers, "content-length": String(length) })
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`)
}

/** How much of an answer is still to come, and what part of it: a body's rest, a chunk's head, or chunk data to skip. */
type Rest = { readonly of: "head" | "chunk-head" } | { readonly of: "body" | "chunk"; readonly bytes: number }

const headEnd = "\r\n\r\n"

export class Connection {
  readonly #socket: Socket
  #held: Buffer = Buffer.alloc(0)
  #rest: Rest = { of: "head" }
  #status = 0
  #lost: Error | undefined
  #answered: { readonly resolve: (status: number) => void; readonly reject: (error: Error) => void } | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on("data", (bytes: Buffer) => this.#take(bytes))
    socket.on("error", (error) => this.#fail(error))
    socket.on("close", () => this.#fail(new Error("the server closed a connection that it had to keep")))
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true })
    await once(socket, "connect")
    return new Connection(socket)
  }

  /** Sends a request and resolves with the status once the answer is whole. */
  post(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) return reject(this.#lost)
      this.#answered = { resolve, reject }
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#answered = undefined
    this.#socket.destroy()
  }

  #fail(error: Error): void {
    this.#lost ??= error
    this.#answered?.reject(error)
    this.#answered = undefined
  }

  #take(bytes: Buffer): void {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes])
    try {
      while (this.#step()) { /* until what is held is not enough */ }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Reads one part of the answer; false when it has not come yet, or the answer is whole. */
  #step(): boolean {
    const rest = this.#rest
    switch (rest.of) {
      case "head":
        return this.#readHead()
      case "chunk-head":
        return this.#readChunkHead()
      default:
        return this.#skip(rest.of, rest.bytes)
    }
  }

  #readHead(): boolean {
    const end = this.#held.indexOf(headEnd)
    if (end < 0) return false
    const head = this.#held.toString("latin1", 0, end)
    this.#status = Number(head.slice(9, 12))
    this.#held = this.#held.subarray(end + headEnd.length)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (length !== undefined) this.#rest = { of: "body", bytes: Number(length) }
    else if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#rest = { of: "chunk-head" }
    else throw new Error(`an answer of unknown length:\n${head}`)
    return true
  }

  #readChunkHead(): boolean {
    const end = this.#held.indexOf("\r\n")
    if (end < 0) return false
    const bytes = Number.parseInt(this.#held.toString("latin1", 0, end), 16)
    this.#held = this.#held.subarray(end + 2)
    // data and the line's end behind it; after the last chunk only that
    this.#rest = { of: bytes === 0 ? "body" : "chunk", bytes: bytes + 2 }
    return true
  }

  #skip(of: "body" | "chunk", bytes: number): boolean {
    if (this.#held.length < bytes) {
      this.#rest = { of, bytes: bytes - this.#held.length }
      this.#held = Buffer.alloc(0)
      return false
    }
    this.#held = this.#held.subarray(bytes)
    this.#rest = { of: of === "chunk" ? "chunk-head" : "head" }
    if (of === "chunk") return true
    const answered = this.#answered
    this.#answered = undefined
    answered?.resolve(this.#status)
    return false
  }
}
