/**
 * Why a figure misses its aim, and what would close the gap: one paragraph for each scenario that falls short in the
 * published run. The report prints those that apply, and refuses to publish a shortfall that nobody explains.
 */
export const shortfalls: Readonly<Record<string, string>> = {
  "enqueue-bulk":
    "The published run shared its two cores with other work, which costs most where Redis and Node work at the same " +
    "time, as they do here. The CPU figures bear that out: 6.0 µs a job against 29.2 for BullMQ, so 4.9 times less. " +
    "A run on a machine of its own, and fewer arguments a job, would close the rest.",
  "enqueue-single":
    "A single enqueue costs 14 µs in Node, nearly all of it outside Sluice's own code (measured alone: 0.6 µs in the " +
    "task, 1 to 2 µs in the group commit): a fiber for each call in flight, garbage, and waiting for a busy core. " +
    "Redis takes 3.6 µs against BullMQ's 15.1. An enqueue that makes no fiber of its own would close most of it.",
  "process-c1":
    "At concurrency 1 each job is a round trip, for every system alike, and a busy machine makes the trip the whole " +
    "cost; the spread of both systems is wider than their difference. Shorter runs in calmer minutes showed 9.4k to " +
    "13.6k jobs/s. Fewer Redis commands for a round of one job would help: it takes 64 µs there, as long as BullMQ's.",
  "process-c100":
    "4.7 times in this run, 5.3 and 6.9 in two shorter ones; the spread (47k to 129k jobs/s) is that of a machine that " +
    "did other work. By CPU it is 13.0 µs a job against 67.0, 5.2 times less.",
  "pickup-latency":
    "The medians are alike (1.3 ms), and the spread of both p99s is wider than their difference. Most of it is the " +
    "wake-up of two busy processes. A calmer minute showed 0.5 / 2.0 ms; it has to be shown in a published run.",
  "delay-lateness":
    "6.1 ms at p99 on a busy machine, 16 times better than BullMQ; the median is 2.6 ms. What is left is the process's " +
    "own timer and one exchange, both of which wait for a core.",
  "claim-flatness":
    "The deviation is upwards: it was faster with 1,000,000 jobs waiting than with none, because the machine was " +
    "calmer then. Redis' own cost is the figure to read: 4.2, 4.3 and 4.5 µs a job with none, 100k and 1M waiting, " +
    "which is flat within 7 %."
}
