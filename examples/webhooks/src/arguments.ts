/**
 * The command line of the demo: what may be said, what is assumed when it is not, and what is refused.
 *
 * `main.ts` calls `parse` once. It reads nothing but what it is given and never exits: a mistake comes back as a
 * sentence for the reader to act on.
 */
import { Result } from "effect"
import { parseArgs } from "node:util"

/** What one run of the demo is told. */
export interface Arguments {
  /** Where Redis is; `undefined`: jobs are kept in this process's memory. */
  readonly redis: string | undefined
  /** Whether producer and consumer are programs of their own. */
  readonly processes: boolean
  /** Decides which calls fail: the same seed, the same failures. */
  readonly seed: number
  /** How often each payload is sent; at least 1. */
  readonly copies: number
  /** How many deliveries run at once; at least 1. */
  readonly concurrency: number
  /** The share of calls that the sink fails on purpose, 0 to 1. */
  readonly failures: number
  /** The run's name: the same name finds the same jobs again. `undefined`: a new one. */
  readonly run: string | undefined
  /** Whether the run's keys stay in Redis when it has ended. */
  readonly keep: boolean
}

/** What `--help` prints. */
export const usage = `Delivers 329 real webhook payloads to an unreliable HTTP sink, and loses none.

Usage: npm run demo -- [options]

  --redis URL        keep the jobs in Redis, for example redis://127.0.0.1:6379
                     (default: SLUICE_REDIS_URL; without either, in this process's memory)
  --processes        run sluice-producer and sluice-consumer as two processes on one Redis, and send them everything
                     over HTTP (default Redis: one of its own, for this run)
  --seed N           decides which calls fail: same seed, same failures (default 42)
  --copies N         send each payload N times, to enlarge the input (default 1)
  --concurrency N    deliveries at once (default 10; 25 with --processes)
  --failures RATE    share of calls that the sink fails on purpose, 0 to 1 (default 0.3)
  --run ID           name the run; the same name goes on where that run stopped (Redis only)
  --keep             leave the run's keys in Redis (Redis only)
  -h, --help         this text

Every payload has to arrive byte for byte as it was sent, or its job has to be dead with a reason.
The exit code is 0 if so, 1 if not, and 2 when an argument is wrong.`

const options = {
  redis: { type: "string" },
  processes: { type: "boolean", default: false },
  seed: { type: "string", default: "42" },
  copies: { type: "string", default: "1" },
  concurrency: { type: "string" },
  failures: { type: "string", default: "0.3" },
  run: { type: "string" },
  keep: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false }
} as const

/** A number between two bounds, or a sentence that says what was wrong with it. */
const number = (name: string, text: string, minimum: number, maximum: number, isWhole: boolean): number => {
  const value = text.trim() === "" ? Number.NaN : Number(text)
  if (value >= minimum && value <= maximum && (!isWhole || Number.isInteger(value))) return value
  const kind = isWhole ? "a whole number" : "a number"
  throw new Error(`--${name} is "${text}"; it has to be ${kind} from ${minimum} to ${maximum}.`)
}

const redisUrl = (text: string | undefined): string | undefined => {
  if (text === undefined || (/^rediss?:\/\/./.test(text) && URL.canParse(text))) return text
  throw new Error(`The Redis address is "${text}"; it has to be a URL such as redis://localhost:6379.`)
}

const runName = (text: string | undefined): string | undefined => {
  if (text === undefined || /^[A-Za-z0-9._-]{1,40}$/.test(text)) return text
  throw new Error(`--run is "${text}"; use 1 to 40 letters, digits, dots, dashes and underscores.`)
}

const read = (args: ReadonlyArray<string>, environment: string | undefined): Arguments | "help" => {
  const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false })
  if (values.help) return "help"
  const redis = redisUrl(values.redis ?? (environment === "" ? undefined : environment))
  if (redis === undefined && (values.keep || values.run !== undefined)) {
    const option = values.keep ? "--keep" : "--run"
    const why = values.processes ? "the demo's own Redis ends with the run" : "jobs in memory end with the process"
    throw new Error(`${option} needs Redis (--redis URL): ${why}.`)
  }
  return {
    redis,
    processes: values.processes,
    seed: number("seed", values.seed, 0, Number.MAX_SAFE_INTEGER, true),
    copies: number("copies", values.copies, 1, 1000, true),
    concurrency: number("concurrency", values.concurrency ?? (values.processes ? "25" : "10"), 1, 1000, true),
    failures: number("failures", values.failures, 0, 1, false),
    run: runName(values.run),
    keep: values.keep
  }
}

/**
 * Reads the arguments after the script's name. `environment` is SLUICE_REDIS_URL, which `--redis` overrides.
 * Fails with the sentence to show; "help" when help was asked for.
 */
export const parse = (
  args: ReadonlyArray<string>,
  environment: string | undefined
): Result.Result<Arguments | "help", string> =>
  Result.try({
    try: () => read(args, environment),
    catch: (cause) => (cause instanceof Error ? cause.message : String(cause)).replace(/[^.]$/, "$&.")
  })
