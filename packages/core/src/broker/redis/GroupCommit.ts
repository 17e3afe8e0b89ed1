/**
 * Lets concurrent enqueues into one partition share round trips. Made per partition by the store.
 *
 * A call is sent at once while fewer than `callsInFlight` are under way; what arrives meanwhile goes together with the
 * next. So nothing waits on a timer, and an idle queue sees no added latency. Each caller gets its own answers; when a
 * shared call fails, all in it fail alike, and repeating with the same ids is safe. A caller whose jobs take several calls
 * gets the answers of those that worked, and the failure for the jobs of the others. An interrupted caller's jobs are
 * dropped if they have not been sent. Each call goes on a lane with a number, so that one whose reply was lost can be
 * sent again.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { BrokerError } from "../../job/BrokerError.ts"
import type { JobQueue } from "../../task/JobQueue.ts"
import { type PartFailure, partFailureOf } from "../PartFailure.ts"
import type { PlacedJob, Stored } from "../PartitionStore.ts"
import { EnqueueCall, storedAt } from "./EnqueueCall.ts"
import { type Reply, text } from "./Reply.ts"
import type { Args } from "./Scripts.ts"

/** How many calls of one partition may be under way: two, so that Redis and this process work at the same time. */
const callsInFlight = 2

type Answers = ReadonlyArray<Stored>
type Resume = (effect: Effect.Effect<Answers, BrokerError>) => void

interface Entry {
  readonly queue: JobQueue
  readonly jobs: ReadonlyArray<PlacedJob>
  readonly now: string
  readonly resume: Resume
  /** Its place among all that ever came. */
  readonly number: number
  /** How many of its jobs have been put into calls. */
  sent: number
  /** Filled in part by part, where one call does not hold all its jobs. */
  answers: Array<Stored> | undefined
  /** How many of its jobs' calls have come back. */
  answered: number
  /** How one of its calls failed: no further one is sent. */
  failure: Failure | undefined
  isDropped: boolean
}

/** A failed call, and what that means to each of its jobs. */
interface Failure {
  readonly error: BrokerError
  readonly reason: PartFailure
}

/** The part of an entry that one call holds. */
interface Part {
  readonly entry: Entry
  readonly from: number
  readonly count: number
}

/** Sends the arguments of an enqueue call; calls back once. */
export type Send = (args: Args, done: (exit: Exit.Exit<Reply, BrokerError>) => void) => void

// by far the most calls are of one new job
const oneCreated: Effect.Effect<Answers> = Effect.succeed(["created"])

/** The enqueues of one partition: see the module. */
export class GroupCommit {
  private readonly base: string
  private readonly send: Send
  private readonly entries: Array<Entry | undefined> = []
  private head = 0
  private readonly idle: Array<string>
  private sequence = 0
  private arrivals = 0

  /** `name` sets its lanes apart from those of all other group commits of this partition, in any process. */
  constructor(base: string, name: string, send: Send) {
    this.base = base
    this.send = send
    this.idle = Array.from({ length: callsInFlight }, (_, lane) => `${name}.${lane}`)
  }

  /** Enqueues jobs, at least one, in order. `now`: the caller's time, or "" for the server's. */
  enqueue(queue: JobQueue, jobs: ReadonlyArray<PlacedJob>, now: string): Effect.Effect<Answers, BrokerError> {
    return Effect.callback((resume) => {
      const entry: Entry = {
        queue,
        jobs,
        now,
        resume,
        number: ++this.arrivals,
        sent: 0,
        answers: undefined,
        answered: 0,
        failure: undefined,
        isDropped: false
      }
      this.entries.push(entry)
      this.flush()
      return Effect.sync(() => {
        entry.isDropped = true
      })
    })
  }

  private flush(): void {
    while (this.idle.length > 0) {
      const first = this.nextEntry()
      if (first === undefined) return
      const call = new EnqueueCall(first.queue.maxJobs)
      const parts = this.partsFor(call)
      const lane = this.idle.shift()!
      const waiting = this.arrivals
      this.send(call.args(this.base, first.now, lane, ++this.sequence), (exit) => {
        // the lane comes free after that: what those who are answered send at once shares a call, too
        try {
          this.deliver(parts, exit)
        } finally {
          this.idle.push(lane)
        }
        if (Exit.isFailure(exit)) this.giveUp(waiting, exit)
        this.flush()
      })
    }
  }

