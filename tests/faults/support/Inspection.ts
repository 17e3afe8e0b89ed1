/**
 * What the test itself asks of Sluice, beside the processes that it hurts: to take jobs in, and to tell all about them.
 * `World` makes one; it outlives every outage of its Redis.
 */
import { Broker, Inspector, Promoter, Rescuer } from "@sluice/core"
import type { QueueStats } from "@sluice/core/Inspector"
import type { Job } from "@sluice/core/Job"
import * as JobState from "@sluice/core/JobState"
import * as RedisBroker from "@sluice/core/RedisBroker"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { Event } from "./Journal.ts"
import { partitioned, type Poison, queue, textOf, Work } from "./tasks.ts"

/** A job to enqueue; by default a quick one of no length, to be run at once. */
export interface Order {
  readonly n: number
  readonly does?: Work["Payload"]["does"]
  readonly ms?: number
  readonly delayMs?: number
}

const make = (redisUrl: string) =>
  ManagedRuntime.make(Layer.provide(RedisBroker.layer({ url: redisUrl }), Logger.layer([])))

/** See the module. */
export class Inspection {
  private readonly runtime: ReturnType<typeof make>
  private readonly tell: (event: Event) => void

  constructor(redisUrl: string, tell: (event: Event) => void) {
    this.runtime = make(redisUrl)
    this.tell = tell
  }

  /** Uses the queue for the first time, which settles its partitions. */
  open(partitions: number): Promise<void> {
    return this.runtime.runPromise(Broker.use((broker) => broker.resume(partitioned(partitions))))
  }

  /** Enqueues jobs in one call; the ids are in the order of the orders. */
  async enqueue(
    orders: ReadonlyArray<Order>,
    task: typeof Work | typeof Poison = Work
  ): Promise<ReadonlyArray<string>> {
    const payloads = orders.map(({ does = "quick", ms = 0, n }) => ({ n, text: textOf(n), does, ms }))
    const delays = (_: unknown, index: number) => ({ delay: orders[index]!.delayMs })
    const answers = await this.runtime.runPromise(task.enqueueAll(payloads, delays))
    return answers.map((answer, index) => {
      if (answer.answer !== "created") throw new Error(`job ${index} was ${answer.answer}`)
      this.tell({ type: "accepted", id: answer.id, n: orders[index]!.n })
      return answer.id
    })
  }

  /** Counts of the queue. */
  stats(): Promise<QueueStats> {
    return this.runtime.runPromise(Inspector.use((inspector) => inspector.stats(queue)))
  }

  /** Every job there is, by id; fails when one is in two states. */
  async jobs(): Promise<ReadonlyMap<string, Job>> {
    const found = new Map<string, Job>()
    for (const state of JobState.all) {
      for (const job of await this.inState(state)) {
        const other = found.get(job.id)
        if (other !== undefined) throw new Error(`job ${job.id} is ${other.state} and ${state}`)
        found.set(job.id, job)
      }
    }
    return found
  }

  /** Takes the jobs of leases that have run out, as any process does every few seconds. */
  async rescue(): Promise<void> {
    await this.runtime.runPromise(Rescuer.runOnce(queue))
    await this.runtime.runPromise(Promoter.runOnce(queue))
  }

  close(): Promise<void> {
    return this.runtime.dispose()
  }

  private async inState(state: JobState.JobState): Promise<ReadonlyArray<Job>> {
    const jobs: Array<Job> = []
    for (let cursor: string | undefined;;) {
      const page = await this.runtime.runPromise(
        Inspector.use((inspector) => inspector.list(queue, state, { cursor, limit: 1000 }))
      )
      jobs.push(...page.jobs)
      cursor = page.cursor
      if (cursor === undefined) return jobs
    }
  }
}
