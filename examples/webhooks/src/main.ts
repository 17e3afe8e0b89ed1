/**
 * The demo: delivers hundreds of real webhook payloads to an unreliable HTTP endpoint, and loses none.
 *
 * Start it with `npm run demo`; `npm run demo -- --help` lists what can be chosen. Read it in this order:
 * tasks.ts (what work there is), enqueue.ts (the producer side), deliver.ts (the handlers), demo.ts (one run, whole).
 * The rest stands around it: arguments.ts, input.ts, documents.ts, sink.ts and faults.ts (the outside world),
 * broker.ts, attempts.ts, progress.ts, endings.ts, verify.ts, report.ts.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Clock, Effect, Exit, Logger, Result } from "effect"
import { type Arguments, parse, usage } from "./arguments.ts"
import { brokerFor, deleteKeysAtEnd, describe, prefixOf } from "./broker.ts"
import { demo, type DemoOptions } from "./demo.ts"
import { type Delivery, load } from "./input.ts"
import { redisUrl, temporaryFolder } from "./processes/redis.ts"
import { runInProcesses } from "./processes/run.ts"
import type { Screen } from "./progress.ts"
import { count, report } from "./report.ts"

const screen: Screen = {
  isLive: process.stdout.isTTY,
  columns: process.stdout.columns ?? 80,
  write: (text) => void process.stdout.write(text)
}

const next = `
What to look at next
  docs/tutorials/first-task.md     your first task, in five minutes
  examples/webhooks/src/tasks.ts   the tasks of this demo: payloads, errors, retry policy
  examples/webhooks/src/demo.ts    the whole run: enqueue, consume, verify
`

const nextInProcesses = `
What to look at next
  docs/how-to/run-the-programs.md             the same two programs by hand, with curl
  examples/webhooks/src/processes/run.ts      the whole run: send, watch, verify
  examples/webhooks/src/processes/programs.ts all that the programs were told
`

/** What became of the jobs when somebody stopped the demo. */
const stopped = ({ keep }: Arguments, run: string): string =>
  keep
    ? `\nStopped. The jobs are kept; the same command with --run ${run} goes on with them.\n`
    : "\nStopped. The jobs of this run are gone.\n"

const introduce = (args: Arguments, deliveries: ReadonlyArray<Delivery>, where: string): void =>
  screen.write(
    `Sluice demo: ${count(deliveries.length)} webhook deliveries, ${args.concurrency} at once, ${where}.\n` +
      `The sink fails ${Math.round(args.failures * 100)} % of calls on purpose (seed ${args.seed}).\n`
  )

const inOneProcess = Effect.fnUntraced(function*(
  args: Arguments,
  run: string,
  deliveries: ReadonlyArray<Delivery>,
  options: DemoOptions
) {
  introduce(args, deliveries, describe(args.redis, run))
  const broker = brokerFor({ redis: args.redis, run, isKept: args.keep })
  const { facts } = yield* Effect.provide(demo(deliveries, options, screen), broker)
  return facts
})

const inProcesses = Effect.fnUntraced(function*(
  args: Arguments,
  run: string,
  deliveries: ReadonlyArray<Delivery>,
  options: DemoOptions
) {
  const url = yield* redisUrl(args.redis)
  introduce(args, deliveries, describe(url, run))
  const folder = yield* temporaryFolder
  const prefix = prefixOf(run)
  const running = runInProcesses(deliveries, { ...options, redisUrl: url, prefix, folder }, screen)
  // a Redis of our own takes its keys along
  return yield* args.keep || args.redis === undefined
    ? running
    : Effect.provide(running, deleteKeysAtEnd(url, prefix))
}, Effect.scoped)

const program = Effect.fnUntraced(function*(args: Arguments) {
  const run = args.run ?? (yield* Clock.currentTimeMillis).toString(36)
  const deliveries = yield* load(args.copies)
  const options = {
    sink: { seed: args.seed, rate: args.failures, latency: [40, 300], retryAfterSeconds: 1 },
    concurrency: args.concurrency,
    timeoutMs: 1000
  } as const
  yield* Effect.addFinalizer((exit) =>
    Effect.sync(() => {
      if (Exit.hasInterrupts(exit)) screen.write(stopped(args, run))
    })
  )
  const facts = yield* args.processes
    ? inProcesses(args, run, deliveries, options)
    : inOneProcess(args, run, deliveries, options)
  screen.write(`${report(facts)}\n${args.processes ? nextInProcesses : next}`)
  return facts.problems.length === 0 ? 0 : 1
}, Effect.scoped)

/** Logs go to stderr, so that the report can be piped; the live line makes room for them and comes back. */
const logger = Logger.map(
  Logger.formatLogFmt,
  (line) => void process.stderr.write(`${screen.isLive ? "\r\x1b[2K" : ""}${line}\n`)
)

/** What went wrong, as one sentence: every error of Sluice says what happened and what to do. */
const complain = (error: { readonly message: string }) =>
  Effect.sync(() => {
    process.stderr.write(`\n${error.message}\n`)
    return 1
  })

const main = (args: ReadonlyArray<string>): void => {
  const parsed = parse(args, process.env["SLUICE_REDIS_URL"])
  if (Result.isFailure(parsed)) {
    process.stderr.write(`${parsed.failure}\nNothing was run. All options: npm run demo -- --help\n`)
    process.exitCode = 2
    return
  }
  if (parsed.success === "help") return screen.write(`${usage}\n`)
  program(parsed.success).pipe(
    Effect.catch(complain),
    Effect.map((code) => void (process.exitCode = code)),
    Effect.provide(Logger.layer([logger])),
    NodeRuntime.runMain
  )
}

main(process.argv.slice(2))
