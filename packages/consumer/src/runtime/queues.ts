/**
 * Which queues this process consumes, and what it runs in each. Pure.
 *
 * Tasks of a module belong to their own queues; handlers without code serve every queue that is consumed.
 */
import { Setting } from "@sluice/core/program"
import * as JobQueue from "@sluice/core/JobQueue"
import type * as Task from "@sluice/core/Task"
import * as Result from "effect/Result"

/** A queue as it is asked for; `undefined`: the default concurrency. */
export interface AskedQueue {
  readonly name: string
  readonly concurrency: number | undefined
}

const asked = (text: string): AskedQueue | undefined => {
  const [, name = text, digits] = /^(.*):(\d{1,6})$/.exec(text) ?? []
  const concurrency = digits === undefined ? undefined : Number(digits)
  const isInRange = concurrency === undefined || (concurrency >= 1 && concurrency <= 10_000)
  return JobQueue.isName(name) && isInRange ? { name, concurrency } : undefined
}

/** A setting that lists queues: `emails:50,default`. A name that ends in a colon and digits needs its concurrency written. */
export const queueList = Setting.maker<ReadonlyArray<AskedQueue>>({
  type: "list of `queue[:concurrency]`, by commas",
  unit: "",
  read: (text) => {
    const queues = text.split(",").map((one) => one.trim()).filter((one) => one !== "").map(asked)
    const wrong = queues.findIndex((queue) => queue === undefined)
    if (wrong !== -1) return Result.fail(`entry ${wrong + 1}: expected queue:concurrency, with 1 to 10000`)
    const read = queues.filter((queue) => queue !== undefined)
    if (read.length === 0) return Result.fail("expected at least one queue")
    const isUnique = new Set(read.map(({ name }) => name)).size === read.length
    return isUnique ? Result.succeed(read) : Result.fail("a queue is named twice")
  }
})

/** What `Consumer.layer` is told, and what of the module's tasks is left to others. */
export interface Plan {
  readonly tasks: ReadonlyArray<Task.Any>
  readonly queues: Readonly<Record<string, { readonly concurrency: number }>>
  readonly leftOut: ReadonlyArray<Task.Any>
}

/** What is there to be run. */
export interface Given {
  /** The tasks of the module. */
  readonly own: ReadonlyArray<Task.Any>
  /** The tasks of handlers without code. */
  readonly builtIn: ReadonlyArray<Task.Any>
  /** `undefined`: all. */
  readonly asked: ReadonlyArray<AskedQueue> | undefined
  readonly concurrency: number
}

const namesTwice = (tasks: ReadonlyArray<Task.Any>): ReadonlyArray<string> => {
  const names = tasks.map(({ _tag }) => _tag)
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}

const problemsOf = ({ asked, builtIn, own }: Given): ReadonlyArray<string> => {
  if (own.length + builtIn.length === 0) {
    return [
      "SLUICE_HANDLERS: there is nothing to run; set it, or SLUICE_HTTP_TARGETS, SLUICE_HTTP_ALLOW or SLUICE_COMMANDS"
    ]
  }
  const known = own.map(({ queue }) => queue.name)
  return [
    ...namesTwice([...own, ...builtIn]).map((name) =>
      `SLUICE_HANDLERS, SLUICE_HTTP_TARGETS, SLUICE_HTTP_TASK, SLUICE_COMMANDS: task "${name}" has more than one handler`
    ),
    ...(builtIn.length > 0 ?
      [] :
      (asked ?? []).filter(({ name }) => !known.includes(name)).map(({ name }) =>
        `SLUICE_QUEUES: no task belongs to queue "${name}"; the tasks' queues are ${[...new Set(known)].join(", ")}`
      ))
  ]
}

/** Decides what runs where; the failure is what is wrong, by the names of the variables. */
export const plan = (given: Given): Result.Result<Plan, ReadonlyArray<string>> => {
  const problems = problemsOf(given)
  if (problems.length > 0) return Result.fail(problems)
  const { asked, builtIn, concurrency, own } = given
  const all = [...own.map(({ queue }) => queue.name), ...(builtIn.length > 0 ? ["default"] : [])]
  const wanted = asked ?? [...new Set(all)].map((name): AskedQueue => ({ name, concurrency: undefined }))
  const isWanted = (task: Task.Any) => wanted.some(({ name }) => name === task.queue.name)
  return Result.succeed({
    tasks: [
      ...own.filter(isWanted),
      ...wanted.flatMap(({ name }) => builtIn.map((task) => ({ ...plain(task), queue: JobQueue.make(name) })))
    ],
    queues: Object.fromEntries(wanted.map((queue) => [queue.name, { concurrency: queue.concurrency ?? concurrency }])),
    leftOut: own.filter((task) => !isWanted(task))
  })
}

/** The plain fields of a task, which may be a class. */
const plain = ({ _tag, definition }: Task.Any) => ({ _tag, definition })