  /** The first entry that still has jobs to send. */
  private nextEntry(): Entry | undefined {
    for (; this.head < this.entries.length; this.head++) {
      const entry = this.entries[this.head]!
      if (!entry.isDropped && entry.sent < entry.jobs.length) return entry
      // let go of at once: an old list that holds on to young entries makes the collector keep all that they refer to
      this.entries[this.head] = undefined
    }
    this.entries.length = 0
    this.head = 0
    return undefined
  }

  /** Lets go of what has been sent, now and then: under load the list is never empty. */
  private forget(): void {
    if (this.head < 1024 || this.head * 2 < this.entries.length) return
    this.entries.copyWithin(0, this.head).length -= this.head
    this.head = 0
  }

  private partsFor(call: EnqueueCall): ReadonlyArray<Part> {
    const parts: Array<Part> = []
    for (let entry = this.nextEntry(); entry !== undefined; entry = this.nextEntry()) {
      if (entry.queue.maxJobs !== call.maxJobs) break
      const from = entry.sent
      while (entry.sent < entry.jobs.length && call.add(entry.jobs[entry.sent]!)) entry.sent++
      if (entry.sent > from) parts.push({ entry, from, count: entry.sent - from })
      if (entry.sent < entry.jobs.length) break
    }
    this.forget()
    return parts
  }

  /**
   * A call that failed took its whole deadline: those who were waiting when it was sent have waited as long, and fail
   * with it instead of waiting for a deadline of their own.
   */
  private giveUp(last: number, exit: Exit.Failure<Reply, BrokerError>): void {
    const failure = failureOf(exit)
    if (failure?.reason._tag !== "BrokerUnavailable") return
    for (let entry = this.nextEntry(); entry !== undefined && entry.number <= last; entry = this.nextEntry()) {
      fail(entry, exit, failure)
    }
  }

  private deliver(parts: ReadonlyArray<Part>, exit: Exit.Exit<Reply, BrokerError>): void {
    if (Exit.isFailure(exit)) {
      const failure = failureOf(exit)
      for (const { count, entry, from } of parts) {
        entry.answers?.fill(failure?.reason ?? "full", from, from + count)
        entry.answered += count
        fail(entry, exit, failure)
      }
      return
    }
    const answers = text(exit.value)
    let position = 0
    for (const { count, entry, from } of parts) {
      if (answers === "" && entry.jobs.length === 1) entry.resume(oneCreated)
      else {
        // what is not answered by the end has failed
        entry.answers ??= new Array<Stored>(entry.jobs.length).fill(entry.failure?.reason ?? "created")
        for (let index = 0; index < count; index++) entry.answers[from + index] = storedAt(answers, position + index)
        entry.answered += count
        if (entry.answered === entry.jobs.length) entry.resume(Effect.succeed(entry.answers))
        else if (entry.failure !== undefined) settleFailed(entry, entry.failure)
      }
      position += count
    }
  }
}

/** `undefined`: a failure that means the same to all jobs, sent or not. */
const failureOf = ({ cause }: Exit.Failure<Reply, BrokerError>): Failure | undefined => {
  const first = cause.reasons[0]
  const reason = first?._tag === "Fail" ? partFailureOf(first.error) : undefined
  return first?._tag === "Fail" && reason !== undefined ? { error: first.error, reason } : undefined
}

/** Sends no more of an entry. It fails, unless some of it has been answered, or may yet be. */
const fail = (entry: Entry, exit: Exit.Failure<Reply, BrokerError>, failure: Failure | undefined): void => {
  entry.isDropped = true
  if (failure === undefined) return entry.resume(Effect.failCause(exit.cause))
  entry.failure ??= failure
  settleFailed(entry, entry.failure)
}

/** Answers an entry that has failed in part, once nothing of it is under way. */
const settleFailed = ({ answered, answers, resume, sent }: Entry, { error, reason }: Failure): void => {
  if (answered < sent) return
  resume(answers === undefined ? Effect.fail(error) : Effect.succeed(answers.fill(reason, sent)))
}
