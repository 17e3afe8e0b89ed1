/**
 * One round of a consumer: settle, promote what is due, claim, register for a wake-up; and its repeat, which changes
 * nothing and answers what was answered.
 */
import type { ExchangeReply, ExchangeRequest } from "../Broker.ts"
import { claim, claimed, claimLimit } from "./claim.ts"
import type { Lane, MemoryPartition } from "./MemoryPartition.ts"
import { promoteDue } from "./promote.ts"
import { settle, trimCompleted } from "./settle.ts"

/** The name of a lane among those of all consumers. */
const laneOf = (request: ExchangeRequest): string => `${request.consumer.length}:${request.consumer}${request.lane}`

/** Applies one round, unless it was applied before. */
export const exchange = (partition: MemoryPartition, now: number, request: ExchangeRequest): ExchangeReply => {
  const lane = partition.lanes.get(laneOf(request))
  if (lane !== undefined && request.sequence <= lane.sequence) return repeated(partition, now, request, lane)

  const completedBefore = partition.totals.completed
  const settled = request.settle.map((settlement) => settle(partition, now, settlement))
  trimCompleted(partition, now, request.queue.keepCompleted, partition.totals.completed - completedBefore)
  promoteDue(partition, now, Math.min(Math.max(request.claim, 100), claimLimit))
  const token = partition.nextToken()
  const jobs = partition.paused || request.claim <= 0 ? [] : claim(partition, now, {
    limit: request.claim,
    consumer: request.consumer,
    token,
    leaseMs: request.leaseMs
  })
  partition.lanes.set(laneOf(request), {
    sequence: request.sequence,
    token,
    settled,
    claimed: jobs.map((job) => job.id),
    usedAtMs: now
  })
  register(partition, now, request, jobs.length)
  return { settled, jobs, nextDueMs: partition.nextDueMs(now), paused: partition.paused }
}

/** Whoever got less than it asked for waits in `idle`. What it leaves, work or the next due time, is another one's. */
const register = (partition: MemoryPartition, now: number, request: ExchangeRequest, got: number): void => {
  const isFull = request.claim > 0 && got === request.claim
  // who got all it asked for asks again when it has room; meanwhile no wake-up is spent on it
  if (!request.wake || isFull) partition.idle.delete(request.consumer)
  else if (request.claim > got) partition.idle.set(request.consumer, partition.nextDueAtMs())
  if (partition.sets.available.size > 0) partition.wakeIdle(1)
  else partition.armIdle(now)
}

/** The answer to a call that was applied before: the same one, or nothing at all when a later call has been applied. */
const repeated = (
  partition: MemoryPartition,
  now: number,
  request: ExchangeRequest,
  lane: Lane
): ExchangeReply => {
  const isLast = request.sequence === lane.sequence
  const jobs = isLast ?
    lane.claimed.flatMap((id) => {
      const job = partition.jobs.get(id)
      return job?.lease?.token === lane.token ? [claimed(job)] : []
    }) :
    []
  return {
    settled: isLast ? lane.settled : request.settle.map(() => "lost" as const),
    jobs,
    nextDueMs: partition.nextDueMs(now),
    paused: partition.paused
  }
}
