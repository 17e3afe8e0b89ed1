/**
 * The settings of the Redis broker, as every program reads and shows them. Pure.
 *
 * Names and defaults are those of `RedisBroker.layerConfig`. They are checked here, so that what is wrong is told with the
 * name of its variable, together with everything else that is wrong.
 */
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { duration, maker, maskUrl, secret, text, type ValuesOf, word } from "./Setting.ts"

const isRedisUrl = (value: string): boolean => {
  const url = URL.canParse(value) ? new URL(value) : undefined
  return url !== undefined && ["redis:", "rediss:"].includes(url.protocol) && /^(\/\d*)?$/.test(url.pathname)
}

const redisUrl = maker<Redacted.Redacted>({
  type: "URL, secret",
  unit: "",
  mask: maskUrl,
  read: (value) =>
    isRedisUrl(value)
      ? Result.succeed(Redacted.make(value))
      : Result.fail("expected redis://[user[:password]@]host[:port][/database], or rediss://")
})

const prefix = maker<string>({
  type: "text",
  unit: "",
  read: (value) =>
    /^[A-Za-z0-9._/-]{1,64}$/.test(value)
      ? Result.succeed(value)
      : Result.fail("expected 1 to 64 characters of A-Z a-z 0-9 . _ - /")
})

/** The settings of Redis. */
export const redisTable = {
  redisUrl: redisUrl.required(
    "SLUICE_REDIS_URL",
    "redis://127.0.0.1:6379",
    "`redis://[user[:password]@]host[:port][/database]`, or `rediss://` for TLS."
  ),
  redisPassword: secret().optional("SLUICE_REDIS_PASSWORD", "The password; wins over the URL's."),
  redisPrefix: prefix.required("SLUICE_PREFIX", "sluice", "What all keys and channels start with."),
  redisDeadlineMs: duration(1).required("SLUICE_REDIS_DEADLINE", "5s", "How long a call may take in all."),
  redisEvictionPolicy: word(["refuse", "warn"]).required(
    "SLUICE_REDIS_EVICTION_POLICY",
    "refuse",
    "What to do at start when the server may delete jobs because its memory is full."
  ),
  redisConnectionName: text.required("SLUICE_REDIS_CONNECTION_NAME", "sluice", "Our name in CLIENT LIST.")
} as const

/** The options of `RedisBroker.layer` that the settings say. */
export const redisOptions = (settings: ValuesOf<typeof redisTable>) => ({
  url: settings.redisUrl,
  password: settings.redisPassword,
  prefix: settings.redisPrefix,
  deadline: settings.redisDeadlineMs,
  evictionPolicy: settings.redisEvictionPolicy,
  connectionName: settings.redisConnectionName
})
