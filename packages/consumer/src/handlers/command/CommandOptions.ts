/**
 * What commands can be told, with every default and every limit.
 *
 * `CommandHandler.make` takes the options and resolves them once. What runs is decided here alone: a payload reaches a
 * program on its standard input, and nowhere else.
 */
import * as Duration from "effect/Duration"

/** The program of one task. */
export interface Command {
  /** The file, by path or by name, and its arguments, as they are: no shell reads them. */
  readonly argv: ReadonlyArray<string>
  /** Where it runs. Default: where the consumer does. */
  readonly directory?: string | undefined
  /** What its environment has besides the common variables. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** The exit codes of success. Default 0. */
  readonly success?: ReadonlyArray<number> | undefined
  /** The exit codes that end a job as dead, whatever attempts it has left. Default 65 (EX_DATAERR). */
  readonly discard?: ReadonlyArray<number> | undefined
  /** How long an attempt may take: 1 ms to a day. Default: the common one. */
  readonly timeout?: Duration.Input | undefined
}

/** The options of `CommandHandler.make`. */
export interface Options {
  /** By the names of tasks. Nothing else is ever run. */
  readonly commands: Readonly<Record<string, Command>>
  /** What the environment of every program has. Default: nothing, not even a PATH. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** How long an attempt may take: 1 ms to a day. Default 5 minutes. */
  readonly timeout?: Duration.Input | undefined
  /** How long a program may take to end after SIGTERM, before SIGKILL: up to 8 seconds. Default 5 seconds. */
  readonly killAfter?: Duration.Input | undefined
  /** How many bytes of each output are kept: 0 to 1 MiB. Default 64 KiB. */
  readonly maxOutputBytes?: number | undefined
  /** The wait after the first failed attempt; it doubles with each. Default 5 seconds. */
  readonly backoff?: Duration.Input | undefined
  /** The longest wait between attempts. Default 1 hour. */
  readonly maxBackoff?: Duration.Input | undefined
}

/** One command with everything decided. */
export interface Resolved {
  readonly argv: readonly [file: string, ...args: ReadonlyArray<string>]
  readonly directory: string | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly success: ReadonlySet<number>
  readonly discard: ReadonlySet<number>
  readonly timeoutMs: number
  readonly killAfterMs: number
  readonly maxOutputBytes: number
  readonly backoffMs: number
  readonly maxBackoffMs: number
}

const fail = (what: string, expected: string): never => {
  throw new RangeError(`CommandHandler: ${what} has to be ${expected}`)
}

const day = 86_400_000

const millis = (what: string, input: Duration.Input, longest = day): number => {
  const ms = Math.ceil(Duration.toMillis(Duration.fromInputUnsafe(input)))
  return ms >= 1 && ms <= longest ? ms : fail(what, `from 1 ms to ${longest} ms`)
}

const codes = (what: string, given: ReadonlyArray<number>): ReadonlySet<number> =>
  given.every((code) => Number.isInteger(code) && code >= 0 && code <= 255)
    ? new Set(given)
    : fail(what, "exit codes from 0 to 255")

/** Decides everything about one command. Throws a `RangeError` that names what is out of range. */
export const resolve = (options: Options, name: string, command: Command): Resolved => {
  const [file, ...args] = command.argv
  const { maxOutputBytes = 65_536 } = options
  const what = (option: string) => `${option} of command "${name}"`
  if (file === undefined || file === "") return fail(what("argv"), "a file and its arguments")
  if (!Number.isInteger(maxOutputBytes) || maxOutputBytes < 0 || maxOutputBytes > 1_048_576) {
    return fail("maxOutputBytes", "a whole number from 0 to 1048576")
  }
  return {
    argv: [file, ...args],
    directory: command.directory,
    environment: { ...options.environment, ...command.environment },
    success: codes(what("success"), command.success ?? [0]),
    discard: codes(what("discard"), command.discard ?? [65]),
    timeoutMs: millis(what("timeout"), command.timeout ?? options.timeout ?? "5 minutes"),
    killAfterMs: millis("killAfter", options.killAfter ?? "5 seconds", 8000),
    maxOutputBytes,
    backoffMs: millis("backoff", options.backoff ?? "5 seconds"),
    maxBackoffMs: millis("maxBackoff", options.maxBackoff ?? "1 hour")
  }
}
