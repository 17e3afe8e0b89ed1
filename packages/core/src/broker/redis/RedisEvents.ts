/**
 * The events of a partition in Redis: a stream whose entries the scripts add while somebody wants them (lua/lib/events.lua).
 *
 * An entry holds what one call did of one kind, with all its jobs; its id is the numbering and the number of its last
 * event. Readers are told by a message that there is more; a slow look stands behind it, as messages can be lost.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type { JobId } from "../../job/JobId.ts"
import type { BrokerError } from "../../job/BrokerError.ts"
import type { PartitionEvent, PartitionEvents, Recording } from "../PartitionEvents.ts"
import type { Place } from "../Place.ts"
import { sleep } from "./Connection.ts"
import * as Keys from "./Keys.ts"
import * as Reply from "./Reply.ts"
import type { StoreCalls } from "./StoreCalls.ts"
import type { Listen } from "./Subscriber.ts"

/** The most entries of one read: each holds at most 1,000 events, most hold few. */
const entriesLimit = 50
/** How long (ms, real time) a reader trusts that it will be told, and how often it looks at most. */
const lookAgainMs = 2_000
const restMs = 5

/** The values of an entry's fields, in the order of the script: e, n, i, a, t. */
const valuesOf = (fields: Reply.Reply | undefined): ReadonlyArray<string> =>
  Reply.texts(fields).filter((_, index) => index % 2 === 1)

/** One value for each job; a single one stands for all, "" for none. */
const listOf = (text: string, count: number): (index: number) => string | undefined => {
  if (text === "") return () => undefined
  const all = text.split(" ")
  return (index) => all.length === count ? all[index] : all[0]
}

/** The events of one entry behind a number. */
const eventsOf = (entry: Reply.Reply, after: { readonly epoch: number; readonly number: number }) => {
  const [entryId, fields] = Reply.list(entry)
  const [epoch, last] = Reply.text(entryId).split("-").map(Number)
  const [event, atMs, ids, attempts, tasks] = valuesOf(fields)
  const jobs = ids!.split("\n")
  const attemptOf = listOf(attempts!, jobs.length)
  const taskOf = listOf(tasks!, jobs.length)
  return jobs.map((id, index): PartitionEvent => {
    const attempt = attemptOf(index)
    return {
      epoch: epoch!,
      number: last! - jobs.length + 1 + index,
      atMs: Number(atMs),
      // events and ids are those that the scripts wrote
      event: event as PartitionEvent["event"],
      id: id === "" ? undefined : id as JobId,
      task: taskOf(index),
      attempt: attempt === undefined ? undefined : Number(attempt)
    }
  }).filter(({ epoch, number }) => epoch !== after.epoch || number > after.number)
}

const record = (calls: StoreCalls, place: Place, forMs: number): Effect.Effect<Recording, BrokerError> =>
  Effect.map(
    calls.call("record", "eventsRecord", place, [forMs === Infinity ? "" : Math.ceil(forMs), place.queue.keepEvents]),
    (reply) => {
      const [epoch, number, atMs] = Reply.list(reply).map(Reply.number)
      return { epoch: epoch!, number: number!, atMs: atMs! }
    }
  )

/** Records. What is to be recorded always is so again after a reconnect: the server may have lost its data. */
const recorder = (calls: StoreCalls, fork: Fork): PartitionEvents["record"] => {
  const always = new Map<string, Place>()
  calls.connection.onReady(() => {
    for (const place of always.values()) fork(Effect.ignore(record(calls, place, Infinity)))
  })
  return (place, forMs) => {
    if (forMs === Infinity) always.set(calls.baseOf(place), place)
    return record(calls, place, forMs)
  }
}

/** Runs something in the background. */
export type Fork = (effect: Effect.Effect<unknown>) => void

/** Makes the events part of a store. */
export const make = (calls: StoreCalls, listen: Listen, fork: Fork): PartitionEvents => ({
  record: recorder(calls, fork),
  events: (place, after) =>
    Effect.map(
      calls.connection.call({
        operation: "events",
        name: "xrange",
        args: [
          Keys.partitionKey(calls.baseOf(place), "events"),
          `(${after.epoch}-${after.number}`,
          "+",
          "COUNT",
          entriesLimit
        ]
      }),
      (reply) => Reply.list(reply).flatMap((entry) => eventsOf(entry, after))
    ),
  eventHints: Effect.fnUntraced(function*(place, onHint) {
    const hinted = Latch.makeUnsafe(false)
    const hint = () => hinted.openUnsafe()
    yield* listen("events", Keys.eventsChannel(calls.prefix, place.queue.name, place.partition), {
      onMessage: hint,
      onMissed: hint
    })
    // many calls in a row are one hint, and the first of them is not late
    const tell = Effect.andThen(
      Effect.raceFirst(hinted.await, sleep(lookAgainMs)),
      Effect.andThen(
        Effect.sync(() => {
          hinted.closeUnsafe()
          onHint()
        }),
        sleep(restMs)
      )
    )
    yield* Effect.forkScoped(Effect.forever(tell))
  })
})
