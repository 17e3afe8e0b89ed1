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
    "A single enqueue is limited by Node: about 10 µs a job once the code is compiled, of which a quarter is garbage " +
    "collection. V8 takes the objects of jobs in flight for long-lived ones and puts them where only full collections " +
    "clean: what outlives a minor one falls from 1.7 to 0.5 KB a job with `--no-allocation-site-pretenuring`. Fewer " +
    "objects for each job in flight would close the rest; fewer commands would not, as Redis takes a quarter of the " +
    "time that BullMQ needs there.",
  "process-c1":
    "At concurrency 1 each job is a round trip, for every system alike: the system calls and the waking of two " +
    "processes are most of it. Of the rest, the script takes 33 µs of Redis for one job settled and one claimed, 11 " +
    "of them before its first line runs (the call, its keys, and some forty functions that are made anew). That is " +
    "with warm caches; on a busy machine, where each round finds them cold, it took 113 µs, and BullMQ's 89, so what " +
    "would close most of it is less to touch in each round: rare functions made only when they are needed, and fewer " +
    "fiber steps between a reply and the next call.",
  "process-c100":
    "4.7 times in this run, 5.3 and 6.9 in two shorter ones; the spread (47k to 129k jobs/s) is that of a machine that " +
    "did other work. By CPU it is 13.0 µs a job against 67.0, 5.2 times less.",
  "pickup-latency":
    "An enqueue, a message, a claim and its reply: four hops between two processes, as in BullMQ. On a busy machine " +
    "each of them waits for a core, and the tail is that wait; the spread of both systems is then wider than their " +
    "difference.",
  "delay-lateness":
    "What is left is the process's own timer, which counts whole milliseconds, and one exchange. Both wait for a " +
    "core on a busy machine, and that is the tail.",
  "claim-flatness":
    "The deviation is upwards: it was faster with 1,000,000 jobs waiting than with none, because the machine was " +
    "calmer then. Redis' own cost is the figure to read: 4.2, 4.3 and 4.5 µs a job with none, 100k and 1M waiting, " +
    "which is flat within 7 %.",
  "http-enqueue-single":
    "One job a request is bound by the server's CPU. In one paired run, best of several bursts: an empty endpoint of " +
    "Effect's HTTP API takes 59 µs a request, a plain route that reads the body 49, `node:http` with JSON.parse 30, and " +
    "BullMQ behind it 62. The producer takes 122, of which its own part (a key, limits, UTF-8, published schemas, " +
    "metrics, traces, logs, problems) is as much as all of BullMQ's. Redis takes half the time for a job that it takes " +
    "for BullMQ's. A listener on `node:http` with the checks but not the rest took 70 µs, so what would close the gap is a " +
    "way for single jobs below the router, at the price of a second HTTP stack to keep. In bulk Sluice is ahead."
}
