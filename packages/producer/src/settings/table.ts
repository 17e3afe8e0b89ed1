/**
 * Every setting of the program `sluice-producer`, once: the reader, `--print-config` and the reference follow this table.
 */
import { redisTable, Setting } from "@sluice/core/program"
import { telemetryTable } from "@sluice/core/telemetry"
import { maskKeys } from "./apiKeys.ts"

const { bytes, count, duration, file, flag, list, port, secret, text } = Setting

const second = 1000
const hour = 3_600_000

/** What the program itself reads. */
export const programTable = {
  host: text.required("SLUICE_HTTP_HOST", "127.0.0.1", "The address to listen on; 0.0.0.0 for all."),
  port: port.required("SLUICE_HTTP_PORT", "7070", "The port to listen on; 0 takes a free one."),
  apiKeys: secret(maskKeys).optional(
    "SLUICE_API_KEYS",
    "The API keys, by commas or new lines, each `<name>:<scopes>:<key>`: scopes are enqueue, read and operate with + " +
      "between them, a key has 16 characters or more, or is written sha256=<hex>. Two with one name are one caller, so " +
      "that keys can be rotated."
  ),
  apiKeysFile: file.optional("SLUICE_API_KEYS_FILE", "A file with more keys of the same form."),
  allowAnonymous: flag.required(
    "SLUICE_ALLOW_ANONYMOUS",
    "false",
    "Whether to listen on more than loopback although no API key is configured: then everyone may do everything."
  ),
  tlsCert: file.optional("SLUICE_TLS_CERT_FILE", "The certificate chain (PEM) to serve HTTPS with."),
  tlsKey: file.optional("SLUICE_TLS_KEY_FILE", "The private key (PEM) of the certificate."),
  corsOrigins: list.required("SLUICE_CORS_ORIGINS", "", "Origins whose web pages may call; none may by default."),
  rateLimit: count("requests per second", 0, 1_000_000).required(
    "SLUICE_RATE_LIMIT",
    "0",
    "How many requests each API key may make per second on average; 0: no limit."
  ),
  rateBurst: count("requests", 1, 1_000_000).required(
    "SLUICE_RATE_BURST",
    "100",
    "How many requests of a key may come at once before the rate counts."
  ),
  maxBodyBytes: bytes(1024, 1_073_741_824).required("SLUICE_MAX_BODY", "8 MiB", "The longest JSON body."),
  maxBatch: count("jobs", 1, 1000).required("SLUICE_MAX_BATCH", "1000", "The most jobs of one JSON array."),
  maxStreamBytes: bytes(1024).required(
    "SLUICE_MAX_STREAM",
    "1 GiB",
    "The longest body of lines (application/x-ndjson); it is never held whole."
  ),
  maxPayloadBytes: bytes(1, 4_194_304).required("SLUICE_MAX_PAYLOAD", "256 KiB", "The longest payload of a job."),
  maxJobs: count("jobs", 1).optional(
    "SLUICE_MAX_JOBS",
    "The most live jobs per partition of any queue; beyond it a job is refused. No limit by default."
  ),
  attempts: count("attempts", 1, 1_000_000).required(
    "SLUICE_DEFAULT_ATTEMPTS",
    "10",
    "Attempts of a job that names none."
  ),
  maxAgeMs: duration(0).required(
    "SLUICE_DEFAULT_MAX_AGE",
    "0",
    "How long after its enqueue a job that names no maximum age may still be tried again; 0: for ever."
  ),
  crashDelayMs: duration(0).required(
    "SLUICE_DEFAULT_CRASH_DELAY",
    "1s",
    "The wait of a job before its next attempt after its consumer vanished."
  ),
  keepDeadMs: duration(0).required(
    "SLUICE_DEFAULT_KEEP_DEAD",
    "30 days",
    "How long a job that dies without its consumer is kept."
  ),
  maxWaitMs: duration(0, hour).required("SLUICE_MAX_WAIT", "1m", "The longest that a client may wait for a result."),
  scaleHorizonMs: duration(0, hour).required(
    "SLUICE_SCALE_HORIZON",
    "30s",
    "How soon a job has to be due to count as work for autoscalers."
  ),
  maintenance: flag.required(
    "SLUICE_MAINTENANCE",
    "true",
    "Whether to promote due jobs, rescue those whose lease ran out, and prune, in all queues."
  ),
  docs: flag.required("SLUICE_DOCS", "true", "Whether to serve the documentation page at /docs."),
  headersTimeoutMs: duration(second, hour).required(
    "SLUICE_HEADERS_TIMEOUT",
    "10s",
    "How long a client may take to send its headers."
  ),
  requestTimeoutMs: duration(second, 24 * hour).required(
    "SLUICE_REQUEST_TIMEOUT",
    "5m",
    "How long a client may take to send a whole request, a body of lines included."
  ),
  // a stream of events that has none says so every 15 seconds
  idleTimeoutMs: duration(20 * second, 24 * hour).required(
    "SLUICE_IDLE_TIMEOUT",
    "2m",
    "How long a connection with a request under way may be silent in both directions. More than SLUICE_MAX_WAIT."
  ),
  keepAliveTimeoutMs: duration(0, hour).required(
    "SLUICE_KEEP_ALIVE_TIMEOUT",
    "65s",
    "How long a connection without a request is kept; longer than the load balancer's own."
  ),
  maxConnections: count("connections", 1, 1_000_000).required(
    "SLUICE_MAX_CONNECTIONS",
    "10000",
    "The most connections at once; further ones are closed."
  ),
  maxHeaderBytes: bytes(1024, 1_048_576).required("SLUICE_MAX_HEADER", "16 KiB", "The longest headers of a request."),
  startupTimeoutMs: duration(0, hour).required(
    "SLUICE_STARTUP_TIMEOUT",
    "1m",
    "How long to try to reach the broker at start before giving up."
  ),
  shutdownDelayMs: duration(0, hour).required(
    "SLUICE_SHUTDOWN_DELAY",
    "0",
    "How long to go on serving, not ready, after being told to stop, so that load balancers notice."
  ),
  shutdownTimeoutMs: duration(0, hour).required(
    "SLUICE_SHUTDOWN_TIMEOUT",
    "20s",
    "How long requests under way may take to finish after that; then their connections are closed."
  )
} as const

/** All of them. */
export const table = { ...programTable, ...telemetryTable, ...redisTable } as const

/** Their values. */
export type Settings = Setting.ValuesOf<typeof table>
