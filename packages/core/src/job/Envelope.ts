/**
 * What is stored of a job at enqueue, and never changes: the immutable record, and its text form.
 *
 * Internal. The text has three lines: what scripts read (numbers), what consumers route by (task, version, extras), and
 * the encoded payload, which nobody but the task's codec ever looks into. JSON never holds a raw newline, so the first
 * two newlines are the separators whatever the payload's codec.
 */

/** What travels in the job: any process can retry, rescue or hand it back without its task. */
export interface Envelope {
  /** The task's name. */
  readonly task: string
  /** The payload's version, 1-based. */
  readonly version: number
  /** The payload as its codec wrote it. */
  readonly payload: string
  /** -100 to 100; higher goes first. */
  readonly priority: number
  /** How many attempts the job has in all; at least 1. */
  readonly attempts: number
  /** How long after its enqueue (ms) the job may still be attempted again; 0: for ever. */
  readonly maxAgeMs: number
  /** How long a job waits (ms) after its consumer vanished before the next attempt. */
  readonly crashDelayMs: number
  /** How long (ms) the job is kept if it dies without its consumer: a copy of the task's retention of dead jobs. */
  readonly keepDeadMs: number
  /** What routed the job to its partition besides its id, if anything. */
  readonly key: string | undefined
  /** The W3C `traceparent` of whoever enqueued, if it was traced. */
  readonly trace: string | undefined
}

/** An envelope as it was stored, with the time at which the broker took it in. */
export interface Stored extends Envelope {
  /** Epoch milliseconds by the broker's clock. */
  readonly enqueuedAtMs: number
}

interface Extras {
  readonly k?: string
  readonly tp?: string
}

/** The text without its first number: the broker puts `enqueuedAtMs` and a space before it. */
export const encode = (envelope: Envelope): string => {
  const { attempts, crashDelayMs, keepDeadMs, key, maxAgeMs, payload, priority, task, trace, version } = envelope
  const extras = key === undefined && trace === undefined
    ? ""
    : ` ${JSON.stringify({ ...(key === undefined ? {} : { k: key }), ...(trace === undefined ? {} : { tp: trace }) })}`
  return `${attempts} ${maxAgeMs} ${crashDelayMs} ${keepDeadMs} ${priority}\n${task} ${version}${extras}\n${payload}`
}

/** Reads a whole record back. Throws on a text that `encode` cannot have written: that is corruption, a defect. */
export const decode = (text: string): Stored => {
  const first = text.indexOf("\n")
  const second = text.indexOf("\n", first + 1)
  const numbers = text.slice(0, first).split(" ")
  const taskEnd = text.indexOf(" ", first + 1)
  const versionEnd = text.indexOf(" ", taskEnd + 1)
  const hasExtras = versionEnd !== -1 && versionEnd < second
  if (numbers.length !== 6 || second === -1 || taskEnd === -1) throw new Error(`not a job record: ${text.slice(0, 80)}`)
  // our own JSON, written by `encode` above: the one place where it is read back
  const extras = hasExtras ? JSON.parse(text.slice(versionEnd + 1, second)) as Extras : undefined
  return {
    enqueuedAtMs: Number(numbers[0]),
    attempts: Number(numbers[1]),
    maxAgeMs: Number(numbers[2]),
    crashDelayMs: Number(numbers[3]),
    keepDeadMs: Number(numbers[4]),
    priority: Number(numbers[5]),
    task: text.slice(first + 1, taskEnd),
    version: Number(text.slice(taskEnd + 1, hasExtras ? versionEnd : second)),
    payload: text.slice(second + 1),
    key: extras?.k,
    trace: extras?.tp
  }
}
