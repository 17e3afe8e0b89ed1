/**
 * Splits a call over partitions and joins the answers in the order of the items. `Routed` uses it for every call that
 * carries a list. Calls to several partitions run at the same time; the first failure fails the whole.
 */
import * as Effect from "effect/Effect"
import type { BrokerError } from "../job/BrokerError.ts"
import { type JobId, partitionOf } from "../job/JobId.ts"

interface Group<Item> {
  readonly partition: number
  readonly items: Array<Item>
  readonly positions: Array<number>
}

/** Groups items by partition, in order; `partitions[i]` is where `items[i]` goes, `undefined`: nowhere. */
export const groupBy = <Item>(
  items: ReadonlyArray<Item>,
  partitions: ReadonlyArray<number | undefined>
): ReadonlyArray<Group<Item>> => {
  const groups = new Map<number, Group<Item>>()
  for (let position = 0; position < items.length; position++) {
    const partition = partitions[position]
    if (partition === undefined) continue
    let group = groups.get(partition)
    if (group === undefined) groups.set(partition, group = { partition, items: [], positions: [] })
    group.items.push(items[position]!)
    group.positions.push(position)
  }
  return [...groups.values()]
}

/** Calls each partition with its items; what goes nowhere is answered with `absent`. */
export const scatter = <Item, Answer>(
  items: ReadonlyArray<Item>,
  partitions: ReadonlyArray<number | undefined>,
  absent: Answer,
  call: (partition: number, items: ReadonlyArray<Item>) => Effect.Effect<ReadonlyArray<Answer>, BrokerError>
): Effect.Effect<ReadonlyArray<Answer>, BrokerError> => {
  const groups = groupBy(items, partitions)
  const only = groups[0]
  if (groups.length === 1 && only!.items.length === items.length) return call(only!.partition, items)
  return Effect.map(
    Effect.forEach(groups, (group) => call(group.partition, group.items), { concurrency: "unbounded" }),
    (answers) => {
      const joined = items.map(() => absent)
      for (let index = 0; index < groups.length; index++) {
        groups[index]!.positions.forEach((position, at) => joined[position] = answers[index]![at]!)
      }
      return joined
    }
  )
}

/** The partition that an id names, if a queue with `count` partitions has it. */
export const partitionWithin = (id: JobId, count: number): number | undefined => {
  const partition = partitionOf(id)
  return partition !== undefined && partition < count ? partition : undefined
}
