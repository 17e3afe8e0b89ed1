/**
 * The events of one partition in memory: numbered, bounded, and only while somebody wants them.
 *
 * The verbs `note` what they do as they do it; the store says before each verb what time it is, and tells readers after it.
 */
import type { JobId } from "../../job/JobId.ts"
import type { EventPosition, PartitionEvent, Recording } from "../PartitionEvents.ts"

/** The most events that one read answers. */
const pageLimit = 1000

/** What a verb may know of a job beside what happened to it. */
export interface Details {
  readonly task?: string | undefined
  readonly attempt?: number | undefined
}

/** See the module. */
export class MemoryEvents {
  private readonly hints = new Set<() => void>()
  private kept: Array<PartitionEvent> = []
  private keep = 0
  private untilMs = -Infinity
  private epoch = 0
  private number = 0
  private nowMs = 0
  private hasNews = false

  /** A verb begins. */
  begin(nowMs: number): void {
    this.nowMs = nowMs
  }

  /** Records for at least `forMs` more. Where that was off, one number is left out: a reader sees that it missed something. */
  record(forMs: number, keep: number): Recording {
    if (this.nowMs >= this.untilMs) {
      if (this.epoch === 0) this.epoch = this.nowMs
      this.number++
    }
    this.untilMs = Math.max(this.untilMs, this.nowMs + forMs)
    this.keep = keep
    return { epoch: this.epoch, number: this.number, atMs: this.nowMs }
  }

  /** Something happened to a job, or to the whole partition. */
  note(event: PartitionEvent["event"], id: JobId | undefined, { attempt, task }: Details = {}): void {
    if (this.nowMs >= this.untilMs) return
    const { epoch, nowMs: atMs } = this
    this.kept.push({ epoch, number: ++this.number, atMs, event, id, task, attempt })
    this.hasNews = true
    // in one go, so that it costs nothing per event
    if (this.kept.length > 2 * this.keep) this.kept = this.kept.slice(-this.keep)
  }

  /** Tells readers of what the last verb noted. */
  flush(): void {
    if (!this.hasNews) return
    this.hasNews = false
    for (const hint of this.hints) hint()
  }

  /** The next events after a position. */
  after({ epoch, number }: EventPosition): ReadonlyArray<PartitionEvent> {
    if (epoch > this.epoch) return []
    const from = epoch < this.epoch ? 0 : this.kept.findIndex((event) => event.number > number)
    return from === -1 ? [] : this.kept.slice(from, from + pageLimit)
  }

  /** Calls back when there may be more; answers how to stop that. */
  listen(onHint: () => void): () => void {
    // a function of its own, so that the same callback may listen twice
    const hint = () => onHint()
    this.hints.add(hint)
    return () => this.hints.delete(hint)
  }
}
