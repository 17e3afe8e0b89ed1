/**
 * Fibers that wait until something of plain data has become true.
 */
import * as Effect from "effect/Effect"

interface Waiter {
  readonly isTrue: () => boolean
  readonly resume: () => void
}

/** See the module. Whoever changes the data calls `tell`. */
export class Waiters {
  private readonly waiting = new Set<Waiter>()

  /** Waits until the condition holds; at once when it does already. */
  until(isTrue: () => boolean): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (isTrue()) return resume(Effect.void)
      const waiter = { isTrue, resume: () => resume(Effect.void) }
      this.waiting.add(waiter)
      return Effect.sync(() => this.waiting.delete(waiter))
    })
  }

  /** Something has changed: resumes those whose condition holds now. */
  tell(): void {
    for (const waiter of this.waiting) {
      if (!waiter.isTrue()) continue
      this.waiting.delete(waiter)
      waiter.resume()
    }
  }
}
