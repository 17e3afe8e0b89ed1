/**
 * Tells the registry who consumes here and which tasks it knows: publishes the tasks at start, beats every 10 seconds,
 * and leaves when the consumer has stopped.
 *
 * A broker may come without a registry: then its consumers are not listed, and that is all. Jobs never wait for it, and
 * nothing depends on it: when the registry can't be told, this consumer is only not listed until a beat arrives.
 */
import type { BrokerError } from "@sluice/core/BrokerError"
import { type ConsumerInfo, Registry } from "@sluice/core/Registry"
import type { Any } from "@sluice/core/Task"
import * as TaskInfo from "@sluice/core/TaskInfo"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import { hostname } from "node:os"
import { pid } from "node:process"
import type { Host } from "./Host.ts"
import type { QueueEngine } from "./QueueEngine.ts"

/** What a presence needs. */
export interface Options {
  readonly host: Host
  /** The name of this process's consumer. */
  readonly consumer: string
  /** The version of the application; `undefined`: it did not say. */
  readonly version: string | undefined
  readonly tasks: ReadonlyArray<Any>
  readonly engines: ReadonlyArray<QueueEngine>
}

/** How often (ms) it beats: six times before it would be listed no more. */
export const beatMs = 10_000
/** Every how many beats the tasks are published again: ten minutes, in case the registry has lost them. */
const beatsPerPublish = 60
/** How long (ms) a stop waits at most to tell that the consumer has left. */
const leaveMs = 1000

/** See the module. */
export class Presence {
  private readonly options: Options
  private readonly registry: Registry["Service"]
  private readonly startedAtMs: number
  private readonly hurried = Latch.makeUnsafe(false)
  private state: ConsumerInfo["state"] = "running"
  private beats = 0
  private told: string | undefined
  private fiber: Fiber.Fiber<never> | undefined

  constructor(options: Options, registry: Registry["Service"]) {
    this.options = options
    this.registry = registry
    this.startedAtMs = options.host.wallMs()
  }

  /** Begins to publish and to beat. */
  start(): void {
    this.fiber = this.options.host.fork(Effect.forever(Effect.suspend(() => this.once()), { disableYield: true }))
  }

  /** Says at the next beat, which comes at once, that the consumer claims nothing more. */
  stopping(): void {
    this.state = "stopping"
    this.hurried.openUnsafe()
  }

  /** Beats no more, and says that the consumer has ended; waits for that at most `withinMs`, and a second. */
  leave(withinMs: number): Effect.Effect<void> {
    this.fiber?.interruptUnsafe()
    return Effect.asVoid(Effect.timeoutOption(
      Effect.ignoreCause(this.registry.leave(this.options.consumer)),
      Math.max(0, Math.min(withinMs, leaveMs))
    ))
  }

  private readonly once = Effect.fnUntraced({ self: this }, function*(this: Presence) {
    this.hurried.closeUnsafe()
    yield* Effect.matchEffect(this.tell(), {
      onFailure: (error) => this.warn(error),
      onSuccess: () =>
        Effect.sync(() => {
          this.told = undefined
        })
    })
    yield* Effect.timeoutOption(this.hurried.await, beatMs)
  })

  private tell(): Effect.Effect<void, BrokerError> {
    const publish = this.beats % beatsPerPublish === 0
      ? this.registry.publish(this.options.tasks.map(TaskInfo.of))
      : Effect.void
    // only a beat that arrived counts, so that what could not be published is published with the next one
    const counted = Effect.sync(() => {
      this.beats++
    })
    return publish.pipe(Effect.andThen(this.registry.beat(this.info())), Effect.andThen(counted))
  }

  private info(): ConsumerInfo {
    const { consumer, engines, version } = this.options
    const queues = engines.map((engine) => {
      const { concurrency, running } = engine.report()
      return { queue: engine.queue.name, concurrency, running }
    })
    return { name: consumer, host: hostname(), pid, version, queues, startedAtMs: this.startedAtMs, state: this.state }
  }

  /** Once for each reason; that the broker is away is told by the queues' own loops. */
  private warn({ message, reason }: BrokerError): Effect.Effect<void> {
    if (reason._tag === "BrokerUnavailable" || this.told === message) return Effect.void
    this.told = message
    return Effect.logWarning(`This consumer may not be listed, nor its tasks be known: ${message}`)
  }
}

/** Starts one, where the consumer's context has a registry. */
export const start = (options: Options): Presence | undefined => {
  const registry = Context.getOption(options.host.context, Registry)
  if (Option.isNone(registry)) return undefined
  const presence = new Presence(options, registry.value)
  presence.start()
  return presence
}
