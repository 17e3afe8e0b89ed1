/**
 * One call of the enqueue script in the making: jobs are added until it is full. Used by GroupCommit.
 */
import * as Envelope from "../../job/Envelope.ts"
import type { PlacedJob } from "../PartitionStore.ts"
import { type Args, begin } from "./Scripts.ts"

/** What the script answers for one job. */
export type Stored = "created" | "existing" | "full"

/**
 * The most jobs of one call, and the most bytes of records. Few enough that of a large enqueue Redis works on one part
 * while this process writes the next.
 */
export const jobsLimit = 250
export const bytesLimit = 4_194_304

/** No code unit takes more than three bytes of UTF-8: short texts need no counting. */
export const bytesAtMost = (text: string): number => text.length < 1365 ? text.length * 3 : Buffer.byteLength(text)

/** `c` created, `e` existing, `f` full; an empty text: all created. */
export const storedAt = (answers: string, index: number): Stored => {
  if (answers === "") return "created"
  const letter = answers[index]
  return letter === "c" ? "created" : letter === "e" ? "existing" : "full"
}

/** The due time as the script wants it: ms from now; an absolute time as its negative. */
const dueOf = ({ delayMs, runAtMs }: PlacedJob["job"]): number =>
  runAtMs === undefined ? Math.max(0, delayMs) : runAtMs > 0 ? -runAtMs : 0

/** A call: see the module. */
export class EnqueueCall {
  readonly maxJobs: number | undefined
  private readonly ids: Array<string> = []
  private readonly records: Array<string> = []
  private priorities: Array<number> | undefined
  private dues: Array<number> | undefined
  private marks: Array<string> | undefined
  private bytes = 0
  /** Whether all ids were made for these jobs, and so are known nowhere. */
  private isNew = true

  constructor(maxJobs: number | undefined) {
    this.maxJobs = maxJobs
  }

  /** How many jobs it has. */
  get size(): number {
    return this.ids.length
  }

  /** Adds a job, unless the call is full. An empty call takes any job. */
  add({ job, jobId }: PlacedJob): boolean {
    const count = this.ids.length
    if (count >= jobsLimit) return false
    const record = Envelope.encode(job)
    const bytes = bytesAtMost(record)
    if (count > 0 && this.bytes + bytes > bytesLimit) return false
    this.bytes += bytes
    this.ids.push(jobId)
    if (job.id !== undefined) this.isNew = false
    this.records.push(record)
    const due = dueOf(job)
    // the optional lists begin with the first job that needs them
    if (job.priority !== 0) this.priorities ??= new Array<number>(count).fill(0)
    if (due !== 0) this.dues ??= new Array<number>(count).fill(0)
    if (job.awaited) this.marks ??= new Array<string>(count).fill("")
    this.priorities?.push(job.priority)
    this.dues?.push(due)
    this.marks?.push(job.awaited ? "1" : "")
    return true
  }

  /** The arguments of the script. The same lane and sequence again is a repeat. */
  args(base: string, now: string, lane: string, sequence: number): Args {
    const { dues, ids, marks, priorities, records } = this
    const lists = (priorities === undefined ? "" : "p") + (dues === undefined ? "" : "d") +
      (marks === undefined ? "" : "a") + (this.isNew ? "n" : "")
    const head = begin("enqueue", base)
    head.push(now, this.maxJobs ?? "", ids.length, lists, lane, sequence)
    return head.concat(ids, records, priorities ?? [], dues ?? [], marks ?? [])
  }
}
