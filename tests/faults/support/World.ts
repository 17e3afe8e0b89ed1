/**
 * All that one fault test needs: a Redis server of its own, the processes that use it, and a journal outside of both.
 *
 * `inWorld` makes one, runs the test in it, and takes everything down again, whatever happened. It is the only place of
 * the test suites that polls: `until` looks every 40 ms, gives up at a deadline, and a test that fails says what was
 * going on: the jobs by state, the last entries of the journal, each process, and the end of the server's log.
 */
import * as JobState from "@sluice/core/JobState"
import { Redis } from "ioredis"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { type RedisServer, type RedisServerOptions, startRedisServer } from "../../support/RedisServer.ts"
import { type Child, start } from "./Child.ts"
import { Inspection, type Order } from "./Inspection.ts"
import { type Entry, type Event, type Reader, reader, writer } from "./Journal.ts"
import { type Program, startProgram } from "./Program.ts"
import {
  consumerDefaults,
  type ConsumerSettings,
  producerDefaults,
  type ProducerSettings,
  type Settings
} from "./Settings.ts"
import type { Poison, Work } from "./tasks.ts"
import { type Wire, wireTo } from "./Wire.ts"

/** How the world is made. */
export interface WorldOptions extends RedisServerOptions {
  /** Default 1. */
  readonly partitions?: number
}

const live = JobState.all.filter((state) => !JobState.isFinal(state))

/** The last lines of a file. */
const tail = (file: string, lines: number): string => {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n")
  } catch (error) {
    return String(error)
  }
}

/** See the module. */
export class World {
  readonly redis: RedisServer
  readonly inspection: Inspection
  private readonly folder: string
  private readonly journal: Reader
  private readonly client: Redis
  /** Writes to the journal in the name of the test. */
  readonly tell: (event: Event) => void
  private readonly children: Array<Omit<Child, "stop">> = []
  private readonly wires: Array<Wire> = []
  private isClosed = false

  /** `folder` is for the journal and the gates. */
  constructor(redis: RedisServer, folder: string) {
    this.redis = redis
    this.folder = folder
    this.journal = reader(join(folder, "journal"))
    this.tell = writer(join(folder, "journal"), "test")
    this.inspection = new Inspection(redis.url, this.tell)
    this.client = new Redis(redis.url, { maxRetriesPerRequest: null, disableClientInfo: true })
    this.client.on("error", () => {})
  }

  /** Sends a command on a connection that nobody else uses. */
  command(name: string, ...args: ReadonlyArray<string>): Promise<unknown> {
    return this.client.call(name, ...args)
  }

  /** Starts a consumer and waits until it consumes. */
  consumer(name: string, options: Partial<ConsumerSettings & { deadlineMs: number }> = {}): Promise<Child> {
    return this.begin(name, "./consumer.ts", { ...consumerDefaults, ...options })
  }

  /** Starts a producer and waits until it enqueues. */
  producer(name: string, options: Partial<ProducerSettings & { deadlineMs: number }> = {}): Promise<Child> {
    return this.begin(name, "./producer.ts", { ...producerDefaults, ...options })
  }

  /** Starts sluice-producer and waits until it listens; answers where. */
  async producerProgram(name: string, env: Readonly<Record<string, string>> = {}): Promise<Program & { url: string }> {
    const program = this.adopt(name, () =>
      startProgram(name, "producer", {
        SLUICE_REDIS_URL: this.redis.url,
        SLUICE_HTTP_PORT: "0",
        SLUICE_DEFAULT_CRASH_DELAY: "50ms",
        ...env
      }))
    const [, url = ""] = await program.said(/listening on (http:\/\/[\d.:]+)/)
    return { ...program, url }
  }

  /** Starts sluice-consumer on the handlers of the fault tests, behind a wire of its own, and waits until it consumes. */
  async consumerProgram(name: string, env: Readonly<Record<string, string>> = {}): Promise<Program & { wire: Wire }> {
    const wire = await wireTo(this.redis.port)
    this.wires.push(wire)
    const own = { name, journal: join(this.folder, "journal"), gate: this.gateOf(name) }
    const program = this.adopt(name, () =>
      startProgram(name, "consumer", {
        SLUICE_REDIS_URL: wire.url,
        SLUICE_HEALTH_PORT: "0",
        SLUICE_HANDLERS: "./handlers.ts",
        FAULTS_OWN: JSON.stringify(own),
        ...env
      }))
    await program.said(/"consuming"/)
    return { ...program, wire }
  }

