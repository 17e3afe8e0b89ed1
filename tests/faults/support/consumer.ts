/**
 * A consumer process of the fault tests: runs `Work` and `Poison`, and tells the journal of each handler and of its
 * health. Started by `World`; ends on SIGTERM, gracefully, with exit code 0.
 *
 * It is made as an application would make it, but that it sweeps often: a rescue is to take a lease and no more.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Consumer, ConsumerHealth } from "@sluice/consumer"
import { Promoter, Pruner, Rescuer } from "@sluice/core"
import * as RedisBroker from "@sluice/core/RedisBroker"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { type Health, writer } from "./Journal.ts"
import { consumerSettings } from "./Settings.ts"
import { Poison, queue, Work } from "./tasks.ts"
import { workOf } from "./work.ts"

const own = consumerSettings()
const tell = writer(own.journal, own.name)

const healthOf = Effect.fnUntraced(function*(health: ConsumerHealth["Service"]) {
  const { live, ready, reasons } = yield* health.check
  const { lostLeases, lostSettlements, watchdogRestarts } = (yield* health.queues)[queue.name]!
  return { live, ready, reasons, lostLeases, lostSettlements, watchdogRestarts } satisfies Health
})

/** Tells of the health whenever it is another one; reasons alone, which hold times, do not count. */
const watchHealth = Effect.gen(function*() {
  const health = yield* ConsumerHealth
  let last = ""
  for (;;) {
    const now = yield* healthOf(health)
    const key = JSON.stringify({ ...now, reasons: [] })
    if (key !== last) tell({ type: "health", ...now })
    last = key
    yield* Effect.sleep(20)
  }
})

const ConsumerLive = Consumer.layer({
  tasks: [Work, Poison],
  queues: { faults: { concurrency: own.concurrency } },
  name: own.name,
  lease: own.leaseMs,
  poll: own.pollMs,
  grace: own.graceMs,
  unreachable: own.unreachableMs,
  maintenance: false
}).pipe(Layer.provide(workOf(own, tell)))

const DutiesLive = Layer.mergeAll(
  Promoter.layer({ queues: [queue], every: 100 }),
  Rescuer.layer({ queues: [queue], every: 100 }),
  Pruner.layer({ queues: [queue], every: 500 })
)

const App = Layer.mergeAll(Layer.effectDiscard(Effect.forkScoped(watchHealth)), DutiesLive).pipe(
  Layer.merge(Layer.effectDiscard(Effect.sync(() => tell({ type: "up", pid: process.pid })))),
  Layer.provideMerge(ConsumerLive),
  Layer.provide(RedisBroker.layer({ url: own.redisUrl, deadline: own.deadlineMs }))
)

NodeRuntime.runMain(Layer.launch(App), {
  teardown: (exit, onExit) => {
    tell({ type: "down" })
    onExit(Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? 0 : 1)
  }
})
