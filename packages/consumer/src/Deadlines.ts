/**
 * Many things that each have to happen a fixed time after they were added, on one timer.
 *
 * Because the delay is the same for all, they fall due in the order in which they came, and adding or removing one costs
 * two map operations instead of a timer per job. Task timeouts and the patience with interrupted handlers are counted
 * here.
 */
import * as Alarm from "./Alarm.ts"
import type { Host } from "./Host.ts"

/** See the module. */
export interface Deadlines<in A> {
  /** Counts from now. */
  readonly add: (item: A) => void
  /** It will not fall due; harmless when it has already. */
  readonly delete: (item: A) => void
  /** Forgets all, and keeps no timer. */
  readonly clear: () => void
}

/** Makes a collection with one delay (ms). `onDue` must not throw. */
export const make = <A>(host: Host, delayMs: number, onDue: (item: A) => void): Deadlines<A> => {
  const items = new Map<A, number>()
  const alarm = Alarm.make(host, () => {
    const now = host.nowMs() + 1
    for (const [item, at] of items) {
      if (at > now) return alarm.set(at)
      items.delete(item)
      onDue(item)
    }
  })
  return {
    add: (item) => {
      const at = host.nowMs() + delayMs
      items.set(item, at)
      if (alarm.at() === undefined) alarm.set(at)
    },
    delete: (item) => {
      items.delete(item)
    },
    clear: () => {
      items.clear()
      alarm.clear()
    }
  }
}
