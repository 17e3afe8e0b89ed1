/**
 * Why a figure misses its aim, and what would close the gap: one paragraph for each scenario that falls short in the
 * published run. The report prints those that apply, and refuses to publish a shortfall that nobody explains.
 */
export const shortfalls: Readonly<Record<string, string>> = {
  "enqueue-bulk":
    "A call of 1000 jobs keeps Node and Redis busy one after the other: 11.6 µs a job in Node, 6.4 in Redis. That is less " +
    "than half of BullMQ's 41.7 in all. On the same machine the former benchmark, which warmed up with 10,000 jobs, gave " +
    "3.9 to 4.1 times: with the longer warm-up BullMQ's cost falls from about 64 µs, and ours stays. The 4.6 of an " +
    "earlier page came from another machine. Sending the first jobs of a call while the others are still being written " +
    "would let Node and Redis work at once.",
  "enqueue-single":
    "A single enqueue is limited by Node: about 10 µs a job once the code is compiled, of which a quarter is garbage " +
    "collection. V8 takes the objects of jobs in flight for long-lived ones and puts them where only full collections " +
    "clean: what outlives a minor one falls from 1.7 to 0.5 KB a job with `--no-allocation-site-pretenuring`. Fewer " +
    "objects for each job in flight would close the rest; fewer commands would not, as Redis takes a quarter of the " +
    "time that BullMQ needs there.",
  "process-c1":
    "At concurrency 1 each job is a round trip, for every system alike: the system calls and the waking of two " +
    "processes are most of it. Redis takes as much as for BullMQ, Node 142 µs against 110: fibers, leases, deadlines, " +
    "metrics, and a schema for each payload. Fewer fiber steps between a reply and the next call would close some of " +
    "it. A prefetch would close all of it, and is refused: a consumer claims no job that it cannot start.",
  "process-c100":
    "4.7 times in this run, 5.3 and 6.9 in two shorter ones; the spread (47k to 129k jobs/s) is that of a machine that " +
    "did other work. By CPU it is 13.0 µs a job against 67.0, 5.2 times less.",
  "pickup-latency":
    "An enqueue, a message, a claim and its reply: four hops between two processes, as in BullMQ. On a busy machine " +
    "each of them waits for a core, and the tail is that wait; the spread of both systems is then wider than their " +
    "difference.",
  "delay-lateness":
    "6.0 ms at the 99th percentile and 2.9 at the median, where BullMQ is 101 and 54 ms late. What is left is the " +
    "process's own timer, which counts whole milliseconds, and one exchange, which wait for one of two cores.",
  "claim-flatness":
    "The worst deviation is upwards: it was slowest with nothing waiting, 54k jobs/s between 47k and 154k, and faster " +
    "with 100k and 1M. Redis' own cost is the figure to read: 5.9, 5.4 and 7.8 µs a job with none, 100k and 1M " +
    "waiting. The last is a third more than the first, perhaps because no cache holds a sorted set of a million; the " +
    "script does the same steps.",
  "http-enqueue-single":
    "One job a request is bound by the server's CPU. In one paired run, best of several bursts: an empty endpoint of " +
    "Effect's HTTP API takes 59 µs a request, a plain route that reads the body 49, `node:http` with JSON.parse 30, and " +
    "BullMQ behind it 62. The producer takes 122, of which its own part (a key, limits, UTF-8, published schemas, " +
    "metrics, traces, logs, problems) is as much as all of BullMQ's. Redis takes half the time for a job that it takes " +
    "for BullMQ's. A listener on `node:http` with the checks but not the rest took 70 µs, so what would close the gap is a " +
    "way for single jobs below the router, at the price of a second HTTP stack to keep. In bulk Sluice is ahead.",
  "process-c10":
    "1.3 times by the clock and 2.5 times by CPU: 33.6 µs a job against 82.8. Ten slots are filled by rounds of a few " +
    "jobs each, so the round trip and the waking of two processes count, as at concurrency 1. BullMQ gains most from " +
    "the longer warm-up here: 22k jobs/s against 5.8k in an earlier run without it."
}
