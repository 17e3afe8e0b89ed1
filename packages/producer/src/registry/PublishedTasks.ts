/**
 * Checks payloads at enqueue by the JSON Schemas that consumers have published.
 *
 * The registry is asked at most once every five seconds, whatever is enqueued; schemas are compiled when they are first
 * needed, and kept while they stay the same. A task or version that nobody has published passes, and so does everything
 * while the registry can't be read and never was: the check helps the caller, the consumer's decoder has the last word.
 */
import { Problems } from "@sluice/core/api"
import * as PayloadCheck from "@sluice/core/PayloadCheck"
import { Registry } from "@sluice/core/Registry"
import * as TaskInfo from "@sluice/core/TaskInfo"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type { Item } from "../enqueue/parseItem.ts"

/** Lets a job through, or says what of its payload does not fit. */
export type Check = (item: Item) => Result.Result<Item, Problems.InvalidPayload>

/** See the module. */
export class PublishedTasks extends Context.Service<PublishedTasks, {
  /** The check by what is published, as of the last five seconds. */
  readonly check: Effect.Effect<Check>
}>()("@sluice/producer/PublishedTasks") {}

/** How long an answer of the registry is used. */
const freshFor = "5 seconds"

/** The most misfits that are told of one payload. */
const maxMisfits = 100

/** One published task, its compiled checks by version, and the text by which it is known to be unchanged. */
class PublishedTask {
  readonly text: string
  private readonly info: TaskInfo.TaskInfo
  private readonly checks = new Map<number, PayloadCheck.PayloadCheck | undefined>()

  constructor(info: TaskInfo.TaskInfo, text: string) {
    this.info = info
    this.text = text
  }

  checkOf(version: number): PayloadCheck.PayloadCheck | undefined {
    if (this.checks.has(version)) return this.checks.get(version)
    const schema = TaskInfo.schemaOf(this.info, version)
    if (schema === undefined) return undefined
    const check = PayloadCheck.make(schema)
    this.checks.set(version, check)
    return check
  }
}

type Known = ReadonlyMap<string, PublishedTask>

/** What is published now; tasks that are as they were keep their compiled checks. */
const known = (infos: ReadonlyArray<TaskInfo.TaskInfo>, before: Known): Known =>
  new Map(infos.map((info) => {
    const text = JSON.stringify(info)
    const same = before.get(info.task)
    return [info.task, same?.text === text ? same : new PublishedTask(info, text)]
  }))

const misfit = (task: string, version: number, misfits: ReadonlyArray<PayloadCheck.Misfit>) =>
  new Problems.InvalidPayload({
    task,
    detail: `The payload is not one of version ${version} of task "${task}". This job was not enqueued.`,
    errors: misfits.slice(0, maxMisfits).map(({ message, path }) => ({
      path: ["payload", "payload", ...path],
      message
    }))
  })

const checkBy = (tasks: Known): Check => (item) => {
  const { task, version = 1 } = item.options
  const misfits = tasks.get(task)?.checkOf(version)?.(item.value) ?? []
  return misfits.length === 0 ? Result.succeed(item) : Result.fail(misfit(task, version, misfits))
}

/** Asks the broker's registry. */
export const layer: Layer.Layer<PublishedTasks, never, Registry> = Layer.effect(
  PublishedTasks,
  Effect.gen(function*() {
    const registry = yield* Registry
    let last: Known = new Map()
    const ask = Effect.map(registry.tasks, (infos) => {
      last = known(infos, last)
    }).pipe(
      Effect.catch((error) => Effect.logWarning("the registry can't be read; payloads go by what was known", error)),
      Effect.map(() => checkBy(last))
    )
    return { check: yield* Effect.cachedWithTTL(ask, freshFor) }
  })
)
