/** The scenarios, in the order they run and are printed. */
import { claimFlatness } from "./claimFlatness.ts"
import { enqueueBulk, enqueueSingle } from "./enqueueing.ts"
import { httpEnqueueBulk, httpEnqueueLines, httpEnqueueSingle } from "./httpEnqueueing.ts"
import { delayLateness, pickupLatency } from "./latency.ts"
import { memoryPerJob } from "./memoryPerJob.ts"
import { processC1, processC10, processC100, processC100Busy } from "./processing.ts"
import type { Scenario } from "./Scenario.ts"

export const scenarios: ReadonlyArray<Scenario> = [
  enqueueBulk,
  enqueueSingle,
  httpEnqueueSingle,
  httpEnqueueBulk,
  httpEnqueueLines,
  processC1,
  processC10,
  processC100,
  processC100Busy,
  pickupLatency,
  delayLateness,
  memoryPerJob,
  claimFlatness
]
