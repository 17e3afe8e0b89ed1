/**
 * Every setting of the program `sluice-consumer`, once: the reader, `--print-config` and the reference follow this table.
 */
import { redisTable, Setting } from "@sluice/core/program"
import { telemetryTable } from "@sluice/core/telemetry"
import { commandTable, httpTable } from "./handlerSettings.ts"
import { queueList } from "./queues.ts"

const second = 1000
const hour = 3_600_000
const day = 24 * hour

/** The settings of consuming. */
const consumeTable = {
  handlers: Setting.text.optional(
    "SLUICE_HANDLERS",
    "The module that exports handlers (`export default Handlers.make({ tasks, layer })`): a path, or the name of a package."
  ),
  queues: queueList.optional(
    "SLUICE_QUEUES",
    "The queues to consume, as `emails:50,default`: how many jobs of each run at once in this process. Where " +
      "`SLUICE_TOTAL_CONCURRENCY` is set, weights (default 1) and priorities (default 0, higher ones first) share it out, " +
      "as in `urgent:priority=1,emails:50:weight=3,default`. By default the queues of the handlers' tasks, and `default` " +
      "for handlers without code."
  ),
  concurrency: Setting.count("jobs", 1, 10_000).optional(
    "SLUICE_CONCURRENCY",
    "The concurrency of a queue for which none is written. By default `SLUICE_TOTAL_CONCURRENCY`, where that is set, " +
      "else 10."
  ),
  totalConcurrency: Setting.count("jobs", 1, 10_000).optional(
    "SLUICE_TOTAL_CONCURRENCY",
    "How many jobs run at once in this process, all queues together. By default each queue has its own concurrency, and " +
      "there is no other limit."
  ),
  name: Setting.text.optional(
    "SLUICE_CONSUMER_NAME",
    "What inspect shows as the holder of a lease; a random suffix is added. By default host name and process id."
  ),
  leaseMs: Setting.duration(second, day).required(
    "SLUICE_LEASE",
    "30s",
    "How long a lease lasts unless it is extended. Jobs of a process that vanished run again after this time."
  ),
  pollMs: Setting.duration(10, day).required(
    "SLUICE_POLL",
    "5s",
    "How often to look for work when nobody tells of any."
  ),
  interruptGraceMs: Setting.duration(0, day).required(
    "SLUICE_INTERRUPT_GRACE",
    "10s",
    "How long an interrupted handler may take to end before its slot is given to the next job."
  ),
  unreachableMs: Setting.duration(0, day).required(
    "SLUICE_UNREACHABLE",
    "1m",
    "How long Redis may be unreachable before `/livez` says so."
  ),
  maintenance: Setting.flag.required(
    "SLUICE_MAINTENANCE",
    "true",
    "Whether to promote due jobs, rescue those whose lease ran out, and prune, in the queues consumed."
  )
} as const

/** The settings of the program around it. */
const programTable = {
  health: Setting.flag.required(
    "SLUICE_HEALTH",
    "true",
    "Whether to serve `/livez`, `/readyz`, `/startupz` and `/metrics`."
  ),
  healthHost: Setting.text.required(
    "SLUICE_HEALTH_HOST",
    "127.0.0.1",
    "The address to serve them on; 0.0.0.0 for all."
  ),
  healthPort: Setting.port.required("SLUICE_HEALTH_PORT", "7071", "The port to serve them on; 0 takes a free one."),
  startupTimeoutMs: Setting.duration(0, hour).required(
    "SLUICE_STARTUP_TIMEOUT",
    "1m",
    "How long to try to reach Redis at start before giving up."
  ),
  shutdownTimeoutMs: Setting.duration(0, day).required(
    "SLUICE_SHUTDOWN_TIMEOUT",
    "25s",
    "How long handlers may go on after SIGTERM; then they are interrupted, and their jobs given back. The program ends " +
      "within 5 s after that."
  )
} as const

/** All of them. */
export const table = {
  ...consumeTable,
  ...httpTable,
  ...commandTable,
  ...programTable,
  ...telemetryTable,
  ...redisTable
} as const

/** Their values. */
export type Settings = Setting.ValuesOf<typeof table>
