/**
 * Which queues this process consumes, and what it runs in each. Pure.
 *
 * Tasks of a module belong to their own queues; handlers without code serve every queue that is consumed.
 */
import { Setting } from "@sluice/core/program"
import * as JobQueue from "@sluice/core/JobQueue"
import type * as Task from "@sluice/core/Task"
import * as Result from "effect/Result"
import type { QueueOptions } from "../ConsumerOptions.ts"

/** A queue as it is asked for; `undefined`: the default. */
export interface AskedQueue {
  readonly name: string
  readonly concurrency: number | undefined
  readonly weight: number | undefined
  readonly priority: number | undefined
}

const form = "queue[:concurrency][:weight=number][:priority=number]"
const isBetween = (minimum: number, value: number | undefined, maximum: number): boolean =>
  value === undefined || (value >= minimum && value <= maximum)

/** One entry; a text is what is wrong with it. */
const asked = (text: string): AskedQueue | string => {
  const [, name = "", digits, shares = ""] = /^(.*?)(?::(\d{1,6}))?((?::[a-z]+=[0-9.-]+)*)$/.exec(text) ?? []
  if (!JobQueue.isName(name)) return `expected ${form}`
  const given = new Map(
    shares.split(":").slice(1).map((share): [string, number] => {
      const [option = "", value] = share.split("=")
      return [option, Number(value)]
    })
  )
  const unknown = [...given.keys()].find((option) => option !== "weight" && option !== "priority")
  if (unknown !== undefined || given.size < shares.split(":").length - 1) return `expected ${form}, each once`
  const concurrency = digits === undefined ? undefined : Number(digits)
  const [weight, priority] = [given.get("weight"), given.get("priority")]
  if (!isBetween(1, concurrency, 10_000)) return "expected a concurrency from 1 to 10000"
  if (!isBetween(0.01, weight, 100)) return "expected a weight from 0.01 to 100"
  if (!isBetween(-100, priority, 100) || !Number.isInteger(priority ?? 0)) {
    return "expected a priority that is a whole number from -100 to 100"
  }
  return { name, concurrency, weight, priority }
}

/**
 * A setting that lists queues: `emails:50:weight=3,default`. A name that ends in a colon and digits needs its concurrency
 * written.
 */
export const queueList = Setting.maker<ReadonlyArray<AskedQueue>>({
  type: `list of \`${form}\`, by commas`,
  unit: "",
  read: (text) => {
    const read: Array<AskedQueue> = []
    const entries = text.split(",").map((one) => one.trim()).filter((one) => one !== "")
    for (const [index, entry] of entries.entries()) {
      const queue = asked(entry)
      if (typeof queue === "string") return Result.fail(`entry ${index + 1}: ${queue}`)
      read.push(queue)
    }
    if (read.length === 0) return Result.fail("expected at least one queue")
    const isUnique = new Set(read.map(({ name }) => name)).size === read.length
    return isUnique ? Result.succeed(read) : Result.fail("a queue is named twice")
  }
})

/** What `Consumer.layer` is told, and what of the module's tasks is left to others. */
export interface Plan {
  readonly tasks: ReadonlyArray<Task.Any>
  readonly queues: Readonly<Record<string, QueueOptions>>
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
  /** Of a queue for which none is written. `undefined`: that of all together, else 10. */
  readonly concurrency: number | undefined
  /** Of all queues together. `undefined`: there is no such limit. */
  readonly total: number | undefined
}

const defaultConcurrency = 10

const namesTwice = (tasks: ReadonlyArray<Task.Any>): ReadonlyArray<string> => {
  const names = tasks.map(({ _tag }) => _tag)
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}

const problemsOf = ({ asked, builtIn, own, total }: Given): ReadonlyArray<string> => {
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
    ...(total !== undefined ?
      [] :
      (asked ?? []).filter(({ priority, weight }) => (priority ?? weight) !== undefined).map(({ name }) =>
        `SLUICE_QUEUES: queue "${name}" has a weight or a priority, but there are no slots to share; set ` +
        "SLUICE_TOTAL_CONCURRENCY"
      )),
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
  const { asked, builtIn, own, total } = given
  const concurrency = given.concurrency ?? total ?? defaultConcurrency
  const all = [...own.map(({ queue }) => queue.name), ...(builtIn.length > 0 ? ["default"] : [])]
  const wanted = asked ?? [...new Set(all)].map(plainly)
  const isWanted = (task: Task.Any) => wanted.some(({ name }) => name === task.queue.name)
  return Result.succeed({
    tasks: [
      ...own.filter(isWanted),
      ...wanted.flatMap(({ name }) => builtIn.map((task) => ({ ...plain(task), queue: JobQueue.make(name) })))
    ],
    queues: Object.fromEntries(
      wanted.map(({ name, ...queue }) => [name, { ...queue, concurrency: queue.concurrency ?? concurrency }])
    ),
    leftOut: own.filter((task) => !isWanted(task))
  })
}

const plainly = (name: string): AskedQueue => ({ name, concurrency: undefined, weight: undefined, priority: undefined })

/** The plain fields of a task, which may be a class. */
const plain = ({ _tag, definition }: Task.Any) => ({ _tag, definition })
