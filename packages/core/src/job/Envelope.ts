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
  /** The W3C `tracestate` beside it, up to 512 characters. */
  readonly tracestate?: string | undefined
  /** The W3C `baggage` of whoever enqueued, up to 8,192 characters. */
  readonly baggage?: string | undefined
  /** How long after its enqueue (ms) the job was to run at the earliest; absent: at once. */
  readonly delayedMs?: number | undefined
  /** The epoch ms from which the job was to run; absent: at once. */
  readonly notBeforeMs?: number | undefined
}

/** An envelope as it was stored, with the time at which the broker took it in. */
export interface Stored extends Envelope {
  /** Epoch milliseconds by the broker's clock. */
  readonly enqueuedAtMs: number
}

/** A version that does not know one of these drops it. */
interface Extras {
  readonly k?: string | undefined
  readonly tp?: string | undefined
  readonly ts?: string | undefined
  readonly bg?: string | undefined
  readonly d?: number | undefined
  readonly at?: number | undefined
}

/** With a space before it, where there is any. */
const extrasOf = ({ baggage, delayedMs, key, notBeforeMs, trace, tracestate }: Envelope): string => {
  // most jobs have none, and JSON would cost more than all else here
  if ((key ?? trace ?? tracestate ?? baggage ?? delayedMs ?? notBeforeMs) === undefined) return ""
  // what is undefined, JSON leaves out
  const extras: Extras = { k: key, tp: trace, ts: tracestate, bg: baggage, d: delayedMs, at: notBeforeMs }
  return ` ${JSON.stringify(extras)}`
}

/** The text without its first number: the broker puts `enqueuedAtMs` and a space before it. */
export const encode = (envelope: Envelope): string => {
  const { attempts, crashDelayMs, keepDeadMs, maxAgeMs, payload, priority, task, version } = envelope
  return `${attempts} ${maxAgeMs} ${crashDelayMs} ${keepDeadMs} ${priority}\n` +
    `${task} ${version}${extrasOf(envelope)}\n${payload}`
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
  const stored: Stored = {
    enqueuedAtMs: Number(numbers[0]),
    attempts: Number(numbers[1]),
    maxAgeMs: Number(numbers[2]),
    crashDelayMs: Number(numbers[3]),
    keepDeadMs: Number(numbers[4]),
    priority: Number(numbers[5]),
    task: text.slice(first + 1, taskEnd),
    version: Number(text.slice(taskEnd + 1, hasExtras ? versionEnd : second)),
    payload: text.slice(second + 1),
    key: undefined,
    trace: undefined
  }
  if (!hasExtras) return stored
  // our own JSON, written by `encode` above: the one place where it is read back
  const { at, bg, d, k, tp, ts } = JSON.parse(text.slice(versionEnd + 1, second)) as Extras
  const few = optional({ tracestate: ts, baggage: bg, delayedMs: d, notBeforeMs: at })
  return { ...stored, key: k, trace: tp, ...few }
}

/** What few jobs have; absent, not `undefined`, where a job has it not. */
export const optional = (
  { baggage, delayedMs, notBeforeMs, tracestate }: Pick<Envelope, Optional>
): Pick<Envelope, Optional> => {
  if ((tracestate ?? baggage ?? delayedMs ?? notBeforeMs) === undefined) return none
  return {
    ...(tracestate === undefined ? none : { tracestate }),
    ...(baggage === undefined ? none : { baggage }),
    ...(delayedMs === undefined ? none : { delayedMs }),
    ...(notBeforeMs === undefined ? none : { notBeforeMs })
  }
}

type Optional = "baggage" | "delayedMs" | "notBeforeMs" | "tracestate"

const none = {}
