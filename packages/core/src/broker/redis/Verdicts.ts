/**
 * Waits for the end of jobs. One results channel per process: scripts tell on it which job has ended, and the waiter
 * then reads how. Registering and looking are one script, so that no end falls between them; a slow second look stands
 * behind the messages, as those can be lost.
 */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { randomUUID } from "node:crypto"
import type { BrokerError } from "../../job/BrokerError.ts"
import type { JobId } from "../../job/JobId.ts"
import { isFinal, type JobState } from "../../job/JobState.ts"
import type { Ended } from "../Broker.ts"
import { type Connection, sleep } from "./Connection.ts"
import { plainVerdict } from "./ExchangeCall.ts"
import * as Keys from "./Keys.ts"
import * as Reply from "./Reply.ts"
import { begin, run } from "./Scripts.ts"
import type { Listen } from "./Subscriber.ts"

/** How long (ms, real time) a waiter trusts that it will be told, before it looks again. */
const lookAgainMs = 2_000

/** Waits until a job of the partition with this base has ended; `undefined`: there is no such job. */
export type AwaitVerdict = (base: string, id: JobId) => Effect.Effect<Ended | undefined, BrokerError>

/** What one look finds: how it ended, that there is no such job, or that it lives and we shall be told. */
const lookOf = (reply: Reply.Reply): Ended | "gone" | "lives" => {
  const [first, verdict] = Reply.list(reply)
  if (first === undefined) return "gone"
  if (first === "") return "lives"
  // the script answers names of states
  const state = Reply.text(first) as JobState
  if (!isFinal(state)) throw new Error(`"${state}" is no final state`)
  return { state, verdict: verdict === "" ? plainVerdict : Reply.text(verdict) }
}

/** Who waits for which job: by base, a space and the id, as the messages name it. */
class Waiters {
  private readonly hints = new Map<string, Set<Hint>>()

  readonly tell = (name: string): void => this.hints.get(name)?.forEach((hint) => hint.tell())

  readonly tellAll = (): void => [...this.hints.keys()].forEach(this.tell)

  /** Runs `use` with a hint that is told of the job's end from now on. */
  hinted<A, E>(name: string, use: (hint: Hint) => Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.acquireUseRelease(
      Effect.sync(() => {
        const hint = new Hint()
        this.hints.set(name, (this.hints.get(name) ?? new Set()).add(hint))
        return hint
      }),
      use,
      (hint) =>
        Effect.sync(() => {
          const left = this.hints.get(name)
          left?.delete(hint)
          if (left?.size === 0) this.hints.delete(name)
        })
    )
  }
}

/** A message that may come before anybody waits for it. */
class Hint {
  private isTold = false
  private resume: (() => void) | undefined

  tell(): void {
    this.isTold = true
    this.resume?.()
  }

  /** Waits for what was told since the last wait. */
  readonly wait: Effect.Effect<void> = Effect.callback((resume) => {
    this.resume = () => {
      this.isTold = false
      this.resume = undefined
      resume(Effect.void)
    }
    if (this.isTold) this.resume()
    // who stopped waiting must not take the next message
    return Effect.sync(() => {
      this.resume = undefined
    })
  })
}

/** Makes the waiters of a broker; their channel is subscribed at the first use. */
export const make: (
  prefix: string,
  connection: Connection,
  listen: Listen
) => Effect.Effect<AwaitVerdict, never, Scope.Scope> = Effect.fnUntraced(
  function*(prefix: string, connection: Connection, listen: Listen) {
    const scope = yield* Effect.scope
    const one = yield* Semaphore.make(1)
    const channel = Keys.resultsChannel(prefix, randomUUID())
    const waiters = new Waiters()
    let isSubscribed = false

    const subscribe = Effect.andThen(
      Scope.provide(listen("await", channel, { onMessage: waiters.tell, onMissed: waiters.tellAll }), scope),
      Effect.sync(() => {
        isSubscribed = true
      })
    )
    const subscribeOnce = one.withPermits(1)(Effect.suspend(() => isSubscribed ? Effect.void : subscribe))

    const look = (base: string, id: JobId) => {
      const args = begin("await", base)
      args.push("", id, channel)
      return Effect.map(run(connection, "await", "await", args), lookOf)
    }

    const wait = Effect.fnUntraced(function*(base: string, id: JobId, hint: Hint) {
      while (true) {
        const found = yield* look(base, id)
        if (found === "gone") return undefined
        if (found !== "lives") return found
        // the first waiter subscribes, and looks again: what was told before the subscription stood is lost
        yield* isSubscribed ? Effect.raceFirst(hint.wait, sleep(lookAgainMs)) : subscribeOnce
      }
    })

    return (base, id) => waiters.hinted(`${base} ${id}`, (hint) => wait(base, id, hint))
  }
)
