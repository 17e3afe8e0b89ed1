/**
 * From a queue's counts to what an autoscaler wants to know. Pure.
 *
 * Running jobs count, or consumers would be taken away under them; the available ones of a paused queue do not, for no
 * consumer could take them. A job that is due soon counts as one, which is enough to begin with a first consumer.
 */
import type { QueueDocument } from "@sluice/core/api"
import type { QueueStats } from "@sluice/core/Inspector"

/** The numbers of one queue. `horizonMs`: how soon a job has to be due to count. */
export const scaleOf = (stats: QueueStats, horizonMs: number): QueueDocument.QueueScale => {
  const { nextDueMs, oldestWaitMs, paused, queue, states: { available, running } } = stats
  const dueSoon = nextDueMs !== undefined && nextDueMs <= horizonMs
  return {
    queue,
    paused,
    backlog: paused ? running : available + running + (dueSoon ? 1 : 0),
    available,
    running,
    dueSoon,
    oldestWaitMs: oldestWaitMs ?? 0
  }
}

/** The numbers of several queues: sums, and the longest wait. */
export const together = (queues: ReadonlyArray<QueueDocument.QueueScale>): QueueDocument.ManyScale => {
  const sum = (of: (queue: QueueDocument.QueueScale) => number) => queues.reduce((total, queue) => total + of(queue), 0)
  return {
    backlog: sum((queue) => queue.backlog),
    available: sum((queue) => queue.available),
    running: sum((queue) => queue.running),
    dueSoon: queues.some((queue) => queue.dueSoon),
    oldestWaitMs: Math.max(0, ...queues.map((queue) => queue.oldestWaitMs)),
    queues
  }
}
