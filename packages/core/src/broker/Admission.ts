/**
 * What a new job has to be, to be sent to a broker at all: its id, its options and its length. `Routed` asks for each.
 *
 * Pure, and called once per job on the hot path: a good job costs a few comparisons.
 */
import { InvalidOption, PayloadTooLarge, type Refusal } from "../job/EnqueueError.ts"
import { isLocal, maxLocalLength } from "../job/JobId.ts"
import type { JobQueue } from "../task/JobQueue.ts"
import type { NewJob } from "./Broker.ts"

/** The longest delay: 365 days. */
export const maxDelayMs = 31_536_000_000
/** The last millisecond that a date can name. */
export const maxTimeMs = 8_640_000_000_000_000

/** The text's length in bytes of UTF-8; a lone surrogate counts as the three bytes of its replacement. */
export const utf8Length = (text: string): number => {
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (unit < 0xd800 || unit > 0xdbff) bytes += 2
    else if (isLowSurrogate(text.charCodeAt(index + 1))) {
      // two units, four bytes
      bytes += 2
      index++
    } else bytes += 2
  }
  return bytes
}

// NaN, beyond the text's end, is not one
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff

/** Why a job can't be enqueued to this queue, or `undefined` when it can. */
export const refusalOf = (queue: JobQueue, job: NewJob): Refusal | undefined => {
  if (job.id !== undefined && !isLocal(job.id)) {
    return new InvalidOption({
      option: "id",
      detail: `an id has 1 to ${maxLocalLength} characters, without white space, control characters or lone surrogates`
    })
  }
  if (!Number.isInteger(job.priority) || job.priority < -100 || job.priority > 100) {
    return new InvalidOption({ option: "priority", detail: `${job.priority} is not a whole number from -100 to 100` })
  }
  if (job.runAtMs !== undefined) {
    if (!(Math.abs(job.runAtMs) <= maxTimeMs)) {
      return new InvalidOption({ option: "at", detail: `${job.runAtMs} is not a time` })
    }
  } else if (!(job.delayMs >= 0 && job.delayMs <= maxDelayMs)) {
    return new InvalidOption({ option: "delay", detail: `${job.delayMs} ms is not within 0 and 365 days` })
  }
  const limit = queue.maxPayloadBytes
  // a code unit has at most three bytes, so most payloads need no counting
  if (job.payload.length * 3 > limit) {
    const bytes = utf8Length(job.payload)
    if (bytes > limit) return new PayloadTooLarge({ queue: queue.name, bytes, limit })
  }
  return undefined
}
