/** The registry in this process's memory, under Effect's Clock: the executable specification of `Registry`. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TaskInfo from "../../task/TaskInfo.ts"
import { type LiveConsumer, liveMs, Registry } from "../Registry.ts"

const byName = (left: string, right: string): number => left < right ? -1 : left > right ? 1 : 0

/** Makes an empty registry. */
export const make = (): Registry["Service"] => {
  const consumers = new Map<string, LiveConsumer>()
  const tasks = new Map<string, TaskInfo.TaskInfo>()
  const forgetLapsed = (now: number) => {
    for (const { name, seenAtMs } of consumers.values()) if (seenAtMs + liveMs <= now) consumers.delete(name)
  }
  return Registry.of({
    beat: (info) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        consumers.set(info.name, { ...info, seenAtMs: now })
        forgetLapsed(now)
      }),
    leave: (name) => Effect.sync(() => void consumers.delete(name)),
    consumers: Effect.map(Clock.currentTimeMillis, (now) => {
      forgetLapsed(now)
      return [...consumers.values()].toSorted((left, right) => byName(left.name, right.name))
    }),
    publish: (published) =>
      Effect.sync(() => {
        for (const info of published) tasks.set(info.task, TaskInfo.merge(tasks.get(info.task), info))
      }),
    tasks: Effect.sync(() => [...tasks.values()].toSorted((left, right) => byName(left.task, right.task))),
    task: (name) => Effect.sync(() => Option.fromUndefinedOr(tasks.get(name)))
  })
}
