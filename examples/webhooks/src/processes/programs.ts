/**
 * The two programs of Sluice with their settings for this demo: all that they are told is in these variables.
 *
 * The producer takes jobs over HTTP from who has the API key. The consumer runs the handlers of ../handlers.ts, and sends
 * the payloads of all other tasks to the endpoint without any code, as `targets` says.
 */
import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import { launch, type Program, type Start } from "./Program.ts"

/** What both are told. */
export interface Settings {
  readonly redisUrl: string
  /** What all keys in Redis begin with. */
  readonly prefix: string
  /** The folder that they run in; without a .env of anybody's. */
  readonly folder: string
  readonly apiKey: string
  /** Deliveries at once. */
  readonly concurrency: number
  /** Where deliveries go. */
  readonly endpoint: string
  readonly timeoutMs: number
  /** The tasks that are delivered without code, with the headers of their deliveries. */
  readonly targets: ReadonlyMap<string, Readonly<Record<string, string>>>
}

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const redis = ({ prefix, redisUrl }: Settings) => ({
  SLUICE_REDIS_URL: redisUrl,
  SLUICE_PREFIX: prefix,
  SLUICE_STARTUP_TIMEOUT: "5s"
})

const producer = (settings: Settings): Start => ({
  name: "sluice-producer",
  file: fileOf("../../../../packages/producer/src/bin.ts"),
  folder: settings.folder,
  env: {
    ...redis(settings),
    SLUICE_HTTP_PORT: "0",
    SLUICE_API_KEYS: `demo:enqueue+read:${settings.apiKey}`,
    SLUICE_SHUTDOWN_TIMEOUT: "5s"
  },
  ready: /listening on (http:\/\/[\d.:]+)/
})

const targets = ({ endpoint, targets }: Settings): string =>
  JSON.stringify(Object.fromEntries([...targets].map(([task, headers]) => [task, { url: endpoint, headers }])))

const consumer = (settings: Settings): Start => ({
  name: "sluice-consumer",
  file: fileOf("../../../../packages/consumer/src/bin.ts"),
  folder: settings.folder,
  env: {
    ...redis(settings),
    SLUICE_QUEUES: `deliveries:${settings.concurrency}`,
    // how long the jobs of a killed process wait for the next one; short, because somebody watches
    SLUICE_LEASE: "5s",
    SLUICE_HEALTH_PORT: "0",
    SLUICE_SHUTDOWN_TIMEOUT: "5s",
    SLUICE_HANDLERS: fileOf("../handlers.ts"),
    WEBHOOKS_ENDPOINT: settings.endpoint,
    WEBHOOKS_TIMEOUT: `${settings.timeoutMs} millis`,
    SLUICE_HTTP_TARGETS: targets(settings),
    // the endpoint is on this machine, which no delivery reaches unless it is allowed
    SLUICE_HTTP_NETWORKS: "127.0.0.0/8",
    SLUICE_HTTP_TIMEOUT: `${settings.timeoutMs}ms`,
    // the patience of tasks.ts
    SLUICE_HTTP_BACKOFF: "250ms",
    SLUICE_HTTP_MAX_BACKOFF: "2s"
  },
  ready: /"consuming"/
})

/** Both, when they are ready. */
export interface Programs {
  readonly producer: Program
  readonly consumer: Program
  /** Where the producer listens. */
  readonly url: string
}

/** Starts both, and waits until both are ready; they are stopped when the scope closes. */
export const startPrograms = Effect.fnUntraced(function*(settings: Settings) {
  const [one, other] = yield* Effect.all([launch(producer(settings)), launch(consumer(settings))])
  const [listening] = yield* Effect.all([one.ready, other.ready], { concurrency: 2 })
  return { producer: one, consumer: other, url: listening[1] ?? "" } satisfies Programs
})
