/**
 * The program `sluice-consumer`: reads its settings, loads its handlers, reaches Redis, and runs jobs until it is told to
 * stop.
 *
 * It is one effect that ends only by interruption or failure; `bin.ts` runs it and turns its end into an exit code. Wrong
 * settings and handlers that are not all there are found before Redis is reached, and nothing is claimed.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { InvalidSettings, patiently, redisOptions, runProgram } from "@sluice/core/program"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { Telemetry } from "@sluice/core/telemetry"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Consumer from "../Consumer.ts"
import { buildHandlers } from "./buildHandlers.ts"
import type { Drain } from "./Drain.ts"
import * as HealthServer from "./HealthServer.ts"
import { type Loaded, loadSettings } from "./loadSettings.ts"
import { Probes } from "./Probes.ts"
import { table } from "./table.ts"

/** What the program is told from outside. */
export interface Call {
  readonly args: ReadonlyArray<string>
  /** The folder that paths are relative to. */
  readonly folder: string
  /** What commands may be given of it. Settings come from the `ConfigProvider`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly version: string
  /** Told of the end, and where a second signal hurries it. */
  readonly drain: Drain
}

/** Consumes, and shows how it does to the probes, and to the drain when it has ended. */
const consume = ({ drain, version }: Call, { plan, settings }: Loaded) =>
  Layer.effectDiscard(Effect.gen(function*() {
    const health = yield* Consumer.ConsumerHealth
    const probes = yield* Probes
    probes.watch(health)
    drain.watch(health)
    const queues = Object.entries(plan.queues).map(([name, { concurrency }]) => `${name}:${concurrency}`)
    yield* Effect.logInfo("consuming").pipe(Effect.annotateLogs({ version, consumer: health.consumer, queues }))
    yield* Effect.addFinalizer(() => Effect.logInfo("stopping: nothing more is claimed, running handlers may finish"))
    const hurried = Effect.logWarning("hurried: running handlers are interrupted, their jobs are given back")
    yield* Effect.forkDetach(Effect.andThen(drain.hurry, hurried))
  })).pipe(
    Layer.provide(Consumer.layer({
      tasks: plan.tasks,
      queues: plan.queues,
      concurrency: settings.totalConcurrency,
      version,
      name: settings.name,
      grace: settings.shutdownTimeoutMs,
      hurry: drain.hurry,
      lease: settings.leaseMs,
      poll: settings.pollMs,
      interruptGrace: settings.interruptGraceMs,
      unreachable: settings.unreachableMs,
      maintenance: settings.maintenance
    }))
  )

/** Tasks that this process knows and does not run, as no queue of theirs is consumed here. */
const sayLeftOut = ({ plan }: Loaded) =>
  plan.leftOut.length === 0 ? Effect.void : Effect.logInfo(
    `not consumed here: ${plan.leftOut.map(({ _tag, queue }) => `${_tag} (queue ${queue.name})`).join(", ")}`
  )

const serve = (call: Call, loaded: Loaded) => {
  const { handlers, plan, settings } = loaded
  const broker = patiently(RedisBroker.layer(redisOptions(settings)), settings.startupTimeoutMs)
  // probes are answered from the first moment to the last, so their server is the outermost
  const health = settings.health
    ? HealthServer.layer({
      host: settings.healthHost,
      port: settings.healthPort,
      metrics: settings.metrics,
      metricsToken: settings.metricsToken
    })
    : Layer.empty
  const numbers = Telemetry.queueNumbers({ queues: Object.keys(plan.queues) })
  const app = Layer.merge(consume(call, loaded), numbers).pipe(
    Layer.provide(buildHandlers(handlers).layer),
    Layer.provide(broker),
    Layer.provide(health),
    Layer.provide(Probes.layer)
  )
  return Effect.andThen(sayLeftOut(loaded), Layer.launch(app)).pipe(
    Effect.tapError((error) =>
      error instanceof InvalidSettings
        ? Effect.void
        : Effect.logFatal("the consumer could not start; nothing was claimed", error)
    ),
    Effect.provide(Telemetry.layer(settings, {
      name: "sluice-consumer",
      version: call.version,
      templates: HealthServer.templates
    }))
  )
}

const usage = `sluice-consumer: takes jobs out of Redis and runs their handlers.

  sluice-consumer                  run; settings come from SLUICE_* variables and the file .env
  sluice-consumer --print-config   show the effective settings, secrets left out, and where each comes from
  sluice-consumer --settings       list every setting with its default, as a table in Markdown
  sluice-consumer --version        show the version
  sluice-consumer --help           show this

What it runs: the handlers of the module that SLUICE_HANDLERS names, deliveries over HTTP (SLUICE_HTTP_TARGETS,
SLUICE_HTTP_ALLOW) and programs (SLUICE_COMMANDS). SIGTERM and SIGINT let running jobs finish; a second one gives them back
at once, a third one ends the program there and then.

Exit codes: 0 stopped, all jobs finished; 1 could not start, or failed; 2 wrong settings, arguments or partitions,
nothing was claimed;
3 stopped, but jobs had to be given back or could not be settled; 130, 143 ended by a third signal.
`

/** The whole program. */
export const program = (call: Call) =>
  runProgram(call.args, {
    usage,
    version: call.version,
    table,
    load: (places) => loadSettings(places, call),
    serve: (loaded) => serve(call, loaded)
  }).pipe(Effect.provide(NodeFileSystem.layer))
