import { Consumer } from "@sluice/consumer"
import { MemoryBroker, Task } from "@sluice/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"

class Greet extends Task.make("Greet", { payload: { name: Schema.String }, success: Schema.String }) {}

const App = Consumer.layer({ tasks: [Greet], queues: { default: { concurrency: 4 } } }).pipe(
  Layer.provide(Greet.toLayer(({ name }) => Effect.succeed(`hello ${name}`))),
  Layer.provideMerge(MemoryBroker.layer)
)

describe("Consumer.layer", () => {
  it.effect("runs a job and answers with its result", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Greet.run({ name: "ada" }), "hello ada")
    }).pipe(Effect.provide(App)))
})
