/**
 * From the settings of the program to the options of the producer, and what must hold between several settings. Pure.
 */
import type { ApiKey, Options } from "../ProducerOptions.ts"
import type { Settings } from "./table.ts"

/** The options that the settings say. */
export const toOptions = (settings: Settings, keys: ReadonlyArray<ApiKey>): Options => ({
  keys,
  rateLimit: settings.rateLimit,
  rateBurst: settings.rateBurst,
  maxBodyBytes: settings.maxBodyBytes,
  maxBatch: settings.maxBatch,
  maxStreamBytes: settings.maxStreamBytes,
  maxPayloadBytes: settings.maxPayloadBytes,
  maxJobs: settings.maxJobs,
  attempts: settings.attempts,
  maxAge: settings.maxAgeMs,
  crashDelay: settings.crashDelayMs,
  keepDead: settings.keepDeadMs,
  maxWait: settings.maxWaitMs,
  scaleHorizon: settings.scaleHorizonMs,
  corsOrigins: settings.corsOrigins,
  docs: settings.docs,
  metrics: settings.metrics,
  metricsToken: settings.metricsToken,
  maintenance: settings.maintenance,
  shutdownDelay: settings.shutdownDelayMs
})

/** Whether an address can be reached from this machine only. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)

/** What is wrong between settings that are right one by one; none is the usual answer. */
export const conflictsOf = (settings: Settings, keys: ReadonlyArray<ApiKey>): ReadonlyArray<string> => [
  ...(keys.length === 0 && !isLoopback(settings.host) && !settings.allowAnonymous
    ? [
      `SLUICE_HTTP_HOST: ${settings.host} can be reached from elsewhere, and there are no API keys: set SLUICE_API_KEYS, ` +
      "or SLUICE_ALLOW_ANONYMOUS=true if everyone who reaches it may do everything"
    ]
    : []),
  ...((settings.tlsCert === undefined) !== (settings.tlsKey === undefined)
    ? ["SLUICE_TLS_CERT_FILE and SLUICE_TLS_KEY_FILE: both or none"]
    : []),
  ...(settings.idleTimeoutMs <= settings.maxWaitMs
    ? ["SLUICE_IDLE_TIMEOUT: it has to be more than SLUICE_MAX_WAIT, or waits are cut off"]
    : []),
  ...(settings.headersTimeoutMs > settings.requestTimeoutMs
    ? ["SLUICE_HEADERS_TIMEOUT: it can't be more than SLUICE_REQUEST_TIMEOUT"]
    : [])
]
