/**
 * Runs programs for jobs without any code: one command for each task that is named, the payload on its standard input.
 *
 * `make` answers tasks and their handlers, for `Consumer.layer` or for the program. Which program runs, and with which
 * arguments, is never in the job's hands. For systems with process groups: everything but Windows.
 */
import { CurrentJob } from "@sluice/core/CurrentJob"
import { Outcome } from "@sluice/core/Outcome"
import * as RetryPolicy from "@sluice/core/RetryPolicy"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { CommandFailed } from "./command/CommandFailed.ts"
import * as CommandOptions from "./command/CommandOptions.ts"
import { type Ended, type NotStarted, runProgram } from "./command/runProgram.ts"
import { type Handlers, mergeLayers } from "./Handlers.ts"
import * as RawTask from "./RawTask.ts"

export { CommandFailed } from "./command/CommandFailed.ts"
export type { Command, Options } from "./command/CommandOptions.ts"

/** What a program that succeeded leaves with the job: the beginning of its standard output. */
export const CommandOutput = Schema.Struct({ code: Schema.Int, output: Schema.String, truncated: Schema.Boolean })

/** The end of a program's last words that goes into the job's history. */
const shownLength = 1000

const describe = ({ code, errors, signal }: Ended): string => {
  const words = errors.trim().slice(-shownLength)
  return `${signal === undefined ? `exit code ${code}` : `ended by ${signal}`}${words === "" ? "" : `: ${words}`}`
}

const notStarted = ({ detail }: NotStarted) => Effect.fail(new CommandFailed({ detail: `not started: ${detail}` }))

const run = Effect.fnUntraced(function*(command: CommandOptions.Resolved, input: string) {
  const job = yield* CurrentJob
  const environment = {
    ...command.environment,
    SLUICE_JOB_ID: job.id,
    SLUICE_JOB_TASK: job.task,
    SLUICE_JOB_QUEUE: job.queue,
    SLUICE_JOB_ATTEMPT: String(job.attempt),
    SLUICE_JOB_ATTEMPTS: String(job.attempts)
  }
  const ended = yield* Effect.catch(runProgram({ ...command, environment, input }), notStarted)
  const { code, output, signal, truncated } = ended
  if (code !== undefined && command.success.has(code)) return { code, output, truncated }
  if (code !== undefined && command.discard.has(code)) return yield* Outcome.discard(describe(ended))
  return yield* new CommandFailed({
    ...(code === undefined ? {} : { code }),
    ...(signal === undefined ? {} : { signal }),
    detail: describe(ended)
  })
})

const part = (options: CommandOptions.Options, name: string, command: CommandOptions.Command) => {
  const resolved = CommandOptions.resolve(options, name, command)
  const task = RawTask.make(name, {
    success: CommandOutput,
    error: CommandFailed,
    timeout: resolved.timeoutMs,
    retry: RetryPolicy.exponential({ initial: resolved.backoffMs, cap: resolved.maxBackoffMs })
  })
  return { task, layer: RawTask.toLayer(task, (input) => run(resolved, input)) }
}

/**
 * The tasks that the options name, with their handlers. Throws a `RangeError` that names what is out of range. That the
 * programs are there is not checked here: one that can't be started is a failed attempt.
 */
export const make = (options: CommandOptions.Options): Handlers<never> => {
  const parts = Object.entries(options.commands).map(([name, command]) => part(options, name, command))
  return {
    tasks: parts.map(({ task }) => task),
    layer: mergeLayers(parts.map(({ layer }) => layer))
  }
}
