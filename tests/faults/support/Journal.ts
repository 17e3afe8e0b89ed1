/**
 * What really happened, kept outside Redis: an append-only file that all processes of one test write, and the test reads.
 *
 * A line is written with one synchronous call before anything follows from it, so that it survives the SIGKILL of its
 * writer and never mixes with another process's line. The order of lines is the order of events on this machine.
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs"

/** What can be told. Jobs are named by their ids, payloads by their number and text. */
export type Event =
  /** The process is ready. */
  | { readonly type: "up"; readonly pid: number }
  /** A producer was answered: the broker has the job. */
  | { readonly type: "accepted"; readonly id: string; readonly n: number }
  /** A producer was told that nothing is known of its job, so long (ms) after it had asked. */
  | { readonly type: "refused"; readonly n: number; readonly reason: string; readonly tookMs: number }
  /** A producer that waited for the end of its job was answered with the task's success. */
  | { readonly type: "awaited"; readonly n: number; readonly by: string }
  | { readonly type: "start"; readonly id: string; readonly attempt: number; readonly n: number; readonly text: string }
  | { readonly type: "finish"; readonly id: string; readonly attempt: number }
  | { readonly type: "interrupted"; readonly id: string; readonly attempt: number }
  /** The consumer's health has changed. */
  | ({ readonly type: "health" } & Health)
  /** The process ends, as it should. */
  | { readonly type: "down" }

/** What a consumer says of itself. */
export interface Health {
  readonly live: boolean
  readonly ready: boolean
  readonly reasons: ReadonlyArray<string>
  readonly lostLeases: number
  readonly lostSettlements: number
  readonly watchdogRestarts: number
}

/** An event with its time (epoch ms) and the process that told it. */
export type Entry = Event & { readonly at: number; readonly who: string }

/** The entries of one type. */
export type EntryOf<Type extends Event["type"]> = Extract<Entry, { readonly type: Type }>

/** Writes to the journal in `file` in the name of `who`. */
export const writer = (file: string, who: string): (event: Event) => void => {
  const descriptor = openSync(file, "a")
  return (event) => {
    writeSync(descriptor, `${JSON.stringify({ at: Date.now(), who, ...event })}\n`)
  }
}

/** Reads a journal while it is being written. */
export interface Reader {
  /** All entries so far, oldest first; the array grows with each call. */
  readonly read: () => ReadonlyArray<Entry>
  readonly close: () => void
}

/** Opens the journal in `file`, which it creates. */
export const reader = (file: string): Reader => {
  closeSync(openSync(file, "a"))
  const descriptor = openSync(file, "r")
  const entries: Array<Entry> = []
  const chunk = Buffer.allocUnsafe(1 << 20)
  let rest = Buffer.alloc(0)
  return {
    read: () => {
      for (;;) {
        const length = readSync(descriptor, chunk)
        if (length === 0) return entries
        const bytes = Buffer.concat([rest, chunk.subarray(0, length)])
        const end = bytes.lastIndexOf("\n") + 1
        rest = bytes.subarray(end)
        // the lines are ours: `writer` is the only one who writes them
        for (const line of bytes.toString("utf8", 0, end).split("\n")) {
          if (line !== "") entries.push(JSON.parse(line) as Entry)
        }
      }
    },
    close: () => closeSync(descriptor)
  }
}

/** The entries of one type among some. */
export const only = <Type extends Event["type"]>(
  entries: ReadonlyArray<Entry>,
  type: Type
): ReadonlyArray<EntryOf<Type>> => entries.filter((entry): entry is EntryOf<Type> => entry.type === type)
