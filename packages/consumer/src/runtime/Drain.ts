/**
 * The end of the program: hurried by a second signal, and judged once it is over.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type { ConsumerHealth } from "../ConsumerHealth.ts"

/** See the module. */
export class Drain {
  private readonly latch = Latch.makeUnsafe(false)
  private health: ConsumerHealth["Service"] | undefined

  /** Completes when the drain is to be hurried. */
  readonly hurry: Effect.Effect<void> = Effect.asVoid(this.latch.await)

  /** Lets running handlers be interrupted at once. */
  hurryUp(): void {
    this.latch.openUnsafe()
  }

  /** The consumer whose end is to be judged. */
  watch(health: ConsumerHealth["Service"]): void {
    this.health = health
  }

  /** Once it has stopped: whether handlers were interrupted, or ended jobs could not be settled. False if it never ran. */
  wasCutShort(): boolean {
    if (this.health === undefined) return false
    const reports = Object.values(Effect.runSync(this.health.queues))
    return reports.some(({ interruptedByStop, unsettled }) => interruptedByStop > 0 || unsettled > 0)
  }
}
