/**
 * What a producer can be told, and what it does when it is told nothing.
 *
 * `Producer.layer` takes the options; the program makes them from its settings. Everything in a producer reads the
 * resolved form, so a default is written once, here. Durations are milliseconds once they are resolved.
 */
import type { Scope } from "@sluice/core/api"
import * as JobQueue from "@sluice/core/JobQueue"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import type * as Redacted from "effect/Redacted"

/** One API key. Several with one name are one caller: that is how a key is rotated. */
export interface ApiKey {
  /** Shown in logs, and what the rate limit counts by. */
  readonly name: string
  readonly scopes: ReadonlyArray<Scope>
  /** The key itself, or its SHA-256 in lower-case hex. */
  readonly secret: { readonly plain: Redacted.Redacted } | { readonly sha256: string }
}

/** See the module. */
export interface Options {
  /** Who may call. Default: none, and then everyone may do everything. */
  readonly keys?: ReadonlyArray<ApiKey> | undefined
  /** Requests per second and key, on average; 0: no limit. Default 0. */
  readonly rateLimit?: number | undefined
  /** How many requests of a key may come at once before the rate counts; at least 1. Default 100. */
  readonly rateBurst?: number | undefined
  /** The longest JSON body in bytes. Default 8 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** The most jobs of one JSON array; 1 to 1,000. Default 1,000. */
  readonly maxBatch?: number | undefined
  /** The longest body of lines in bytes; it is never held whole. Default 1 GiB. */
  readonly maxStreamBytes?: number | undefined
  /** The longest payload in bytes; at most 4 MiB. Default 256 KiB. */
  readonly maxPayloadBytes?: number | undefined
  /** The most live jobs per partition of any queue; beyond it, a job is refused. Default: no limit. */
  readonly maxJobs?: number | undefined
  /** Attempts of a job that names none. Default 10. */
  readonly attempts?: number | undefined
  /** Maximum age of a job that names none; zero: for ever. Default zero. */
  readonly maxAge?: Duration.Input | undefined
  /** The wait of a job before its next attempt after its consumer vanished. Default 1 second. */
  readonly crashDelay?: Duration.Input | undefined
  /** How long a job that dies without its consumer is kept. Default 30 days. */
  readonly keepDead?: Duration.Input | undefined
  /** The longest that a client may wait for a result in one call. Default 1 minute. */
  readonly maxWait?: Duration.Input | undefined
  /** How soon a job has to be due to count as work for autoscalers. Default 30 seconds. */
  readonly scaleHorizon?: Duration.Input | undefined
  /** The origins of web pages that may call; `*`: all. Default: none, so that no page may. */
  readonly corsOrigins?: ReadonlyArray<string> | undefined
  /** Whether to serve the documentation page at /docs. Default true. */
  readonly docs?: boolean | undefined
  /** Whether to serve metrics for Prometheus at /metrics, to whoever reaches it. Default true. */
  readonly metrics?: boolean | undefined
  /** The bearer token that /metrics asks for. Default: none. */
  readonly metricsToken?: Redacted.Redacted | undefined
  /** Whether to promote due jobs, rescue and prune in all queues. Default true. */
  readonly maintenance?: boolean | undefined
  /** How long to go on serving, not ready, once the layer is closed, so that load balancers notice. Default zero. */
  readonly shutdownDelay?: Duration.Input | undefined
}

/** The options with their defaults, in milliseconds. */
export interface Resolved {
  readonly keys: ReadonlyArray<ApiKey>
  readonly rateLimit: number
  readonly rateBurst: number
  readonly maxBodyBytes: number
  readonly maxBatch: number
  readonly maxStreamBytes: number
  readonly maxPayloadBytes: number
  readonly maxJobs: number | undefined
  readonly attempts: number
  readonly maxAgeMs: number
  readonly crashDelayMs: number
  readonly keepDeadMs: number
  readonly maxWaitMs: number
  readonly scaleHorizonMs: number
  readonly corsOrigins: ReadonlyArray<string>
  readonly docs: boolean
  readonly metrics: boolean
  readonly metricsToken: Redacted.Redacted | undefined
  readonly maintenance: boolean
  readonly shutdownDelayMs: number
}

const millis = (input: Duration.Input): number => Math.ceil(Duration.toMillis(Duration.fromInputUnsafe(input)))

/** Fills in what was not said. */
export const resolve = (options: Options): Resolved => ({
  keys: options.keys ?? [],
  rateLimit: options.rateLimit ?? 0,
  rateBurst: options.rateBurst ?? 100,
  maxBodyBytes: options.maxBodyBytes ?? 8_388_608,
  maxBatch: options.maxBatch ?? 1000,
  maxStreamBytes: options.maxStreamBytes ?? 1_073_741_824,
  maxPayloadBytes: options.maxPayloadBytes ?? JobQueue.defaultMaxPayloadBytes,
  maxJobs: options.maxJobs,
  attempts: options.attempts ?? 10,
  maxAgeMs: millis(options.maxAge ?? 0),
  crashDelayMs: millis(options.crashDelay ?? "1 second"),
  keepDeadMs: millis(options.keepDead ?? "30 days"),
  maxWaitMs: millis(options.maxWait ?? "1 minute"),
  scaleHorizonMs: millis(options.scaleHorizon ?? "30 seconds"),
  corsOrigins: options.corsOrigins ?? [],
  docs: options.docs ?? true,
  metrics: options.metrics ?? true,
  metricsToken: options.metricsToken,
  maintenance: options.maintenance ?? true,
  shutdownDelayMs: millis(options.shutdownDelay ?? 0)
})

/** The resolved options, as everything in a producer reads them. */
export class ProducerOptions extends Context.Service<ProducerOptions, Resolved>()("@sluice/producer/ProducerOptions") {}

/** The queue of a name, with this producer's limits. Names from outside are checked before. */
export const queueOf = (options: Resolved, name: string): JobQueue.JobQueue =>
  JobQueue.make(name, { maxPayloadBytes: options.maxPayloadBytes, maxJobs: options.maxJobs })
