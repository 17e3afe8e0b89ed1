/**
 * What deliveries over HTTP can be told, with every default and every limit.
 *
 * `HttpHandler.make` takes the options and resolves them once.
 */
import * as Duration from "effect/Duration"
import type * as Redacted from "effect/Redacted"
import * as Address from "./Address.ts"
import type { Resolve } from "./AddressPolicy.ts"
import { systemResolve } from "./AddressPolicy.ts"
import * as AllowedTarget from "./AllowedTarget.ts"
import { readStatusRanges, type StatusRange } from "./statusRanges.ts"

/** Where the jobs of one task go. */
export interface Target {
  /** http or https, without user and password. Its host is allowed by being written here. */
  readonly url: string
  /** Default POST. */
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Signs with each of these instead of the common ones; an empty list: unsigned. */
  readonly secrets?: ReadonlyArray<Redacted.Redacted> | undefined
  /** As the common option, for this target. */
  readonly success?: string | undefined
  /** As the common option, for this target. */
  readonly discard?: string | undefined
  /** As the common option, for this target. */
  readonly timeout?: Duration.Input | undefined
}

/** The options of `HttpHandler.make`. */
export interface Options {
  /** By the names of tasks: each one's payload is sent to its target, byte for byte. */
  readonly targets?: Readonly<Record<string, Target>> | undefined
  /**
   * Where the task whose payload names its own target may send to, as `[scheme://]host[:port]`: https unless `http://` is
   * written; `*.example.com` and `*` are possible. Default: nowhere, and then there is no such task.
   */
  readonly allow?: ReadonlyArray<string> | undefined
  /** The name of the task whose payload names its own target. Default `http`. */
  readonly task?: string | undefined
  /**
   * Networks (`10.0.0.0/8`) that may be connected to although they are not public. Default: none. Whoever may enqueue
   * reaches what is listed here, as far as `allow` lets the name through.
   */
  readonly networks?: ReadonlyArray<string> | undefined
  /** Signs with each of these; a secret is 16 characters or more, or `whsec_` and base64. Default: unsigned. */
  readonly secrets?: ReadonlyArray<Redacted.Redacted> | undefined
  /** The status codes of success. Default `200-299`. */
  readonly success?: string | undefined
  /** The status codes that end a job as dead, whatever attempts it has left. Default `410`. All others are tried again. */
  readonly discard?: string | undefined
  /** How long one attempt may take, redirects included: 1 ms to 1 hour. Default 30 seconds. */
  readonly timeout?: Duration.Input | undefined
  /** How many bytes of an answer are read, and kept with the job: 0 to 1 MiB. Default 16 KiB. */
  readonly maxResponseBytes?: number | undefined
  /** How many redirects are followed: 0 to 10. Each has to be an allowed target. Default 0. */
  readonly redirects?: number | undefined
  /** The longest wait that a receiver may ask for with Retry-After: up to a day. Default 1 hour. */
  readonly maxRetryAfter?: Duration.Input | undefined
  /** The wait after the first failed attempt; it doubles with each. Default 5 seconds. */
  readonly backoff?: Duration.Input | undefined
  /** The longest wait between attempts, unless the receiver asks for more. Default 1 hour. */
  readonly maxBackoff?: Duration.Input | undefined
  /** How host names become addresses. Default: as the system does it. */
  readonly resolve?: Resolve | undefined
}

/** The options with everything decided; durations in milliseconds. */
export interface Settings {
  readonly task: string
  readonly allowed: ReadonlyArray<AllowedTarget.AllowedTarget>
  readonly networks: ReadonlyArray<Address.Network>
  readonly secrets: ReadonlyArray<Redacted.Redacted>
  readonly success: ReadonlyArray<StatusRange>
  readonly discard: ReadonlyArray<StatusRange>
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  readonly redirects: number
  readonly maxRetryAfterMs: number
  readonly backoffMs: number
  readonly maxBackoffMs: number
  readonly resolve: Resolve
}

const fail = (what: string, expected: string): never => {
  throw new RangeError(`HttpHandler: ${what} has to be ${expected}`)
}

const hour = 3_600_000

/** Milliseconds of an option from 1 ms up. Throws a `RangeError` that names it. */
export const millis = (what: string, input: Duration.Input, longest = 24 * hour): number => {
  const ms = Math.ceil(Duration.toMillis(Duration.fromInputUnsafe(input)))
  return ms >= 1 && ms <= longest ? ms : fail(what, `from 1 ms to ${longest} ms`)
}

const whole = (what: string, value: number, longest: number): number =>
  Number.isInteger(value) && value >= 0 && value <= longest ? value : fail(what, `a whole number from 0 to ${longest}`)

/** The status codes of an option. Throws a `RangeError` that names it. */
export const ranges = (what: string, text: string): ReadonlyArray<StatusRange> =>
  readStatusRanges(text) ?? fail(what, "status codes, such as 200-299,409")

const each = <A>(what: string, texts: ReadonlyArray<string>, read: (text: string) => A | undefined): ReadonlyArray<A> =>
  texts.map((text) => read(text) ?? fail(what, `a list without "${text}"`))

/** Decides everything. Throws a `RangeError` that names the option that is out of range. */
export const settings = (options: Options): Settings => ({
  task: options.task ?? "http",
  allowed: each("allow", options.allow ?? [], AllowedTarget.read),
  networks: each("networks", options.networks ?? [], Address.readNetwork),
  secrets: options.secrets ?? [],
  success: ranges("success", options.success ?? "200-299"),
  discard: ranges("discard", options.discard ?? "410"),
  timeoutMs: millis("timeout", options.timeout ?? "30 seconds", hour),
  maxResponseBytes: whole("maxResponseBytes", options.maxResponseBytes ?? 16_384, 1_048_576),
  redirects: whole("redirects", options.redirects ?? 0, 10),
  maxRetryAfterMs: millis("maxRetryAfter", options.maxRetryAfter ?? "1 hour"),
  backoffMs: millis("backoff", options.backoff ?? "5 seconds"),
  maxBackoffMs: millis("maxBackoff", options.maxBackoff ?? "1 hour"),
  resolve: options.resolve ?? systemResolve
})
