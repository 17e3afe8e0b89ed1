/**
 * Jobs, pages and counts as the inspect scripts answer them, read back. Pure.
 */
import * as Envelope from "../../job/Envelope.ts"
import type { HandBackReason, Job, JobLease } from "../../job/Job.ts"
import type { JobId } from "../../job/JobId.ts"
import { isFinal, type JobState } from "../../job/JobState.ts"
import * as Verdict from "../../job/Verdict.ts"
import type { QueueStats } from "../Inspector.ts"
import type { PartitionPage } from "../PartitionStore.ts"
import { plainVerdict } from "./ExchangeCall.ts"
import * as Reply from "./Reply.ts"

interface Lease extends JobLease {
  readonly attempt: number
}

/** A stored lease: "token attempt startedAt order consumer". */
const leaseOf = (text: string, deadlineMs: number): Lease | undefined => {
  const found = /^(\S+) (\d+) (\d+) \d+ (.*)$/s.exec(text)
  return found === null ? undefined : {
    token: found[1]!,
    attempt: Number(found[2]),
    startedAtMs: Number(found[3]),
    consumer: found[4]!,
    deadlineMs
  }
}

/** Stored attempts: "used" or "used handedBack why"; nothing stored means one for a completed job, else none. */
const attemptsOf = (
  text: string,
  state: JobState
): { readonly used: number; readonly handedBack: Job["handedBack"] } => {
  if (text === "") return { used: state === "completed" ? 1 : 0, handedBack: undefined }
  const [used, times, why] = text.split(" ")
  return {
    used: Number(used),
    // the reasons are those that this store wrote
    handedBack: times === undefined ? undefined : { times: Number(times), why: why as HandBackReason }
  }
}

/** The reason in a stored request to cancel: the text of a verdict; `undefined` when there is none. */
export const cancelReasonOf = (text: string): string | undefined => {
  const verdict = text === "" ? undefined : Verdict.decode(text)
  return verdict?._tag === "Cancelled" ? verdict.reason : undefined
}

/** One job, as lib/view.lua answers it; `undefined` for an empty answer. */
export const job = (queue: string, reply: Reply.Reply): Job | undefined => {
  const fields = Reply.list(reply)
  if (fields.length === 0) return undefined
  const [id, stateText, scoreText, record, leaseText, attempts, ledger, verdict, cancel, progress] = Reply.texts(fields)
  // ids and states are those that this store wrote
  const state = stateText as JobState
  const score = Number(scoreText)
  const lease = leaseOf(leaseText!, score)
  const { handedBack, used } = attemptsOf(attempts!, state)
  return {
    ...Envelope.decode(record!),
    id: id as JobId,
    queue,
    state,
    attempt: lease?.attempt ?? used,
    dueAtMs: state === "scheduled" || state === "retryable" ? score : undefined,
    lease: lease === undefined ? undefined : {
      consumer: lease.consumer,
      token: lease.token,
      startedAtMs: lease.startedAtMs,
      deadlineMs: lease.deadlineMs
    },
    expiresAtMs: isFinal(state) ? score : undefined,
    verdict: isFinal(state) ? Verdict.decode(verdict === "" ? plainVerdict : verdict!) : undefined,
    failures: ledger === "" ? [] : ledger!.split("\n").map(Verdict.decodeFailure),
    handedBack,
    cancelRequested: cancelReasonOf(cancel!),
    progress: progress === "" ? undefined : progress
  }
}

/** One page, as inspect-list answers it. The cursor is the last job's score and id. */
export const page = (queue: string, reply: Reply.Reply): PartitionPage => {
  const [more, ...views] = Reply.list(reply)
  const last = views.at(-1)
  const [id, , score] = last === undefined ? [] : Reply.texts(last)
  return {
    // no job of a page is empty
    jobs: views.map((view) => job(queue, view)!),
    next: more === 1 && last !== undefined ? `${score} ${id}` : undefined
  }
}

/** Score and id of a cursor that `page` made; the start for anything else. */
export const placeOf = (cursor: string | undefined): readonly [score: string, id: string] => {
  const found = cursor === undefined ? null : /^(\d+(?:\.\d+)?) (\S+)$/.exec(cursor)
  return found === null ? ["", ""] : [found[1]!, found[2]!]
}

/** Counts, as inspect-stats answers them. */
export const stats = (queue: string, reply: Reply.Reply): QueueStats => {
  const counts = Reply.list(reply).map(Reply.number)
  const at = (index: number): number => Reply.number(counts[index])
  const time = (index: number): number | undefined => at(index) < 0 ? undefined : at(index)
  return {
    queue,
    partitions: 1,
    paused: at(8) === 1,
    states: {
      scheduled: at(0),
      blocked: at(1),
      available: at(2),
      running: at(3),
      retryable: at(4),
      completed: at(5),
      cancelled: at(6),
      dead: at(7)
    },
    oldestWaitMs: time(9),
    nextDueMs: time(10),
    totals: {
      enqueued: at(11),
      completed: at(12),
      cancelled: at(13),
      dead: at(14),
      retried: at(15),
      rescued: at(16),
      pruned: at(17),
      removed: at(18)
    }
  }
}
