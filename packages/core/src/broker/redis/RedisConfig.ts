/**
 * How to reach Redis, and how to behave there: the options of `RedisBroker.layer`, and the same read from the
 * environment by `RedisBroker.layerConfig`.
 */
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Keys from "./Keys.ts"

/** The options of a Redis broker, each optional. */
export interface Options {
  /**
   * `redis://[user[:password]@]host[:port][/database]`, or `rediss://` for TLS. Default `redis://127.0.0.1:6379`.
   * Parts that are given as options of their own win over it.
   */
  readonly url?: string | Redacted.Redacted<string> | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly username?: string | undefined
  readonly password?: string | Redacted.Redacted<string> | undefined
  /** The database number. Default 0. Channels are shared by all databases of a server; prefixes keep them apart. */
  readonly database?: number | undefined
  /** Whether to use TLS, with the system's certificate authorities. Default: as the URL says. */
  readonly tls?: boolean | undefined
  /** What all keys and channels start with: 1 to 64 characters of `A-Z a-z 0-9 . _ - /`. Default `sluice`. */
  readonly prefix?: string | undefined
  /**
   * How long a call may take in all, waiting for a connection and repeats included, before it fails with
   * `BrokerUnavailable`. Real time, also under TestClock. At least 1 ms. Default 5 seconds.
   */
  readonly deadline?: Duration.Input | undefined
  /**
   * What to do at start when the server's `maxmemory-policy` may delete jobs: `refuse` fails with
   * `EvictionPolicyUnsafe`, `warn` logs and goes on. Default `refuse`.
   */
  readonly evictionPolicy?: "refuse" | "warn" | undefined
  /** The name of our connections in CLIENT LIST. Default `sluice`. */
  readonly connectionName?: string | undefined
  /**
   * Whose time counts. `redis`: the server's. `caller`: Effect's Clock in this process, so that TestClock moves leases
   * and delays; for tests only, as processes with different clocks would disagree. Default `redis`.
   */
  readonly clock?: "redis" | "caller" | undefined
}

/** The options with everything decided. */
export interface Settings {
  readonly host: string
  readonly port: number
  readonly username: string | undefined
  readonly password: Redacted.Redacted<string> | undefined
  readonly database: number
  readonly tls: boolean
  readonly prefix: string
  readonly deadlineMs: number
  readonly evictionPolicy: "refuse" | "warn"
  readonly connectionName: string
  readonly clock: "redis" | "caller"
}

const secret = (value: string | Redacted.Redacted<string>): Redacted.Redacted<string> =>
  typeof value === "string" ? Redacted.make(value) : value

const parseUrl = (url: Redacted.Redacted<string>): URL => {
  const text = Redacted.value(url)
  const parsed = URL.canParse(text) ? new URL(text) : undefined
  if (parsed === undefined || !["redis:", "rediss:"].includes(parsed.protocol) || !/^(\/\d*)?$/.test(parsed.pathname)) {
    // the text is not repeated: it may hold a password
    throw new RangeError(
      "RedisBroker: the url has to be redis://[user[:password]@]host[:port][/database], or rediss://"
    )
  }
  return parsed
}

const optional = (text: string): string | undefined => text === "" ? undefined : decodeURIComponent(text)

/** Decides everything. Throws a `RangeError` that names what is wrong: a bug in code, found when the layer is built. */
export const settings = (options: Options): Settings => {
  const url = parseUrl(secret(options.url ?? "redis://127.0.0.1:6379"))
  const password = options.password ?? optional(url.password)
  const prefix = options.prefix ?? Keys.defaultPrefix
  const deadlineMs = Duration.toMillis(Duration.fromInputUnsafe(options.deadline ?? "5 seconds"))
  if (!Keys.isPrefix(prefix)) {
    throw new RangeError(`RedisBroker: "${prefix}" is no prefix; use 1 to 64 characters of A-Z a-z 0-9 . _ - /`)
  }
  if (!(deadlineMs >= 1 && deadlineMs <= 2_147_483_647)) {
    throw new RangeError("RedisBroker: the deadline has to be between 1 ms and 24 days")
  }
  const port = options.port ?? (url.port === "" ? 6379 : Number(url.port))
  const database = options.database ?? Number(url.pathname.slice(1))
  if (!(Number.isInteger(port) && port >= 1 && port <= 65_535)) throw new RangeError(`RedisBroker: ${port} is no port`)
  if (!(Number.isInteger(database) && database >= 0)) throw new RangeError(`RedisBroker: ${database} is no database`)
  return {
    host: options.host ?? url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    username: options.username ?? optional(url.username),
    password: password === undefined ? undefined : secret(password),
    database,
    tls: options.tls ?? url.protocol === "rediss:",
    prefix,
    deadlineMs: Math.ceil(deadlineMs),
    evictionPolicy: options.evictionPolicy ?? "refuse",
    connectionName: options.connectionName ?? "sluice",
    clock: options.clock ?? "redis"
  }
}

/**
 * The options from the environment: `SLUICE_REDIS_URL` (a secret; default `redis://127.0.0.1:6379`),
 * `SLUICE_REDIS_PASSWORD` (a secret; wins over the URL's), `SLUICE_PREFIX` (default `sluice`), `SLUICE_REDIS_DEADLINE`
 * (such as `5 seconds`), `SLUICE_REDIS_EVICTION_POLICY` (`refuse` or `warn`) and `SLUICE_REDIS_CONNECTION_NAME`.
 */
export const config: Config.Config<Settings> = Config.all({
  url: Config.option(Config.Redacted("SLUICE_REDIS_URL")),
  password: Config.option(Config.Redacted("SLUICE_REDIS_PASSWORD")),
  prefix: Config.option(Config.String("SLUICE_PREFIX")),
  deadline: Config.option(Config.Duration("SLUICE_REDIS_DEADLINE")),
  evictionPolicy: Config.option(Config.Literals(["refuse", "warn"], "SLUICE_REDIS_EVICTION_POLICY")),
  connectionName: Config.option(Config.String("SLUICE_REDIS_CONNECTION_NAME"))
}).pipe(Config.mapEffect((found) =>
  Effect.try({
    try: () =>
      settings({
        url: Option.getOrUndefined(found.url),
        password: Option.getOrUndefined(found.password),
        prefix: Option.getOrUndefined(found.prefix),
        deadline: Option.getOrUndefined(found.deadline),
        evictionPolicy: Option.getOrUndefined(found.evictionPolicy),
        connectionName: Option.getOrUndefined(found.connectionName)
      }),
    catch: (cause) =>
      new Config.ConfigError(
        new ConfigProvider.SourceError({ message: cause instanceof RangeError ? cause.message : String(cause) })
      )
  })
))
