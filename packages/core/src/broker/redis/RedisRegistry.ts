/**
 * The registry in Redis: consumers in a hash, and a sorted set of when each was heard of; tasks in a hash.
 *
 * The texts are JSON that scripts never look into. What is known of a task is merged here and put back only if nobody else
 * has changed it meanwhile. Entries that this version can't read (a newer one wrote them) are left out.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { BrokerError } from "../../job/BrokerError.ts"
import * as TaskInfo from "../../task/TaskInfo.ts"
import { type LiveConsumer, Registry } from "../Registry.ts"
import type { Connection } from "./Connection.ts"
import * as Keys from "./Keys.ts"
import type { Settings } from "./RedisConfig.ts"
import * as Reply from "./Reply.ts"
import type { ScriptName } from "./Scripts.generated.ts"
import { begin, run } from "./Scripts.ts"
import * as StoreCalls from "./StoreCalls.ts"

/** How many tasks are read or written by one call: their schemas may be long. */
const batchSize = 50

const Consumer = Schema.Struct({
  name: Schema.String,
  host: Schema.String,
  pid: Schema.Int,
  version: Schema.optionalKey(Schema.String),
  queues: Schema.Array(Schema.Struct({ queue: Schema.String, concurrency: Schema.Int, running: Schema.Int })),
  startedAtMs: Schema.Int,
  state: Schema.Literals(["running", "stopping"])
})
const decodeConsumer = Schema.decodeOption(Schema.fromJsonString(Consumer))
const decodeTask = Schema.decodeOption(Schema.fromJsonString(TaskInfo.TaskInfo))

/** `undefined` for "": nothing is stored, and for what can't be read. */
const taskOf = (text: string): TaskInfo.TaskInfo | undefined => Option.getOrUndefined(decodeTask(text))

const consumerOf = (text: string, seenAtMs: number): LiveConsumer | undefined =>
  Option.getOrUndefined(Option.map(decodeConsumer(text), (found) => ({ ...found, version: found.version, seenAtMs })))

const sorted = <A>(all: ReadonlyMap<string, A>): ReadonlyArray<A> =>
  [...all].toSorted(([left], [right]) => left < right ? -1 : 1).map(([, value]) => value)

type Call = (
  operation: string,
  name: ScriptName,
  key: string,
  args: ReadonlyArray<string | number>
) => Effect.Effect<Reply.Reply, BrokerError>

/** Reads page after page. Who beats meanwhile may come twice: the later entry counts. */
const consumers = Effect.fnUntraced(function*(call: Call, base: string) {
  const found = new Map<string, LiveConsumer>()
  let after: readonly [seenAtMs: string, name: string] = ["", ""]
  while (true) {
    const [more, ...entries] = Reply.list(yield* call("consumers", "registryConsumers", base, after))
    for (let index = 0; index < entries.length; index += 3) {
      const [name, seenAtMs, text] = Reply.texts(entries.slice(index, index + 3))
      const consumer = consumerOf(text!, Number(seenAtMs))
      if (consumer !== undefined) found.set(name!, consumer)
      after = [seenAtMs!, name!]
    }
    if (more !== 1) return sorted(found)
  }
})

/** A task as it is to be stored over `stored`; `undefined`: as it is. What can't be read is left alone. */
const merged = (stored: string, published: ReadonlyArray<TaskInfo.TaskInfo>): string | undefined => {
  const before = taskOf(stored)
  if (before === undefined && stored !== "") return undefined
  const after = published.reduce<TaskInfo.TaskInfo | undefined>(TaskInfo.merge, before)
  const text = JSON.stringify(after)
  return text === JSON.stringify(before) ? undefined : text
}

/** Puts tasks to what is stored; again where somebody else was faster, which ends when everybody has had a turn. */
const publish = Effect.fnUntraced(function*(call: Call, key: string, published: ReadonlyArray<TaskInfo.TaskInfo>) {
  // the first round takes it that nothing is stored, and learns what is
  let known: ReadonlyArray<readonly [task: string, stored: string]> = [
    ...new Set(published.map(({ task }) => task))
  ].map((task) => [task, ""])
  while (known.length > 0) {
    const args = known.flatMap(([task, stored]) => {
      const text = merged(stored, published.filter((info) => info.task === task))
      return text === undefined ? [] : [task, stored, text]
    })
    if (args.length === 0) return
    const others = Reply.texts(yield* call("publish", "registryPublish", key, args))
    known = others.flatMap((stored, index) => index % 2 === 1 ? [[others[index - 1]!, stored] as const] : [])
  }
})

/** Reads page after page. Entries may come twice while others are added; none is left out. */
const tasks = Effect.fnUntraced(function*(connection: Connection, key: string) {
  const found = new Map<string, TaskInfo.TaskInfo>()
  let cursor = "0"
  do {
    const reply = yield* connection.call({ operation: "tasks", name: "hscan", args: [key, cursor, "COUNT", batchSize] })
    const [next, page] = Reply.list(reply)
    const entries = Reply.texts(page)
    for (let index = 0; index < entries.length; index += 2) {
      const task = taskOf(entries[index + 1]!)
      if (task !== undefined) found.set(entries[index]!, task)
    }
    cursor = Reply.text(next)
  } while (cursor !== "0")
  return sorted(found)
})

const inBatches = (all: ReadonlyArray<TaskInfo.TaskInfo>): ReadonlyArray<ReadonlyArray<TaskInfo.TaskInfo>> =>
  Array.from(
    { length: Math.ceil(all.length / batchSize) },
    (_, index) => all.slice(index * batchSize, (index + 1) * batchSize)
  )

/** Makes the registry over a connection. */
export const make = (settings: Settings, connection: Connection): Registry["Service"] => {
  const { withNow } = StoreCalls.make(connection, settings)
  const base = Keys.registry(settings.prefix)
  const tasksKey = Keys.registryKey(settings.prefix, "tasks")
  const call: Call = (operation, name, key, args) => run(connection, operation, name, [...begin(name, key), ...args])
  const timed: Call = (operation, name, key, args) => withNow((now) => call(operation, name, key, [now, ...args]))
  return Registry.of({
    beat: (info) => Effect.asVoid(timed("beat", "registryBeat", base, [info.name, JSON.stringify(info)])),
    leave: (name) => Effect.asVoid(timed("leave", "registryLeave", base, [name])),
    consumers: consumers(timed, base),
    publish: (published) =>
      Effect.forEach(inBatches(published), (batch) => publish(call, tasksKey, batch), { discard: true }),
    tasks: tasks(connection, tasksKey),
    task: (name) =>
      Effect.map(
        connection.call({ operation: "tasks", name: "hget", args: [tasksKey, name] }),
        (reply) => Option.fromUndefinedOr(reply === null ? undefined : taskOf(Reply.text(reply)))
      )
  })
}
