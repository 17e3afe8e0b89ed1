/**
 * The program `sluice-producer`: reads its settings, reaches Redis, serves until it is told to stop.
 *
 * It is one effect that ends only by interruption or failure; `bin.ts` runs it and turns its end into an exit code.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { patiently, redisOptions, runProgram } from "@sluice/core/program"
import * as RedisBroker from "@sluice/core/RedisBroker"
import { Telemetry } from "@sluice/core/telemetry"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { templates } from "../http/templates.ts"
import * as Producer from "../Producer.ts"
import { table } from "../settings/table.ts"
import { isLoopback, toOptions } from "../settings/toOptions.ts"
import { type Loaded, loadSettings } from "./loadSettings.ts"
import * as NodeServer from "./NodeServer.ts"

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
const announce = ({ keys, settings, tls }: Loaded, version: string) =>
  Layer.effectDiscard(Effect.gen(function*() {
    const { address } = yield* HttpServer.HttpServer
    const port = "port" in address ? address.port : settings.port
    yield* Effect.logInfo(`listening on ${tls === undefined ? "http" : "https"}://${settings.host}:${port}`).pipe(
      Effect.annotateLogs({ version })
    )
    if (keys.length === 0 && !isLoopback(settings.host)) {
      yield* Effect.logWarning("there are no API keys: everyone who reaches this address may do everything")
    }
  }))

const serve = (loaded: Loaded, version: string) => {
  const broker = patiently(RedisBroker.layer(redisOptions(loaded.settings)), loaded.settings.startupTimeoutMs)
  return Layer.launch(
    announce(loaded, version).pipe(
      Layer.provideMerge(Producer.layer(toOptions(loaded.settings, loaded.keys))),
      Layer.provide(server(loaded)),
      Layer.provide(NodeCrypto.layerDigest),
      // first of all: a door that opens before the broker answers would let in what can't be served
      Layer.provide(broker)
    )
  ).pipe(
    Effect.tapError((error) => Effect.logFatal("the producer could not start", error)),
    Effect.provide(Telemetry.layer(loaded.settings, { name: "sluice-producer", version, templates }))
  )
}

const usage = `sluice-producer: takes jobs over HTTP and puts them into Redis.

  sluice-producer                  serve; settings come from SLUICE_* variables and the file .env
  sluice-producer --print-config   show the effective settings, secrets left out, and where each comes from
  sluice-producer --settings       list every setting with its default, as a table in Markdown
  sluice-producer --version        show the version
  sluice-producer --help           show this

SIGTERM and SIGINT let requests under way finish; a second one ends the program there and then.

Exit codes: 0 stopped; 1 could not start, or failed; 2 wrong settings or arguments, nothing was started; 130, 143 ended by
a second signal.
`

/** The whole program, by its arguments and its version. */
export const program = (args: ReadonlyArray<string>, version: string) =>
  runProgram(args, { usage, version, table, load: loadSettings, serve: (loaded) => serve(loaded, version) }).pipe(
    Effect.provide(NodeFileSystem.layer)
  )
