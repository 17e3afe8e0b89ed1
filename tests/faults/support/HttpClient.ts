/**
 * A client of sluice-producer in the fault tests: tells the journal what it was promised, and gives back as a value what
 * became of a call that was cut off. Plain `fetch`, as anybody's program would use.
 */
import type { Event } from "./Journal.ts"
import { textOf } from "./tasks.ts"

const queue = "/v1/queues/faults"

/** The answer to one line. */
export interface LineAnswer {
  readonly line: number
  readonly id?: string
  readonly answer?: "created" | "existing"
  readonly aborted?: boolean
}

/** What came of a stream: all that arrived, and the error that ended it, if one did. */
export interface Came<A> {
  readonly got: ReadonlyArray<A>
  readonly error: string | undefined
}

/** An event of the queue. */
export interface Told {
  readonly cursor: string
  readonly event: string
  readonly id?: string
}

/** Why a call failed; `fetch` says only that it did, and the reason is one level down. */
const errorOf = (error: unknown): string => {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return inner instanceof Error ? inner.message : String(inner)
}

/** A job as one line; `n` makes its id and its text. */
const lineOf = (n: number, more: object = {}): string => {
  const payload = { n, text: textOf(n), does: "quick", ms: 0 }
  return `${JSON.stringify({ task: "Work", id: `job-${n}`, attempts: 20, payload, ...more })}\n`
}

const collect = async <A>(pieces: AsyncIterable<string>, read: (piece: string) => A | undefined, got: Array<A>) => {
  try {
    for await (const piece of pieces) {
      const one = read(piece)
      if (one !== undefined) got.push(one)
    }
    return { got, error: undefined }
  } catch (error) {
    return { got, error: errorOf(error) }
  }
}

/** The pieces of a body that end with a mark. */
const pieces = async function*(body: ReadableStream<Uint8Array> | null, mark: string) {
  let rest = ""
  for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const parts = `${rest}${text}`.split(mark)
    rest = parts.pop() ?? ""
    yield* parts
  }
}

/** See the module. */
export class HttpClient {
  private readonly url: string
  private readonly tell: (event: Event) => void

  constructor(url: string, tell: (event: Event) => void) {
    this.url = url
    this.tell = tell
  }

  /** Puts one job in and answers the status. */
  async enqueue(n: number, more: object = {}): Promise<number> {
    const headers = { "content-type": "application/json" }
    const response = await fetch(`${this.url}${queue}/jobs`, { method: "POST", headers, body: lineOf(n, more) })
    await response.text()
    if (response.ok) this.tell({ type: "accepted", id: `0:job-${n}`, n })
    return response.status
  }

  /** Sends the jobs of these numbers as lines, the second half when `release` resolves. `got` grows while answers come. */
  async enqueueLines(
    numbers: ReadonlyArray<number>,
    release: Promise<void> = Promise.resolve(),
    got: Array<LineAnswer> = []
  ): Promise<Came<LineAnswer>> {
    const half = Math.ceil(numbers.length / 2)
    const body = async function*() {
      yield numbers.slice(0, half).map((n) => lineOf(n)).join("")
      await release
      yield numbers.slice(half).map((n) => lineOf(n)).join("")
    }
    const read = (line: string): LineAnswer => {
      // what the producer writes; its own tests hold it to the schema
      const answer = JSON.parse(line) as LineAnswer
      const n = numbers[answer.line - 1]
      if (answer.id !== undefined && n !== undefined) this.tell({ type: "accepted", id: answer.id, n })
      return answer
    }
    try {
      const response = await fetch(`${this.url}${queue}/jobs`, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson" },
        body: ReadableStream.from(body()).pipeThrough(new TextEncoderStream()),
        duplex: "half"
      })
      return await collect(pieces(response.body, "\n"), read, got)
    } catch (error) {
      return { got, error: errorOf(error) }
    }
  }

  /** Waits for the end of a job, up to 50 seconds; answers the status and the text, or the error. */
  async await(n: number): Promise<{ readonly status: number; readonly text: string } | { readonly error: string }> {
    try {
      const response = await fetch(`${this.url}${queue}/jobs/0%3Ajob-${n}/result?wait=50s`)
      return { status: response.status, text: await response.text() }
    } catch (error) {
      return { error: errorOf(error) }
    }
  }

  /** Follows the queue's events, from now on or behind a cursor, until the stream ends. `got` grows while they come. */
  async events(after: string | undefined, got: Array<Told>): Promise<Came<Told>> {
    const read = (block: string): Told | undefined => {
      const [, cursor, event, data] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/m.exec(block) ?? []
      if (cursor === undefined || event === undefined) return undefined
      const { id } = JSON.parse(data ?? "{}") as { readonly id?: string }
      return { cursor, event, ...(id === undefined ? {} : { id }) }
    }
    const headers = after === undefined ? {} : { "last-event-id": after }
    const response = await fetch(`${this.url}${queue}/events`, { headers })
    return collect(pieces(response.body, "\n\n"), read, got)
  }

  /** How many jobs are in each state. */
  async states(): Promise<Readonly<Record<string, number>>> {
    const response = await fetch(`${this.url}${queue}`)
    return (await response.json() as { readonly states: Readonly<Record<string, number>> }).states
  }
}
