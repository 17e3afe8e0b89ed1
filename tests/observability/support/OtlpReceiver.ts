/**
 * A receiver of OTLP over HTTP, as a collector would be: a small Node server that keeps what it is sent. JSON is read;
 * what is written otherwise is only counted.
 */
import { once } from "node:events"
import { createServer, type IncomingHttpHeaders } from "node:http"

/** An attribute's value, as OTLP writes it. */
interface Value {
  readonly stringValue?: string
  readonly intValue?: string | number
  readonly doubleValue?: number
  readonly boolValue?: boolean
}

interface Attribute {
  readonly key: string
  readonly value: Value
}

/** A span. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  readonly attributes: ReadonlyArray<Attribute>
  readonly status: { readonly code: number }
}

/** A log line. */
export interface LogRecord {
  readonly severityText: string
  readonly traceId?: string
  readonly spanId?: string
  readonly body: Value
  readonly attributes: ReadonlyArray<Attribute>
}

/** A metric. */
export interface Metric {
  readonly name: string
  readonly unit: string
  readonly sum?: { readonly dataPoints: ReadonlyArray<Point> }
  readonly gauge?: { readonly dataPoints: ReadonlyArray<Point> }
  readonly histogram?: { readonly dataPoints: ReadonlyArray<Point> }
}

interface Point {
  readonly attributes: ReadonlyArray<Attribute>
  readonly asDouble?: number
  readonly count?: number
}

/** The bodies of the three signals, as far as tests look into them. */
interface Bodies {
  readonly resourceSpans?: ReadonlyArray<{
    readonly resource: { readonly attributes: ReadonlyArray<Attribute> }
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
  readonly resourceLogs?: ReadonlyArray<{
    readonly resource: { readonly attributes: ReadonlyArray<Attribute> }
    readonly scopeLogs: ReadonlyArray<{ readonly logRecords: ReadonlyArray<LogRecord> }>
  }>
  readonly resourceMetrics?: ReadonlyArray<{
    readonly resource: { readonly attributes: ReadonlyArray<Attribute> }
    readonly scopeMetrics: ReadonlyArray<{ readonly metrics: ReadonlyArray<Metric> }>
  }>
}

/** One request that came in. */
export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly bytes: number
  readonly body: Bodies
}

/** A receiver. */
export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string
  readonly requests: ReadonlyArray<Received>
  readonly spans: () => ReadonlyArray<Span>
  readonly logs: () => ReadonlyArray<LogRecord>
  /** The newest of each name. */
  readonly metrics: () => ReadonlyMap<string, Metric>
  /** The resources that were named, each as `service.name`. */
  readonly services: () => ReadonlySet<string>
  /** Resolves when something has come after which `isEnough` is true. */
  readonly until: (isEnough: (readings: Readings) => boolean) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Attributes as a plain object. */
export const plain = (attributes: ReadonlyArray<Attribute>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [
    key,
    value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue
  ]))

const read = (text: string, type: string | undefined): Bodies =>
  // the one boundary where what came in gets a type: tests look at what is there
  type?.startsWith("application/json") === true ? JSON.parse(text) as Bodies : {}

type Readings = Pick<OtlpReceiver, "logs" | "metrics" | "services" | "spans">

/** What is in the requests so far. */
const readingsOf = (requests: ReadonlyArray<Received>): Readings => {
  const all = () => requests.map(({ body }) => body)
  return {
    spans: () =>
      all().flatMap(({ resourceSpans = [] }) => resourceSpans).flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans),
    logs: () =>
      all().flatMap(({ resourceLogs = [] }) => resourceLogs).flatMap(({ scopeLogs }) => scopeLogs)
        .flatMap(({ logRecords }) => logRecords),
    metrics: () =>
      new Map(
        all().flatMap(({ resourceMetrics = [] }) => resourceMetrics).flatMap(({ scopeMetrics }) => scopeMetrics)
          .flatMap(({ metrics }) => metrics).map((metric) => [metric.name, metric])
      ),
    services: () =>
      new Set(
        all().flatMap(({ resourceLogs = [], resourceMetrics = [], resourceSpans = [] }) => [
          ...resourceLogs,
          ...resourceMetrics,
          ...resourceSpans
        ]).map(({ resource }) => String(plain(resource.attributes)["service.name"]))
      )
  }
}

/** Starts one on a free loopback port. `answer` may refuse, by a status. */
export const startOtlpReceiver = async (answer: (path: string) => number = () => 200): Promise<OtlpReceiver> => {
  const requests: Array<Received> = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      const { headers, url: path = "" } = request
      const bytes = Buffer.concat(chunks)
      requests.push({ path, headers, bytes: bytes.length, body: read(bytes.toString(), headers["content-type"]) })
      response.writeHead(answer(path), { "content-type": "application/json" }).end("{}")
      waiting.forEach((look) => look())
    })
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  const readings = readingsOf(requests)
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    requests,
    ...readings,
    until: (isEnough) =>
      new Promise((resolve) => {
        const look = () => {
          if (isEnough(readings) && waiting.delete(look)) resolve()
        }
        waiting.add(look)
        look()
      }),
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    }
  }
}
