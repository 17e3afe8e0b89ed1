/**
 * One reader of a queue's events: where it stands in each partition, what it has to tell next, and where it has missed
 * something. `RoutedEvents` makes it and feeds it with recordings; it reads pages by itself.
 *
 * Partitions are read only when there may be something new in them. Of one partition events come in order; those of several
 * come as they are found.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type { BrokerError } from "../job/BrokerError.ts"
import * as EventCursor from "./EventCursor.ts"
import type { QueueEvent, Reader } from "./Events.ts"
import type { EventPosition, PartitionEvent, PartitionEvents, Recording } from "./PartitionEvents.ts"
import type { Place } from "./Place.ts"

/** Whether a position names what its store has never had, or has lost. */
const isAhead = (position: EventPosition, { epoch, number }: EventPosition): boolean =>
  position.epoch > epoch || (position.epoch === epoch && position.number > number)

const isNext = (position: EventPosition, { epoch, number }: EventPosition): boolean =>
  position.epoch === epoch && position.number + 1 === number

/** See the module. */
export class EventReader implements Reader {
  private readonly store: PartitionEvents
  private readonly places: ReadonlyArray<Place>
  private readonly dirty = new Set<number>()
  private readonly hinted = Latch.makeUnsafe(false)
  private positions: Array<EventPosition> = []
  private pending: Array<QueueEvent> = []

  constructor(store: PartitionEvents, places: ReadonlyArray<Place>) {
    this.store = store
    this.places = places
  }

  /** There may be something new in a partition. */
  hint(partition: number): void {
    this.dirty.add(partition)
    this.hinted.openUnsafe()
  }

  /** Begins behind a cursor, or now. A cursor that is none, or that the store can't know, is a gap, and begins now. */
  begin(recordings: ReadonlyArray<Recording>, after: string | undefined): void {
    const given = after === undefined ? recordings : EventCursor.read(after, recordings.length)
    const isLost = given === undefined || given.some((position, index) => isAhead(position, recordings[index]!))
    this.positions = [...(isLost ? recordings : given)]
    const atMs = Math.max(...recordings.map((recording) => recording.atMs))
    const cursor = EventCursor.write(this.positions)
    this.pending.push({ event: "listening", cursor, atMs })
    if (isLost) this.pending.push({ event: "gap", cursor, atMs })
    this.places.forEach((_, partition) => this.hint(partition))
  }

  /** Where it stands: to be taken before a recording is asked for, and given to `check` with what came. */
  standing(): ReadonlyArray<EventPosition> {
    return [...this.positions]
  }

  /** Notices that a store stands behind where this reader stood before it was asked: it has lost data. */
  check(before: ReadonlyArray<EventPosition>, recordings: ReadonlyArray<Recording>): void {
    recordings.forEach((recording, partition) => {
      if (isAhead(before[partition]!, recording)) {
        this.positions[partition] = recording
        this.pending.push({ event: "gap", cursor: EventCursor.write(this.positions), atMs: recording.atMs })
      }
      this.hint(partition)
    })
  }

  readonly next: Effect.Effect<ReadonlyArray<QueueEvent>, BrokerError> = Effect.suspend(() => this.read())

  private readonly read = Effect.fnUntraced({ self: this }, function*(this: EventReader) {
    while (this.pending.length === 0) {
      if (this.dirty.size === 0) {
        this.hinted.closeUnsafe()
        yield* this.hinted.await
      }
      const partitions = [...this.dirty]
      yield* Effect.forEach(partitions, (partition) => this.readPartition(partition), {
        concurrency: "unbounded",
        discard: true
      })
    }
    const told = this.pending
    this.pending = []
    return told
  })

  private readPartition(partition: number): Effect.Effect<void, BrokerError> {
    // before the call: a hint that comes while it is under way stands for what it may not see any more
    this.dirty.delete(partition)
    return Effect.matchEffect(this.store.events(this.places[partition]!, this.positions[partition]!), {
      onFailure: (error) => {
        this.hint(partition)
        return Effect.fail(error)
      },
      onSuccess: (page) => Effect.sync(() => this.take(partition, page))
    })
  }

  private take(partition: number, page: ReadonlyArray<PartitionEvent>): void {
    if (page.length === 0) return
    const cursorOf = EventCursor.writerOf(this.positions, partition)
    let position = this.positions[partition]!
    for (const found of page) {
      const { atMs, attempt, epoch, event, id, number, task } = found
      if (!isNext(position, found)) {
        this.pending.push({ event: "gap", cursor: cursorOf({ epoch, number: number - 1 }), atMs })
      }
      position = { epoch, number }
      const cursor = cursorOf(position)
      if (event !== "paused" && event !== "resumed") {
        // whatever happened to a job names it
        this.pending.push({ event, cursor, atMs, id: id!, task, attempt })
        // a queue is paused in all of its partitions at once: one of them tells it
      } else if (partition === 0) this.pending.push({ event, cursor, atMs })
    }
    this.positions[partition] = position
    // there may be more: pages are bounded
    this.hint(partition)
  }
}
