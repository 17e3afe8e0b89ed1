/**
 * What the compiler has to say about `Consumer.layer`: every mistake of wiring is an error where it is made.
 */
import { Consumer, ConsumerHealth } from "@sluice/consumer"
import { type Broker, CurrentJob, type Handler, JobQueue, MemoryBroker, Task } from "@sluice/core"
import type { PartitionMismatch } from "@sluice/core/BrokerError"
import { Context, Effect, Layer, Schema } from "effect"
import { expectTypeOf } from "vitest"

class Smtp extends Context.Service<Smtp, { readonly send: (to: string) => Effect.Effect<void> }>()("test/Smtp") {}
class SendEmail extends Task.make("SendEmail", { queue: "emails", payload: { to: Schema.String } }) {}
class Cleanup extends Task.make("Cleanup") {}
class Archive extends Task.make("Archive", { queue: JobQueue.make("archive", { partitions: 3 }) }) {}

const SendEmailLive = SendEmail.toLayer(({ to }) => Smtp.use((smtp) => smtp.send(to)))
const CleanupLive = Cleanup.toLayer(() => Effect.asVoid(CurrentJob))
const queues = { emails: { concurrency: 50 }, default: { concurrency: 5 } }

// without its handlers it asks for the broker and for each of them
const Open = Consumer.layer({ tasks: [SendEmail, Cleanup], queues })
expectTypeOf(Open).toEqualTypeOf<
  Layer.Layer<ConsumerHealth, PartitionMismatch, Broker | Handler<"SendEmail"> | Handler<"Cleanup">>
>()

// with them, for the broker and for what the handlers need; CurrentJob is the consumer's own
const App = Open.pipe(Layer.provide(Layer.mergeAll(SendEmailLive, CleanupLive)))
expectTypeOf(App).toEqualTypeOf<Layer.Layer<ConsumerHealth, PartitionMismatch, Broker | Smtp>>()

const SmtpLive = Layer.succeed(Smtp, { send: () => Effect.void })
const Whole = App.pipe(Layer.provide(SmtpLive), Layer.provideMerge(MemoryBroker.layer))
export const program: Effect.Effect<never, PartitionMismatch> = Layer.launch(Whole)

// a queue with settings of its own goes by its name
Consumer.layer({ tasks: [Archive], queues: { archive: { concurrency: 1 } } })

// each process option
Consumer.layer({
  tasks: [Cleanup],
  queues: { default: { concurrency: 1, lanes: 1, lease: "1 minute", poll: "1 second" } },
  name: "worker",
  grace: "25 seconds",
  lease: "30 seconds",
  poll: undefined,
  interruptGrace: "10 seconds",
  unreachable: "1 minute",
  maintenance: false
})

// the health is there for whoever builds on the layer
export const live: Effect.Effect<boolean, PartitionMismatch> = ConsumerHealth.use(({ check }) => check).pipe(
  Effect.map((check) => check.live),
  Effect.provide(Whole)
)

// a forgotten handler
// @ts-expect-error Handler<"SendEmail"> is still asked for
export const forgotten: Effect.Effect<never, PartitionMismatch> = Layer.launch(
  Open.pipe(Layer.provide(CleanupLive), Layer.provide(MemoryBroker.layer))
)

// a misspelt queue
Consumer.layer({
  tasks: [SendEmail],
  queues: {
    // @ts-expect-error "emials" is not a queue of these tasks
    emials: { concurrency: 1 }
  }
})

// a forgotten queue
Consumer.layer({
  tasks: [SendEmail, Cleanup],
  // @ts-expect-error the options of "default" are missing
  queues: { emails: { concurrency: 1 } }
})

// a queue of no task
Consumer.layer({
  tasks: [Cleanup],
  queues: {
    default: { concurrency: 1 },
    // @ts-expect-error no task is in "emails"
    emails: { concurrency: 1 }
  }
})

// no concurrency
Consumer.layer({
  tasks: [Cleanup],
  queues: {
    // @ts-expect-error concurrency has no default
    default: {}
  }
})

// slots shared by all queues
Consumer.layer({
  tasks: [SendEmail, Cleanup],
  concurrency: 20,
  queues: { emails: { concurrency: 20, weight: 2.5 }, default: { concurrency: 5, priority: undefined } }
})

// a weight is a number
Consumer.layer({
  tasks: [Cleanup],
  concurrency: 20,
  queues: {
    default: {
      concurrency: 20,
      // @ts-expect-error Type 'string' is not assignable to type 'number'
      weight: "high"
    }
  }
})

// what is shared does not take a queue's own concurrency away
Consumer.layer({
  tasks: [Cleanup],
  concurrency: 20,
  queues: {
    // @ts-expect-error concurrency has no default
    default: { weight: 1 }
  }
})

// no broker
// @ts-expect-error Broker is still asked for
export const noBroker: Effect.Effect<never, PartitionMismatch> = Layer.launch(App.pipe(Layer.provide(SmtpLive)))

// a service of a handler is missing
// @ts-expect-error Smtp is still asked for
export const noSmtp: Effect.Effect<never, PartitionMismatch> = Layer.launch(App.pipe(Layer.provide(MemoryBroker.layer)))
