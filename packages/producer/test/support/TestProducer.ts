/**
 * A producer of one's own for a test: the real server on a free loopback port, on a memory broker unless told otherwise.
 * Tests talk to it by HTTP, and to its broker as a consumer would.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import { Broker, type BrokerError, type Inspector, JobQueue, MemoryBroker } from "@sluice/core"
import type { Registry } from "@sluice/core/Registry"
import { Effect, Exit, Layer, Logger, References, Scope } from "effect"
import { HttpServer } from "effect/http"
import type { NodeServerOptions } from "../../src/node/NodeServer.ts"
import * as NodeServer from "../../src/node/NodeServer.ts"
import * as Producer from "../../src/Producer.ts"

/** A running producer. */
export interface TestProducer {
  readonly url: string
  readonly port: number
  /** Everything that was logged, as JSON lines. */
  readonly logs: ReadonlyArray<string>
  /** Runs an effect on the producer's own broker. */
  readonly run: <A, E>(effect: Effect.Effect<A, E, Broker | Inspector | Registry>) => Promise<A>
  readonly stop: () => Promise<void>
}

/** What a test may choose. */
export interface Choices {
  readonly producer?: Producer.Options
  readonly server?: Partial<NodeServerOptions>
  readonly broker?: Layer.Layer<Broker | Inspector | Registry, BrokerError>
}

const serverDefaults: NodeServerOptions = {
  host: "127.0.0.1",
  port: 0,
  tls: undefined,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  idleTimeoutMs: 120_000,
  keepAliveTimeoutMs: 5000,
  maxConnections: 10_000,
  maxHeaderBytes: 16_384,
  shutdownTimeoutMs: 2000
}

/** Starts one; whoever starts it stops it. */
export const startProducer = async (choices: Choices = {}): Promise<TestProducer> => {
  const logs: Array<string> = []
  const scope = Scope.makeUnsafe()
  const layer = Producer.layer(choices.producer).pipe(
    Layer.provideMerge(NodeServer.layer({ ...serverDefaults, ...choices.server })),
    Layer.provideMerge(NodeCrypto.layerDigest),
    Layer.provideMerge(choices.broker ?? MemoryBroker.layer),
    Layer.provideMerge(Logger.layer([Logger.map(Logger.formatJson, (line) => void logs.push(line))])),
    Layer.provideMerge(Layer.succeed(References.MinimumLogLevel, "Trace"))
  )
  const context = await Effect.runPromise(Layer.buildWithScope(layer, scope))
  const address = await Effect.runPromiseWith(context)(HttpServer.HttpServer.use((one) => Effect.succeed(one.address)))
  const port = "port" in address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    logs,
    run: (effect) => Effect.runPromiseWith(context)(effect),
    stop: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

/** Runs a test on a producer of its own. */
export const withProducer = (choices: Choices, test: (producer: TestProducer) => Promise<void>) => async () => {
  const producer = await startProducer(choices)
  try {
    await test(producer)
  } finally {
    await producer.stop()
  }
}

/**
 * The members of any answer, as the tests expect them: the one boundary where an answer from outside gets types. What is
 * not there is `undefined`, and the assertion fails.
 */
export interface Body {
  readonly [member: string]: unknown
  readonly answer: string
  readonly aborted: boolean
  readonly backlog: number
  readonly cursor: string
  readonly detail: string
  readonly dueAt: string
  readonly enqueuedAt: string
  readonly errors: ReadonlyArray<{ readonly path: ReadonlyArray<string>; readonly message: string }>
  readonly id: string
  readonly ids: ReadonlyArray<string>
  readonly index: number
  readonly jobs: ReadonlyArray<Body>
  readonly line: number
  readonly problem: Body
  readonly queue: string
  readonly queues: ReadonlyArray<Body>
  readonly results: ReadonlyArray<Body>
  readonly state: string
  readonly states: Readonly<Record<string, number>>
  readonly status: number
  readonly totals: Readonly<Record<string, number>>
  readonly type: string
}

/** An answer, read. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The text as JSON; an empty object when it is none. */
  readonly json: Body
}

const parse = (text: string): Body => {
  try {
    return JSON.parse(text) as Body
  } catch {
    return {} as Body
  }
}

/** Calls the producer. A body that is no text is sent as JSON. */
export const call = async (
  producer: TestProducer,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {}
): Promise<Answer> => {
  const response = await fetch(producer.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) })
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parse(text) }
}

/** Sends lines, and reads the answers to them. */
export const sendLines = async (
  producer: TestProducer,
  queue: string,
  text: string,
  headers: Record<string, string> = {}
) => {
  const answer = await call(producer, "POST", `/v1/queues/${queue}/jobs`, text, {
    "content-type": "application/x-ndjson",
    ...headers
  })
  return { ...answer, lines: answer.text.trim().split("\n").filter((one) => one !== "").map(parse) }
}

/** Claims up to `count` jobs of a queue, as a consumer. */
export const claim = (producer: TestProducer, queue: string, count = 1, leaseMs = 60_000) =>
  producer.run(Broker.use((broker) =>
    broker.exchange({
      queue: JobQueue.make(queue),
      consumer: "test",
      lane: crypto.randomUUID(),
      sequence: 1,
      settle: [],
      claim: count,
      leaseMs,
      wake: false
    })
  )).then(({ jobs }) => jobs)