  /** Has producers finish what they have begun; each has to exit with 0. */
  async stop(producers: ReadonlyArray<Child>): Promise<void> {
    const ends = await Promise.all(producers.map((producer) => producer.stop()))
    const bad = producers.filter((_, index) => ends[index]!.code !== 0)
    if (bad.length > 0) throw new Error(`${bad.map(({ name }) => name).join()} did not exit with 0`)
  }

  /** Enqueues jobs from here, in one call; the ids are in the order of the orders. */
  enqueue(orders: ReadonlyArray<Order>, task?: typeof Work | typeof Poison): Promise<ReadonlyArray<string>> {
    return this.inspection.enqueue(orders, task)
  }

  /** The journal so far. */
  entries(): ReadonlyArray<Entry> {
    return this.journal.read()
  }

  /** Waits until something is so. Fails at the deadline; default 20 seconds. */
  async until(
    what: string,
    isSo: (entries: ReadonlyArray<Entry>) => boolean | Promise<boolean>,
    withinMs = 20_000
  ): Promise<void> {
    const deadline = performance.now() + withinMs
    while (!(await isSo(this.entries()))) {
      if (performance.now() > deadline) throw new Error(`it did not come about within ${withinMs} ms that ${what}`)
      await pause(40)
    }
  }

  /** Waits until every job has ended. */
  untilAllEnded(): Promise<void> {
    return this.until("every job has ended", async () => {
      const { states } = await this.inspection.stats()
      return live.every((state) => states[state] === 0)
    })
  }

  /** Lets those jobs of a consumer end that wait for it. */
  openGate(consumer: string): void {
    writeFileSync(this.gateOf(consumer), "")
  }

  /** What is going on, for a failed test. */
  async diagnosis(): Promise<string> {
    const stats = await this.inspection.stats().then(
      (found) => JSON.stringify({ ...found.states, ...found.totals }),
      (error: unknown) => String(error)
    )
    const home: unknown = await Promise.race([this.client.config("GET", "dir"), pause(1000)])
    const last = this.entries().slice(-25).map((entry) => JSON.stringify(entry).slice(0, 200))
    const said = this.children.map(({ isRunning, name, output, pid }) =>
      `--- ${name} (${pid}, ${isRunning() ? "runs" : "gone"})\n${output().trimEnd()}`
    )
    const log = Array.isArray(home) ? tail(join(String(home[1]), "server.log"), 15) : "(it does not answer)"
    return ["states and totals:", stats, "last events:", ...last, ...said, "--- redis", log].join("\n")
  }

  /** Ends all processes but Redis, and lets go of everything. */
  async close(): Promise<void> {
    this.isClosed = true
    await Promise.all(this.children.map((child) => child.kill("SIGKILL")))
    for (const wire of this.wires) wire.close()
    this.client.disconnect()
    await this.inspection.close()
    this.journal.close()
  }

  private gateOf(consumer: string): string {
    return join(this.folder, `gate-${consumer}`)
  }

  /** Starts a process that ends with this world; in one that has ended, none. */
  private adopt<C extends Omit<Child, "stop">>(name: string, startChild: () => C): C {
    if (this.isClosed) throw new Error(`${name} was not started: its world has ended`)
    const child = startChild()
    this.children.push(child)
    return child
  }

  private async begin(name: string, program: string, options: object): Promise<Child> {
    const settings: Settings = {
      name,
      redisUrl: this.redis.url,
      journal: join(this.folder, "journal"),
      gate: this.gateOf(name),
      deadlineMs: 5000
    }
    const child = this.adopt(name, () => start(name, program, { ...settings, ...options }))
    const isUp = this.until(
      `${name} is up`,
      (entries) => !child.isRunning() || entries.some((entry) => entry.type === "up" && entry.pid === child.pid)
    )
    // whoever is not told of a process can't end it
    await isUp.catch((error: unknown) => child.kill("SIGKILL").then(() => Promise.reject(error)))
    if (!child.isRunning()) throw new Error(`${name} ended before it was ready`)
    return child
  }
}

/** Runs a test in a world of its own. */
export const inWorld = async (options: WorldOptions, use: (world: World) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-faults-"))
  const redis = await startRedisServer(options)
  const world = new World(redis, folder)
  try {
    await world.inspection.open(options.partitions ?? 1)
    await use(world)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${message}\n${await world.diagnosis()}`, { cause: error })
  } finally {
    await world.close()
    await redis.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
