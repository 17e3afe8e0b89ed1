/**
 * Shows how far the run is, until no job is left to run: one live line on a terminal, a plain line a second elsewhere.
 *
 * It asks the broker (by its Inspector, or over HTTP), not the handlers: what it shows is true whichever process runs the
 * jobs, and the run is over when the broker says so. One that is away for a moment is waited for, and the line says that too.
 */
import type { JobState } from "@sluice/core"
import { Clock, Data, Effect, Schedule } from "effect"

/** Where progress is shown. */
export interface Screen {
  /** Whether it can rewrite its last line. */
  readonly isLive: boolean
  /** Its width in characters. */
  readonly columns: number
  readonly write: (text: string) => void
}

/** How many jobs are in each state. */
export type Counts = { readonly [State in JobState.JobState]: number }

/** Jobs that have not ended. */
export const liveOf = (counts: Counts): number =>
  counts.scheduled + counts.blocked + counts.available + counts.running + counts.retryable

/** Jobs that have ended, one way or another. */
export const endedOf = (counts: Counts): number => counts.completed + counts.cancelled + counts.dead

const barLength = 24

/** The line to show; `total` is at least 1. */
export const lineOf = (counts: Counts, total: number): string => {
  const ended = endedOf(counts)
  const filled = Math.min(barLength, Math.floor(barLength * ended / total))
  const bar = "█".repeat(filled) + "░".repeat(barLength - filled)
  const parts = [
    `${counts.completed} delivered`,
    `${counts.available + counts.scheduled} waiting`,
    `${counts.running} running`,
    `${counts.retryable} to try again`,
    `${counts.dead} dead`
  ]
  return `${bar} ${ended}/${total}  ${parts.join(", ")}`
}

/** Clears the line and writes another; the next write will do the same. */
const show = (screen: Screen, line: string): void =>
  screen.write(screen.isLive ? `\r\x1b[2K${line.slice(0, screen.columns - 1)}` : `${line}\n`)

/** Half a minute without a broker is an outage, less is a restart. */
const patience = Schedule.spaced("500 millis").pipe(Schedule.upTo({ duration: "30 seconds" }))

/** Longer than any retry delay, lease or time-out of the demo (ms): whoever waits for more waits for ever. */
const longestStandstill = 60_000

/** No job has changed its state for a minute although some have not ended: a bug, in the demo or in Sluice. */
export class Standstill extends Data.TaggedError("Standstill")<{ readonly line: string }> {
  override get message() {
    return `No job has moved for a minute, so the demo gives up: ${this.line}`
  }
}

/** The last line that was new, and when it was shown. */
interface Shown {
  readonly line: string
  readonly shownAtMs: number
}

/**
 * Shows a line where it is due: always on a terminal, where a log line may have pushed it away; elsewhere each second, and
 * not again while nothing changes.
 */
const next = (screen: Screen, before: Shown | undefined, line: string, now: number, isLast: boolean): Shown => {
  const isDue = before === undefined || screen.isLive || isLast || now - before.shownAtMs >= 1000
  if (before !== undefined && (before.line === line || !isDue)) {
    if (screen.isLive) show(screen, line)
    return before
  }
  show(screen, line)
  return { line, shownAtMs: now }
}

/**
 * Shows progress until at least `total` jobs have ended and none is left, then answers the counts. `look` asks for them.
 * Fails when it has failed for 30 seconds, or when nothing has moved for a minute.
 */
export const watch = Effect.fnUntraced(function*<E extends { readonly message: string }>(
  screen: Screen,
  total: number,
  look: Effect.Effect<Counts, E>
) {
  const patientLook = look.pipe(
    Effect.tapError((error) => Effect.sync(() => show(screen, `waiting for the broker: ${error.message}`))),
    Effect.retry(patience)
  )
  let shown: Shown | undefined
  while (true) {
    const states = yield* patientLook
    const now = yield* Clock.currentTimeMillis
    const isOver = endedOf(states) >= total && liveOf(states) === 0
    shown = next(screen, shown, lineOf(states, total), now, isOver)
    if (isOver) {
      if (screen.isLive) screen.write("\n")
      return states
    }
    if (now - shown.shownAtMs > longestStandstill) return yield* new Standstill({ line: shown.line })
    yield* Effect.sleep("100 millis")
  }
})
