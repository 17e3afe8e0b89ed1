/**
 * The program `sluice-producer`: reads its settings, reaches Redis, serves until it is told to stop.
 *
 * It is one effect that ends only by interruption or failure; `bin.ts` runs it and turns its end into an exit code. With
 * `--print-config` it shows its settings and ends.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { Telemetry } from "@sluice/core/telemetry"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { templates } from "../http/templates.ts"
import * as Producer from "../Producer.ts"
import { printConfig } from "../settings/printConfig.ts"
import { findSettings, InvalidSettings, type Source } from "../settings/readSettings.ts"
import { redisTable, table } from "../settings/table.ts"
import { isLoopback, toOptions } from "../settings/toOptions.ts"
import { type Loaded, loadSettings } from "./loadSettings.ts"
import * as NodeServer from "./NodeServer.ts"
import { patiently } from "./patiently.ts"
import { sources } from "./sources.ts"

const server = ({ settings, tls }: Loaded) =>
  NodeServer.layer({
    host: settings.host,
    port: settings.port,
    tls,
    headersTimeoutMs: settings.headersTimeoutMs,
    requestTimeoutMs: settings.requestTimeoutMs,
    idleTimeoutMs: settings.idleTimeoutMs,
    keepAliveTimeoutMs: settings.keepAliveTimeoutMs,
    maxConnections: settings.maxConnections,
    maxHeaderBytes: settings.maxHeaderBytes,
    shutdownTimeoutMs: settings.shutdownTimeoutMs
  })

/** Says where it listens, and when that is open to everyone. */
const announce = ({ keys, settings, tls }: Loaded) =>
  Layer.effectDiscard(Effect.gen(function*() {
    const { address } = yield* HttpServer.HttpServer
    const port = "port" in address ? address.port : settings.port
    yield* Effect.logInfo(`listening on ${tls === undefined ? "http" : "https"}://${settings.host}:${port}`)
    if (keys.length === 0 && !isLoopback(settings.host)) {
      yield* Effect.logWarning("there are no API keys: everyone who reaches this address may do everything")
    }
  }))

/** The settings of Redis are read by its broker, from the same places. */
const provider = (places: ReadonlyArray<Source>) =>
  ConfigProvider.layer(
    places.map((place) => place.provider).reduce((first, second) => ConfigProvider.orElse(first, second))
  )

const serve = (loaded: Loaded, places: ReadonlyArray<Source>) => {
  const broker = patiently(RedisBroker.layerConfig, loaded.settings.startupTimeoutMs).pipe(
    Layer.provide(provider(places))
  )
  return Layer.launch(
    announce(loaded).pipe(
      Layer.provideMerge(Producer.layer(toOptions(loaded.settings, loaded.keys))),
      Layer.provide(server(loaded)),
      Layer.provide(NodeCrypto.layerDigest),
      // first of all: a door that opens before the broker answers would let in what can't be served
      Layer.provide(broker)
    )
  ).pipe(
    Effect.tapError((error) => Effect.logFatal("the producer could not start", error)),
    Effect.provide(Telemetry.layer(loaded.settings, { name: "sluice-producer", templates }))
  )
}

const usage = `sluice-producer: takes jobs over HTTP and puts them into Redis.

  sluice-producer                  serve; settings come from SLUICE_* variables and the file .env
  sluice-producer --print-config   show the effective settings, secrets left out, and where each comes from
  sluice-producer --help           show this
`

/** The whole program, by its arguments. */
export const program = Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
  const [first, ...rest] = args
  if (first === "--help" || first === "-h") return yield* Console.log(usage)
  if (first !== undefined && (first !== "--print-config" || rest.length > 0)) {
    return yield* new InvalidSettings({
      problems: [`unknown argument ${first === "--print-config" ? rest[0] : first}`]
    })
  }
  const places = yield* sources
  if (first === "--print-config") {
    yield* Console.log(printConfig(yield* findSettings({ ...table, ...redisTable }, places)))
  }
  // wrong settings are shown as they are, and then refused
  const loaded = yield* loadSettings(places)
  return first === "--print-config" ? undefined : yield* serve(loaded, places)
}, Effect.provide(NodeFileSystem.layer))
