/**
 * http-enqueue-single, -bulk and -lines: how fast jobs go in over HTTP, with nobody taking them out. The server is a
 * process of its own; the load comes from the round's process, over kept connections, one request at a time on each. All
 * requests are made beforehand. A server runs for long: single jobs are measured after 40,000 warm-up requests, when
 * most of its code is compiled. Latencies are those that the client sees; Node µs are the server's alone.
 */
import { Connection, requestOf } from "../http/Connection.ts"
import { type Figures, percentile } from "../Meter.ts"
import { payloadOf, payloads } from "../payload.ts"
import type { HttpProducer, System } from "../systems/System.ts"
import { type Round, type Scenario, verifyUnfinished } from "./Scenario.ts"

interface Load {
  readonly connections: number
  readonly warm: number
  readonly jobs: number
  /** How many jobs each request brings; 1 sends single jobs. */
  readonly perRequest: number
  readonly open: (system: System, port: number) => Promise<HttpProducer> | undefined
}

/** The requests for the jobs `from` to `to - 1`. */
const requests = (producer: HttpProducer, perRequest: number, from: number, to: number): ReadonlyArray<Buffer> => {
  const bodyFrom = (start: number) =>
    perRequest === 1
      ? producer.single.body(payloadOf(start))
      : producer.bulk.body(payloads(start, Math.min(start + perRequest, to)))
  return Array.from(
    { length: Math.ceil((to - from) / perRequest) },
    (_, index) => requestOf(producer.path, producer.headers, bodyFrom(from + index * perRequest))
  )
}

/** Sends all requests, one at a time on each connection; the milliseconds that each took. */
const sendAll = async (
  connections: ReadonlyArray<Connection>,
  all: ReadonlyArray<Buffer>,
  expected: number
): Promise<ReadonlyArray<number>> => {
  const rest = all.values()
  const latencies: Array<number> = []
  const work = async (connection: Connection) => {
    for (const request of rest) {
      const sent = performance.now()
      const status = await connection.post(request)
      latencies.push(performance.now() - sent)
      if (status !== expected) throw new Error(`the server answered ${status}, not ${expected}`)
    }
  }
  await Promise.all(connections.map(work))
  return latencies
}

const measure = async (round: Round, producer: HttpProducer, load: Load): Promise<Figures> => {
  const { meter } = round
  const warm = round.count(load.warm)
  const total = warm + round.count(load.jobs)
  const { status } = load.perRequest === 1 ? producer.single : producer.bulk
  const warming = requests(producer, load.perRequest, 0, warm)
  const measured = requests(producer, load.perRequest, warm, total)
  const connections = await Promise.all(
    Array.from({ length: load.connections }, () => Connection.open(producer.server.port))
  )
  await sendAll(connections, warming, status)
  const cpuBefore = await producer.server.cpuMicros()
  const from = meter.mark()
  const latencies = await sendAll(connections, measured, status)
  const to = meter.mark()
  const cpu = await producer.server.cpuMicros() - cpuBefore
  for (const connection of connections) connection.close()
  const inRedis = await round.system.producer(round.port)
  await verifyUnfinished(inRedis, total)
  await inRedis.close()
  return {
    ...await meter.between(from, to, total - warm),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    nodeMicros: cpu / (total - warm)
  }
}

const httpEnqueueing = (load: Load) => async (round: Round): Promise<Figures> => {
  const producer = await load.open(round.system, round.port)
  if (producer === undefined) throw new Error(`${round.system.name} has no such server`)
  const figures = await measure(round, producer, load)
  await producer.server.stop()
  return figures
}

export const httpEnqueueSingle: Scenario = {
  name: "http-enqueue-single",
  title: "enqueue over HTTP, one job a request, 64 connections",
  systems: ["sluice", "bullmq"],
  run: httpEnqueueing({
    connections: 64,
    warm: 40_000,
    jobs: 40_000,
    perRequest: 1,
    open: (system, port) => system.httpProducer?.(port)
  })
}

export const httpEnqueueBulk: Scenario = {
  name: "http-enqueue-bulk",
  title: "enqueue over HTTP, arrays of 1000 jobs, 4 connections",
  systems: ["sluice", "bullmq"],
  run: httpEnqueueing({
    connections: 4,
    warm: 20_000,
    jobs: 80_000,
    perRequest: 1000,
    open: (system, port) => system.httpProducer?.(port)
  })
}

export const httpEnqueueLines: Scenario = {
  name: "http-enqueue-lines",
  title: "enqueue over HTTP, one job a line, 20,000 lines a request, 4 connections",
  systems: ["sluice"],
  run: httpEnqueueing({
    connections: 4,
    warm: 20_000,
    jobs: 160_000,
    perRequest: 20_000,
    open: (system, port) => system.httpLineProducer?.(port)
  })
}
