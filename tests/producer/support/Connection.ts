/**
 * One TCP connection to a producer, for tests that send what no HTTP client would: broken requests, halves of them, several
 * at once, and answers that nobody reads.
 */
import { once } from "node:events"
import { connect, type Socket } from "node:net"

/** A connection, and all that has come on it. */
export interface Connection {
  readonly socket: Socket
  /** Everything so far, as UTF-8. */
  readonly received: () => string
  /** Resolves once what has come matches; rejects when the connection ends before. */
  readonly until: (pattern: RegExp) => Promise<string>
  /** Resolves with everything when the connection is closed. */
  readonly closed: Promise<string>
}

/** Opens a connection to the producer at a URL. */
export const open = async (url: string): Promise<Connection> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let received = ""
  let look = () => {}
  socket.setEncoding("utf8").on("data", (text: string) => {
    received += text
    look()
  }).on("error", () => {})
  const closed = once(socket, "close").then(() => received)
  await once(socket, "connect")
  const until = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      look = () => pattern.test(received) && resolve(received)
      look()
      void closed.then(() => reject(new Error(`it was closed after ${JSON.stringify(received.slice(-500))}`)))
    })
  return { socket, received: () => received, until, closed }
}

/** The head of a request, from lines, with a host: `head("GET /livez", "x-name: value")`. */
export const head = (line: string, ...headers: ReadonlyArray<string>): string =>
  `${[`${line} HTTP/1.1`, "host: sluice", ...headers].join("\r\n")}\r\n\r\n`

/** A whole request with a body. */
export const post = (path: string, body: string, ...headers: ReadonlyArray<string>): string =>
  head(
    `POST ${path}`,
    "content-type: application/json",
    `content-length: ${new TextEncoder().encode(body).length}`,
    ...headers
  ) + body

/** One answer, taken from the beginning of what came. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly rest: string
}

/** Reads the first answer of a text; its body is as long as it says, or all that is left. */
export const readAnswer = (text: string): RawAnswer => {
  const end = text.indexOf("\r\n\r\n")
  const [first = "", ...lines] = text.slice(0, end).split("\r\n")
  const headers = Object.fromEntries(lines.map((line): [string, string] => {
    const colon = line.indexOf(":")
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  }))
  const after = text.slice(end + 4)
  const length = Number(headers["content-length"] ?? after.length)
  return {
    status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? 0),
    headers,
    body: after.slice(0, length),
    rest: after.slice(length)
  }
}

/** All answers of a text, in their order. */
export const readAnswers = (text: string): ReadonlyArray<RawAnswer> => {
  const found: Array<RawAnswer> = []
  for (let rest = text; rest !== "";) {
    const answer = readAnswer(rest)
    found.push(answer)
    rest = answer.rest
  }
  return found
}
