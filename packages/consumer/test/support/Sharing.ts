/**
 * A consumer of three queues that share its slots, and what was seen of it. For the tests of sharing.
 */
import { Consumer } from "@sluice/consumer"
import { Task } from "@sluice/core"
import { type Duration, Effect, Layer, Schema } from "effect"

const payload = { n: Schema.Int }

export class A extends Task.make("A", { queue: "a", payload }) {}
export class B extends Task.make("B", { queue: "b", payload }) {}
export class C extends Task.make("C", { queue: "c", payload }) {}

/** How one queue is consumed, and how long its jobs take. Default: 100 slots of its own, 1 second. */
export interface Lane {
  readonly concurrency?: number
  readonly weight?: number
  readonly priority?: number
  readonly takes?: Duration.Input
}

/** What was seen: by queue, in the order of the letters. */
export class Seen {
  readonly started = [0, 0, 0]
  readonly running = [0, 0, 0]
  /** The queues of all starts, in their order. */
  readonly order: Array<string> = []
  /** The most that ran at once, all together. */
  most = 0

  /** All that run now. */
  total(): number {
    return this.running.reduce((sum, count) => sum + count, 0)
  }

  /** One job of the queue. */
  run(queue: number, takes: Duration.Input): Effect.Effect<void> {
    return Effect.acquireUseRelease(
      Effect.sync(() => {
        this.started[queue]!++
        this.running[queue]!++
        this.order.push("abc".charAt(queue))
        this.most = Math.max(this.most, this.total())
      }),
      () => Effect.sleep(takes),
      () => Effect.sync(() => this.running[queue]!--)
    )
  }
}

/** The consumer. `slots`: of all queues together. */
export const consumer = (seen: Seen, slots: number | undefined, [a = {}, b = {}, c = {}]: ReadonlyArray<Lane>) => {
  const own = ({ concurrency = 100, priority, weight }: Lane) => ({ concurrency, priority, weight })
  return Consumer.layer({
    tasks: [A, B, C],
    concurrency: slots,
    queues: { a: own(a), b: own(b), c: own(c) },
    grace: 0
  }).pipe(
    Layer.provide(Layer.mergeAll(
      A.toLayer(() => seen.run(0, a.takes ?? "1 second")),
      B.toLayer(() => seen.run(1, b.takes ?? "1 second")),
      C.toLayer(() => seen.run(2, c.takes ?? "1 second"))
    ))
  )
}

/** Enqueues so many jobs of a task at once. */
export const backlog = (task: typeof A | typeof B | typeof C, count: number) =>
  Effect.map(
    task.enqueueAll(Array.from({ length: count }, (_, n) => ({ n }))),
    (answers) => answers.flatMap((answer) => "id" in answer ? [{ task, id: answer.id }] : [])
  )
